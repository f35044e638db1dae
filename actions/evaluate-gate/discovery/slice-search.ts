/**
 * Searches all slices of one and of two features for those in which the loss is larger than elsewhere. Each slice is
 * tested against all other rows: exactly (hypergeometric) where the loss is 0 or 1, by Welch's test otherwise; the
 * false-discovery rate is held by Benjamini and Hochberg's procedure over every slice tested. Of those that remain the
 * one with the highest lower confidence bound of its excess comes first. Its rows are taken out and the search begins
 * again, since most of what else looks weak only overlaps the slice that is.
 */
import { hypergeometricAtLeast } from '../../../shared/stats/hypergeometric.ts';
import { moverInterval, sampleShare } from '../../../shared/stats/independent-samples.ts';
import { benjaminiHochbergAdjusted } from '../../../shared/stats/multiple-testing.ts';
import type { Interval } from '../../../shared/stats/paired-proportions.ts';
import { type Moments, welchComparison, welchInterval } from '../../../shared/stats/welch.ts';
import { type CellTable, countCells, type ExploredFeature, type Sums } from './cell-table.ts';

export interface SliceQuestion {
  features: readonly ExploredFeature[];
  /** Of each row, finite. */
  loss: Float64Array;
  /** Fewest rows of a slice, and of the rows outside it. */
  minSamples: number;
  /** In (0, 1). */
  falseDiscoveryRate: number;
  /** Two-sided, of the excess by which slices are ranked. */
  confidence: number;
  /** At most so many are reported. */
  limit: number;
}

export interface FoundSlice {
  /** The value of each feature. */
  features: Record<string, string>;
  /** Its rows, without those of the slices found before it; so are all numbers here. */
  rows: Int32Array;
  /** Mean loss. */
  inside: number;
  outside: number;
  /** Of inside minus outside, not corrected for the choice of the slice. */
  interval: Interval;
  adjustedPValue: number;
}

interface Cell {
  table: CellTable;
  values: readonly number[];
  sums: Sums;
}

/** Weak slices, the weakest first; empty where nothing is weak beyond chance. Deterministic. */
export function searchSlices(question: SliceQuestion): FoundSlice[] {
  const { features } = question;
  const isBinary = question.loss.every((loss) => loss === 0 || loss === 1);
  // Sums of squares of numbers far from 0 would lose the variance.
  const centre = isBinary ? 0 : question.loss.reduce((sum, value) => sum + value, 0) / question.loss.length;
  const loss = isBinary ? question.loss : question.loss.map((value) => value - centre);
  const tables = [
    ...features.map((feature) => countCells([feature], loss, isBinary)),
    ...features.flatMap((feature, index) =>
      features.slice(index + 1).map((other) => countCells([feature, other], loss, isBinary)),
    ),
  ];
  const rest = sumsOf(loss);
  const taken = new Uint8Array(loss.length);
  const found: FoundSlice[] = [];
  while (found.length < question.limit) {
    const weakest = weakestCell(tables, rest, isBinary, question);
    if (!weakest) break;
    const rows = rowsOf(weakest.cell, taken);
    const { sums } = weakest.cell;
    found.push({
      features: Object.fromEntries(
        weakest.cell.table.features.map(({ name, labels }, at) => [name, labels[weakest.cell.values[at]!]!]),
      ),
      rows,
      inside: sums.sum / sums.count + centre,
      outside: (rest.sum - sums.sum) / (rest.count - sums.count) + centre,
      interval: weakest.interval,
      adjustedPValue: weakest.adjustedPValue,
    });
    for (const table of tables) table.remove(rows);
    for (const row of rows) taken[row] = 1;
    rest.count -= sums.count;
    rest.sum -= sums.sum;
    rest.squares -= sums.squares;
  }
  return found;
}

function sumsOf(loss: Float64Array): Sums {
  const sums = { count: loss.length, sum: 0, squares: 0 };
  for (const value of loss) {
    sums.sum += value;
    sums.squares += value * value;
  }
  return sums;
}

function weakestCell(
  tables: readonly CellTable[],
  rest: Sums,
  isBinary: boolean,
  { minSamples, falseDiscoveryRate, confidence }: SliceQuestion,
): { cell: Cell; interval: Interval; adjustedPValue: number } | undefined {
  const cells: Cell[] = [];
  for (const table of tables) {
    table.forEach((sums, values) => {
      if (sums.count >= minSamples && rest.count - sums.count >= minSamples)
        cells.push({ table, values, sums });
    });
  }
  const adjusted = benjaminiHochbergAdjusted(
    cells.map(({ sums }) =>
      isBinary
        ? hypergeometricAtLeast(sums.sum, rest.count, rest.sum, sums.count)
        : welchComparison(momentsOf(sums), momentsOf(without(rest, sums))).pValue,
    ),
  );
  let weakest: { cell: Cell; interval: Interval; adjustedPValue: number } | undefined;
  cells.forEach((cell, index) => {
    if (adjusted[index]! > falseDiscoveryRate) return;
    const interval = excess(cell.sums, without(rest, cell.sums), isBinary, confidence);
    // Of slices with the same rows the one of a single feature was counted first.
    if (!weakest || interval[0] > weakest.interval[0])
      weakest = { cell, interval, adjustedPValue: adjusted[index]! };
  });
  return weakest;
}

const without = (all: Sums, part: Sums): Sums => ({
  count: all.count - part.count,
  sum: all.sum - part.sum,
  squares: all.squares - part.squares,
});

function momentsOf({ count, sum, squares }: Sums): Moments {
  const mean = sum / count;
  return { count, mean, variance: Math.max(0, (squares - sum * mean) / (count - 1)) };
}

/** The interval of the mean inside less that outside: Newcombe's (1998, method 10) for shares, Welch's for means. */
function excess(inside: Sums, outside: Sums, isBinary: boolean, confidence: number): Interval {
  if (!isBinary) return welchInterval(welchComparison(momentsOf(inside), momentsOf(outside)), confidence);
  const terms = [
    { factor: 1, estimate: sampleShare(inside.sum, inside.count) },
    { factor: -1, estimate: sampleShare(outside.sum, outside.count) },
  ];
  return moverInterval(terms, (1 - confidence) / 2);
}

function rowsOf({ table, values }: Cell, taken: Uint8Array): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < taken.length; row++) {
    if (taken[row] === 1) continue;
    if (table.features.every(({ codes }, at) => codes[row] === values[at])) rows.push(row);
  }
  return Int32Array.from(rows);
}
