/** Adjusted p-values for several tests at once. */

/** Holm (1979): controls the chance of any false rejection under any dependence. Order of the input is kept. */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = ascending(pValues);
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  order.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = running;
  });
  return adjusted;
}

/** Benjamini & Hochberg (1995): controls the false-discovery rate of independent or positively dependent tests. */
export function benjaminiHochbergAdjusted(pValues: readonly number[]): number[] {
  const order = ascending(pValues).reverse();
  const adjusted = new Array<number>(pValues.length);
  let running = 1;
  order.forEach((index, position) => {
    const rank = pValues.length - position;
    running = Math.min(running, (pValues[index]! * pValues.length) / rank);
    adjusted[index] = running;
  });
  return adjusted;
}

/** Benjamini & Yekutieli (2001): controls the false-discovery rate under any dependence; larger by Σ 1/i than the former. */
export function benjaminiYekutieliAdjusted(pValues: readonly number[]): number[] {
  let harmonic = 0;
  for (let rank = 1; rank <= pValues.length; rank++) harmonic += 1 / rank;
  return benjaminiHochbergAdjusted(pValues).map((p) => Math.min(1, harmonic * p));
}

function ascending(pValues: readonly number[]): number[] {
  for (const p of pValues)
    if (!(p >= 0 && p <= 1)) throw new RangeError(`a p-value lies in [0, 1], not ${p}`);
  return pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]! || a - b);
}
