/** What a profile says of a column of numbers or times, from all its values. Pure. */
import type { ColumnSketch } from '../records/data-profile.ts';
import { valueRuns } from '../stats/value-runs.ts';
import { listable } from './base-sketch.ts';
import { columnKind } from './columns.ts';
import { readingOf } from './number-reading.ts';
import { sharedQuantiles } from './quantiles.ts';
import { roundToScale } from './round-to-scale.ts';
import { LISTED_VALUES, type ProfiledColumn } from './sketch-queries.ts';
import {
  countBetween,
  finiteRuns,
  inOrder,
  momentsOf,
  mostFrequent,
  type RepeatedValue,
} from './sorted-sketch.ts';

/** A column of which each value is a DOUBLE of its own. */
export interface NumbersColumn extends ProfiledColumn {
  /** Rows with a value. */
  count: number;
}

export interface NumbersSketch {
  /** Without the listed values, whose texts only the engine knows. */
  sketch: ColumnSketch;
  listed: readonly RepeatedValue[];
}

/**
 * Takes the memory of the numbers.
 * @param numbers one for each row with a value, in any order, as `readingOf` says.
 * @param options.spare room for as many numbers. @param options.edges of the histogram; without, it gets its own.
 */
export function sketchNumbers(
  column: NumbersColumn,
  numbers: Float64Array,
  options: { spare: Float64Array; rowCount: number; edges: readonly number[] | undefined },
): NumbersSketch {
  const { spare, rowCount, edges: given } = options;
  const runs = valueRuns(numbers, spare);
  const distinct = runs.values.length;
  const top = mostFrequent(runs, LISTED_VALUES);
  const finite = finiteRuns(runs);
  const statistic = readingOf(column.type)?.statistic;
  if (statistic) {
    const { values } = finite;
    for (let at = 0; at < values.length; at++) values[at] = statistic(values[at]!);
  }
  const moments = momentsOf(finite);
  const scale = moments ? Math.max(Math.abs(moments.minimum), Math.abs(moments.maximum)) : 0;
  const quantiles = sharedQuantiles(inOrder(finite));
  const edges = given && given.length > 0 ? given : (quantiles?.edges ?? []);
  const sketch: ColumnSketch = {
    name: column.name,
    type: column.type,
    kind: columnKind(column.type),
    count: column.count,
    nulls: rowCount - column.count,
    distinct,
    moments: moments && {
      ...moments,
      mean: roundToScale(moments.mean, scale),
      standardDeviation: roundToScale(moments.standardDeviation, scale),
    },
    quantiles: quantiles?.reported ?? null,
    histogram: edges.length === 0 ? null : { edges: [...edges], counts: countBetween(finite, edges) },
    top: null,
  };
  return { sketch, listed: listable(column, distinct, top) };
}
