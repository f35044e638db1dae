/** Long series in few points. */

/**
 * Which values a line needs so that it looks as if all of them were drawn: the first and the last, and of each stretch
 * of equal length the lowest, the highest and the first that is no finite number, so that neither a peak nor a gap is
 * lost.
 * @param most at least 5. @returns indices in rising order, at most `most`; all of them where there are no more.
 */
export function extremes(values: readonly number[], most: number): number[] {
  if (values.length <= most) return values.map((_, index) => index);
  const stretches = Math.floor((most - 2) / 3);
  const chosen = new Set([0, values.length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const [from, to] = [stretch, stretch + 1].map((end) => Math.floor((end * values.length) / stretches)) as [
      number,
      number,
    ];
    let [lowest, highest, broken] = [-1, -1, -1];
    for (let index = from; index < to; index++) {
      const value = values[index]!;
      if (!Number.isFinite(value)) {
        if (broken < 0) broken = index;
        continue;
      }
      if (lowest < 0 || value < values[lowest]!) lowest = index;
      if (highest < 0 || value > values[highest]!) highest = index;
    }
    for (const index of [lowest, highest, broken]) if (index >= 0) chosen.add(index);
  }
  return [...chosen].sort((a, b) => a - b);
}
