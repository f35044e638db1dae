/** One line of a simulation: a share of pairs of tables, and the range that it must lie in. */
export interface Line {
  what: string;
  pairs: number;
  share: number;
  limit: { least?: number; most?: number };
  /** An area instead of a share. */
  isArea?: boolean;
}

/** The share of pairs for which `holds`; the number of a pair is its seed. */
export function share(pairs: number, holds: (pair: number) => boolean): number {
  let count = 0;
  for (let pair = 1; pair <= pairs; pair++) if (holds(pair)) count++;
  return count / pairs;
}

/** How far a share of 5 % may lie above that by chance: two standard errors of so many pairs. */
export const nominal = (pairs: number): number => 0.05 + 2 * Math.sqrt((0.05 * 0.95) / pairs);

export const isWithin = ({ share: value, limit }: Line): boolean =>
  value >= (limit.least ?? 0) && value <= (limit.most ?? 1);

export function describeLine(line: Line): string {
  const format = (value: number): string =>
    line.isArea ? value.toFixed(3) : `${(100 * value).toFixed(1)} %`;
  const { least, most } = line.limit;
  const limit = [
    ...(least === undefined ? [] : [`≥ ${format(least)}`]),
    ...(most === undefined ? [] : [`≤ ${format(most)}`]),
  ].join(', ');
  return `| ${line.what} | ${line.pairs} | ${format(line.share)} | ${limit} |`;
}
