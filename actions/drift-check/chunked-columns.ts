/** One column of both sides, as a whole and chunk by chunk. */
import { sortChunked, splitChunks, walkChunks } from '../../shared/stats/chunk-walk.ts';
import { poolSmallCells } from '../../shared/stats/two-sample.ts';
import { type Chunk, chunkPValue } from './chunks.ts';
import { effectOfCounts, effectOfNumbers } from './column-effects.ts';
import type { ColumnRule } from './column-rule.ts';
import {
  alignNames,
  type ColumnComparison,
  compareCounts,
  compareNumeric,
  countCells,
  NULL_CATEGORY,
} from './compare-columns.ts';
import {
  asCategories,
  type CategoricalValues,
  type ColumnValues,
  type NumericValues,
  sliceColumn,
} from './table.ts';

export interface ChunkedSides {
  reference: Chunk[];
  data: Chunk[];
  /** Whether rows stand in time order, so that chunks decide instead of rows. */
  ordered: boolean;
}

export interface ChunkedComparison {
  comparison: ColumnComparison;
  /** Which p decides. */
  test: 'rows' | 'chunks';
  /** Effect of each chunk against the reference, in the order of the chunks; undefined where it has no value. */
  chunkEffects: (number | undefined)[];
}

export function compareNumericColumn(
  before: NumericValues,
  now: NumericValues,
  { measure, decideOn }: ColumnRule,
  sides: ChunkedSides,
): ChunkedComparison {
  // Chunks cover every row: sorting all of them at once serves the whole and each.
  const reference = sortChunked(before.values, sides.reference);
  const data = sortChunked(now.values, sides.data);
  const { sorted } = reference;
  const comparison = compareNumeric(before, now, measure, sorted, data.sorted, decideOn);
  const both = [
    { values: reference, arePart: true },
    { values: data, arePart: false },
  ];
  if (sorted.length === 0) {
    return {
      comparison,
      test: 'rows',
      chunkEffects: [...sides.reference, ...sides.data].map(() => undefined),
    };
  }
  const walked = both.map(({ values, arePart }) => walkChunks(values, sorted, arePart));
  const deviation = comparison.reference.deviation ?? undefined;
  const isConstant = sorted[0] === sorted.at(-1);
  const chunkEffects = both.flatMap(({ values }, side) => {
    // A constant has no deviation to measure by, and other measures need the values themselves.
    if (measure !== 'wasserstein' || isConstant || deviation === undefined) {
      return splitChunks(values).map((chunk) =>
        chunk.length > 0 ? effectOfNumbers(sorted, chunk, measure, deviation) : undefined,
      );
    }
    return Array.from(walked[side]!.wasserstein, (distance, at) =>
      values.sizes[at]! > 0 ? distance / deviation : undefined,
    );
  });
  let test: ChunkedComparison['test'] = 'rows';
  if (sides.ordered && comparison.values && decideOn !== 'measure') {
    const between = chunkPValue(
      sorted.length,
      { chunks: sides.reference, sizes: reference.sizes, walked: walked[0]! },
      { chunks: sides.data, sizes: data.sizes, walked: walked[1]! },
    );
    if (between !== undefined) {
      comparison.values.pValue = between;
      test = 'chunks';
    }
  }
  return { comparison, test, chunkEffects };
}

export function compareCategoricalColumn(
  before: ColumnValues,
  now: ColumnValues,
  { measure, decideOn }: ColumnRule,
  sides: ChunkedSides,
): ChunkedComparison {
  const reference = asCategories(before);
  const data = asCategories(now);
  const { names, toCell } = alignNames(reference, data);
  const whole = countCells(reference, names.length);
  const chunkEffects = [...sides.reference, ...sides.data].map((chunk) => {
    const isBefore = chunk.part === 'reference';
    const slice = sliceColumn(isBefore ? reference : data, chunk.first, chunk.end) as CategoricalValues;
    const cells = countCells(slice, names.length, isBefore ? undefined : toCell);
    if (decideOn === 'measure') {
      const filled = [reference.codes.length, slice.codes.length].every((rows) => rows > 0);
      return filled ? effectOfCounts(whole, cells, measure) : undefined;
    }
    const pooled = poolSmallCells(whole, cells);
    return pooled.first.length < 2 ? undefined : effectOfCounts(pooled.first, pooled.second, measure);
  });
  const comparison = compareCounts(
    [...names, NULL_CATEGORY],
    whole,
    countCells(data, names.length, toCell),
    measure,
    decideOn,
  );
  return { comparison, test: 'rows', chunkEffects };
}
