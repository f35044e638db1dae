/**
 * Rows of a classifier whose labels are not known: scores calibrated on labelled rows say how likely each class is,
 * and every row stands there once per class, weighted by that. A metric of such rows is its expected value.
 */
import { type Calibration, calibrated, fitCalibration } from '../../../shared/stats/isotonic.ts';
import type { ScoredRows } from '../performance.ts';
import type { DriftTable } from '../table.ts';

/** One calibration for two classes, one per class for more. */
export type OutcomeModel = readonly Calibration[];

/** The columns that are calibrated: the score of 1, or those of the classes. */
export const scoresOf = (rows: Pick<ScoredRows, 'scores' | 'classScores'>): readonly Float64Array[] =>
  rows.classScores ?? (rows.scores ? [rows.scores] : []);

/**
 * Calibrates scores on labels.
 * @param labels 0 or 1 for one column of scores, otherwise the number of the class.
 * @param orders by column of scores, the rows in ascending order of it. @throws RangeError without rows.
 */
export function fitOutcomes(
  scores: readonly Float64Array[],
  labels: Float64Array,
  weights?: Float64Array,
  orders?: readonly Uint32Array[],
): OutcomeModel {
  return scores.map((column, index) => {
    const isOne = scores.length === 1 ? labels : labels.map((label) => Number(label === index));
    return fitCalibration(column, isOne, weights, orders?.[index]);
  });
}

/** By class (0 and 1, or all of them) how likely it is for each row; they sum to 1. */
export function outcomeProbabilities(model: OutcomeModel, scores: readonly Float64Array[]): Float64Array[] {
  const found = scores.map((column, index) => column.map((score) => calibrated(model[index]!, score)));
  const [only] = found;
  if (!only) return [];
  if (found.length === 1) return [only.map((probability) => 1 - probability), only];
  for (let row = 0; row < only.length; row++) {
    const sum = found.reduce((total, column) => total + column[row]!, 0);
    // Where no class is thought likely all are equally.
    for (const column of found) column[row] = sum > 0 ? column[row]! / sum : 1 / found.length;
  }
  return found;
}

/** The rows of [first, end) of which a metric can be expected: all that the model answered is there. */
export function answeredRows(table: DriftTable, first: number, end: number): ScoredRows {
  const columns = [table.predictions, ...scoresOf(table)].filter((column) => column !== undefined);
  const kept: number[] = [];
  for (let row = first; row < end; row++)
    if (columns.every((column) => !Number.isNaN(column[row]!))) kept.push(row);
  return pickRows({ ...table, labels: new Float64Array(0) }, kept);
}

/** Some rows by their numbers. */
export function pickRows(rows: ScoredRows, kept: readonly number[]): ScoredRows {
  const pick = (values: Float64Array) => Float64Array.from(kept, (row) => values[row]!);
  return {
    labels: rows.labels.length > 0 ? pick(rows.labels) : rows.labels,
    scores: rows.scores && pick(rows.scores),
    predictions: rows.predictions && pick(rows.predictions),
    weights: rows.weights && pick(rows.weights),
    classes: rows.classes,
    classScores: rows.classScores?.map(pick),
  };
}

/** Every row once for each class, still without weights: made once, and weighted by several models. */
export function repeatRows(rows: ScoredRows): ScoredRows {
  const columns = scoresOf(rows);
  const times = columns.length === 1 ? 2 : columns.length;
  const count = columns[0]?.length ?? 0;
  const repeat = (values: Float64Array) => {
    const repeated = new Float64Array(times * count);
    for (let index = 0; index < times; index++) repeated.set(values, index * count);
    return repeated;
  };
  const labels = new Float64Array(times * count);
  for (let index = 0; index < times; index++) labels.fill(index, index * count, (index + 1) * count);
  return {
    labels,
    scores: rows.scores && repeat(rows.scores),
    predictions: rows.predictions && repeat(rows.predictions),
    weights: rows.weights && repeat(rows.weights),
    classes: rows.classes,
    classScores: rows.classScores?.map(repeat),
  };
}

/** Repeated rows as a model expects them. @param repeated what `repeatRows` makes of the rows. */
export function weighRows(repeated: ScoredRows, probabilities: readonly Float64Array[]): ScoredRows {
  const weights = new Float64Array(repeated.labels.length);
  let at = 0;
  for (const column of probabilities) {
    for (const probability of column) {
      weights[at] = probability * (repeated.weights ? repeated.weights[at]! : 1);
      at++;
    }
  }
  return { ...repeated, weights };
}

/** Labels as they might turn out. */
export function drawLabels(probabilities: readonly Float64Array[], random: () => number): Float64Array {
  const count = probabilities[0]?.length ?? 0;
  const last = probabilities.length - 1;
  const labels = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let left = random();
    let label = 0;
    while (label < last && left >= probabilities[label]![row]!) left -= probabilities[label++]![row]!;
    labels[row] = label;
  }
  return labels;
}
