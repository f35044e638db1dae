/** A model of how wrong a regressor is, learnt on labelled rows of the reference: boosted trees, cross-fitted. */
import { fitGradientBoosting } from '../../../shared/stats/gradient-boosting.ts';
import type { DriftTable } from '../table.ts';
import type { EncodedColumns } from './loss-features.ts';

/** Every row of the reference is predicted by a model that has not seen it. */
export const FOLDS = 5;
const BOOSTING = { rounds: 60, learningRate: 0.1, leaves: 15, minLeafRows: 20 } as const;

export interface LossModel {
  /** Expected loss of each row of the reference, by the model that has not seen it. */
  reference: Float64Array;
  /** By fold, the expected loss of each row of the data by the model without that fold. */
  data: Float64Array[];
  /** Mean of (expected − real) over the reference, and its variance. */
  bias: number;
  biasVariance: number;
  /** Variance of a real loss, as a multiple of the square of the expected one. */
  dispersion: number;
}

/**
 * @param rows by side the numbers of its rows; of the reference those with label and prediction.
 * @param loss of an error, never negative.
 */
export function fitLossModel(
  reference: DriftTable,
  rows: { reference: readonly number[]; data: readonly number[] },
  features: EncodedColumns,
  loss: (error: number) => number,
): LossModel {
  const losses = Float64Array.from(rows.reference, (row) =>
    loss(reference.labels![row]! - reference.predictions![row]!),
  );
  const { weights } = reference;
  const expected = new Float64Array(losses.length);
  const data = Array.from({ length: FOLDS }, (_, fold) => {
    const inFold = (_: unknown, at: number): boolean => at % FOLDS === fold;
    const others = (value: unknown, at: number): boolean => !inFold(value, at);
    const training = rows.reference.filter(others);
    const target = losses.filter(others);
    const encoded = features.fit(training, target);
    const model = fitGradientBoosting({
      ...BOOSTING,
      columns: gather(encoded.reference, training),
      target,
      objective: 'squared',
      weights: weights && Float64Array.from(training, (row) => weights[row]!),
    });
    // A loss is never negative, and a tree knows nothing of that.
    const predict = (columns: readonly Float64Array[], of: readonly number[]): Float64Array =>
      of.length === 0
        ? new Float64Array(0)
        : model.predict(gather(columns, of)).map((value) => Math.max(0, value));
    const unseen = predict(encoded.reference, rows.reference.filter(inFold));
    unseen.forEach((value, at) => {
      expected[at * FOLDS + fold] = value;
    });
    return predict(encoded.data, rows.data);
  });
  const ownWeights = weights && Float64Array.from(rows.reference, (row) => weights[row]!);
  return { reference: expected, data, ...residualMoments(expected, losses, ownWeights) };
}

const gather = (columns: readonly Float64Array[], rows: readonly number[]): Float64Array[] =>
  columns.map((column) => Float64Array.from(rows, (row) => column[row]!));

function residualMoments(
  expected: Float64Array,
  losses: Float64Array,
  weights: Float64Array | undefined,
): Pick<LossModel, 'bias' | 'biasVariance' | 'dispersion'> {
  let total = 0;
  let sum = 0;
  for (let at = 0; at < losses.length; at++) {
    const weight = weights?.[at] ?? 1;
    total += weight;
    sum += weight * (expected[at]! - losses[at]!);
  }
  const bias = sum / total;
  let squares = 0;
  let ofMean = 0;
  let scale = 0;
  for (let at = 0; at < losses.length; at++) {
    const weight = weights?.[at] ?? 1;
    const residual = (expected[at]! - losses[at]! - bias) ** 2;
    squares += weight * residual;
    ofMean += weight * weight * residual;
    scale += weight * Math.max(0, expected[at]! - bias) ** 2;
  }
  return { bias, biasVariance: ofMean / total ** 2, dispersion: scale > 0 ? squares / scale : 0 };
}
