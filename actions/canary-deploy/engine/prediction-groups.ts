import { bucketPlace } from './prediction-buckets.ts';

/** Predictions by class or by bucket of their number. */
export type PredictionCounts = Readonly<Record<string, number>>;

const MOST_NUMBER_GROUPS = 10;

/** To which group each prediction belongs; made from what was seen before a look, and fixed while it is judged. */
export interface PredictionGroups {
  count: number;
  /** Upper place of each group of numbers but the last, ascending. */
  edges: number[];
  classes: Map<string, number>;
}

/**
 * Groups for the next look: numbers by the champion's own earlier tenths, each class that was seen by itself, and one
 * group for classes that were not.
 */
export function groupPredictions(champion: PredictionCounts, challenger: PredictionCounts): PredictionGroups {
  const numbers = Object.entries(champion)
    .map(([name, count]) => ({ place: bucketPlace(name), count }))
    .filter((entry): entry is { place: number; count: number } => entry.place !== undefined)
    .sort((a, b) => a.place - b.place);
  const total = numbers.reduce((sum, { count }) => sum + count, 0);
  const edges: number[] = [];
  let seen = 0;
  for (const { place, count } of numbers) {
    seen += count;
    const isFull = seen >= ((edges.length + 1) * total) / MOST_NUMBER_GROUPS;
    // The last group has no edge: what is larger than ever before belongs to it.
    if (isFull && edges.length < MOST_NUMBER_GROUPS - 1 && seen < total) edges.push(place);
  }
  const classes = new Map<string, number>();
  for (const name of [...Object.keys(champion), ...Object.keys(challenger)]) {
    if (bucketPlace(name) === undefined && !classes.has(name))
      classes.set(name, edges.length + 1 + classes.size);
  }
  return { count: edges.length + 2 + classes.size, edges, classes };
}

/** The counts of each group. */
export function countGroups(groups: PredictionGroups, counts: PredictionCounts): number[] {
  const sums = new Array<number>(groups.count).fill(0);
  for (const [name, count] of Object.entries(counts)) sums[groupOf(groups, name)]! += count;
  return sums;
}

function groupOf({ edges, classes, count }: PredictionGroups, name: string): number {
  const place = bucketPlace(name);
  if (place === undefined) return classes.get(name) ?? count - 1;
  const group = edges.findIndex((edge) => place <= edge);
  return group < 0 ? edges.length : group;
}

/** The sum of two counts. */
export function addPredictions(left: PredictionCounts, right: PredictionCounts): PredictionCounts {
  const sum = new Map(Object.entries(left));
  for (const [name, count] of Object.entries(right)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
}
