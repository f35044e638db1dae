/** A series of numbers as one line of text, for places that show no pictures. */

const BARS = '▁▂▃▄▅▆▇█';
const GAP = '·';

/**
 * One character per value, in order: the least is `▁`, the most `█`, in eight steps of equal height between.
 * What is missing or not finite is `·`; where all values are equal, each is `▄`.
 */
export function sparkline(values: readonly (number | null)[]): string {
  const finite = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  // By halves, since the distance of two huge numbers need not be finite.
  const range = high / 2 - low / 2;
  return values
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return GAP;
      if (range === 0) return BARS[3];
      return BARS[Math.min(7, Math.floor(((value / 2 - low / 2) / range) * 8))];
    })
    .join('');
}
