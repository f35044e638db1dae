/** Single points of a curve, for tables and for lines of block characters. */

type Point = readonly [x: number, y: number];

/**
 * The height of a curve at a place between its points, on the straight line between its neighbours.
 * @param points in order of x, at least one; where several have the same x, the last of them counts.
 */
export function heightAt(points: readonly Point[], x: number): number {
  const after = points.findIndex((point) => point[0] > x);
  if (after === 0) return points[0]![1];
  if (after === -1) return points.at(-1)![1];
  const [left, right] = [points[after - 1]!, points[after]!];
  const share = (x - left[0]) / (right[0] - left[0]);
  return left[1] + share * (right[1] - left[1]);
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/** A line of blocks whose heights stand for values from 0 to 1; a value that is not known is a space. */
export function blockLine(values: readonly (number | null)[]): string {
  return values
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return ' ';
      return BLOCKS[Math.min(7, Math.max(0, Math.floor(value * 8)))];
    })
    .join('');
}
