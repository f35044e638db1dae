/** HAProxy's largest weight. */
const LARGEST = 256;
/** Per cent that an arm can have at least, beside the other one: one request of the largest sum. */
export const SMALLEST_PERCENT = 100 / LARGEST;

/**
 * Weights of two servers whose shares come as near to a split as they can; of equally near ones the smallest, with
 * which the share is reached after the fewest requests. Their sum is at most HAProxy's largest weight.
 * @param percent for the challenger, 0 to 100.
 */
export function splitWeights(percent: number): { champion: number; challenger: number } {
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`a weight is 0 to 100, not ${percent}`);
  const share = percent / 100;
  let best = { champion: 1, challenger: 1, distance: Number.POSITIVE_INFINITY };
  for (let sum = 2; sum <= LARGEST; sum += 1) {
    const challenger = Math.round(share * sum);
    const distance = Math.abs(challenger / sum - share);
    if (distance < best.distance - 1e-12) best = { champion: sum - challenger, challenger, distance };
  }
  return { champion: best.champion, challenger: best.challenger };
}
