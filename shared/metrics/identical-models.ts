/**
 * Whether two files of predictions come from the same model, as far as rows can show. Labels that agree everywhere do
 * not show it: of two different models the one may just not have met the rows on which it is worse (of n rows without
 * a difference a share of 3.7/n may differ), so such rows are an estimate with an interval. Scores and predicted
 * numbers that are equal to the last bit in every row do show it: a model is no worse than itself by construction.
 */
import type { Rows } from './rows.ts';

/** With fewer different numbers than this a column of scores is no finer than labels. */
const FINE = 25;

/** True where every column of both sides is equal in every row and one of them is of fine numbers. */
export function areIdentical(first: Rows, second: Rows): boolean {
  const [columns, others] = [columnsOf(first), columnsOf(second)];
  return (
    columns.every((column, index) => isSame(column, others[index])) &&
    columns.some((column) => column !== undefined && isFine(column))
  );
}

const columnsOf = (rows: Rows): (Float64Array | undefined)[] => [
  rows.predicted,
  rows.score,
  ...(rows.classScores ?? []),
  ...(rows.labels ?? []).flatMap((label) => [label.predicted, label.score]),
];

function isSame(first: Float64Array | undefined, second: Float64Array | undefined): boolean {
  if (first === undefined || second === undefined) return first === second;
  return first.length === second.length && first.every((value, row) => Object.is(value, second[row]));
}

/** Labels, classes, passes and ranks are whole numbers; a model's scores and amounts are not. */
function isFine(column: Float64Array): boolean {
  const seen = new Set<number>();
  for (const value of column) {
    if (Number.isFinite(value) && !Number.isInteger(value)) seen.add(value);
    if (seen.size >= FINE) return true;
  }
  return false;
}
