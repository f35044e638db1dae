/**
 * Performance without labels, for regressors (direct loss estimation, DLE): a model of the loss, learnt on the
 * reference from the features and the prediction, says how wrong each row will be. Like every estimate without
 * labels it cannot see a change of what the inputs mean (concept drift).
 */
import type { Chunk } from '../chunks.ts';
import { type ChunkValues, enoughLabels, type Interval, type PerformanceMetric } from '../performance.ts';
import type { DriftTable } from '../table.ts';
import { type EncodedColumns, encodeFeatures } from './loss-features.ts';
import { FOLDS, fitLossModel, type LossModel } from './loss-model.ts';

const squared = (error: number): number => error * error;

/** The metrics that are means of a loss of single rows, or the root of one. */
const LOSSES: Record<string, { loss: (error: number) => number; isRoot: boolean }> = {
  mean_absolute_error: { loss: Math.abs, isRoot: false },
  mean_squared_error: { loss: squared, isRoot: false },
  root_mean_squared_error: { loss: squared, isRoot: true },
};

/** Fewer labelled reference rows than this teach nothing. */
const FEWEST_ROWS = 500;
/** More rows make the model slower and hardly better; nor the mean of what it expects. */
const MOST_REFERENCE_ROWS = 20_000;
const MOST_DATA_ROWS = 100_000;
/** But as many of every chunk, if it has them. */
const LEAST_OF_CHUNK = 500;
/** Two-sided 95 %. */
const NORMAL_QUANTILE = 1.959963984540054;

export const canEstimateLoss = ({ name, task }: PerformanceMetric): boolean =>
  task === 'regression' && name in LOSSES;

/** What the losses of all metrics are learnt from and expected of. */
export interface LossRows {
  chunks: readonly Chunk[];
  sides: { reference: DriftTable; data: DriftTable };
  features: EncodedColumns;
  /** By side the rows that are looked at, chunk after chunk. */
  rows: { reference: number[]; data: number[] };
  /** By chunk where its rows begin and end in those of its side, and how many rows could have been looked at. */
  places: { first: number; end: number; all: number }[];
}

/** Undefined where there are too few labels, or no prediction. @param features names of columns. */
export function findLossRows(
  sides: { reference: DriftTable; data: DriftTable },
  chunks: readonly Chunk[],
  features: readonly string[],
): LossRows | undefined {
  const { reference, data } = sides;
  if (!reference.labels || !reference.predictions || !data.predictions) return undefined;
  const usable = chunks.map((chunk) => usableRows(sides[chunk.part], chunk));
  const count = (part: Chunk['part']) =>
    usable.reduce((sum, rows, index) => sum + (chunks[index]!.part === part ? rows.length : 0), 0);
  if (count('reference') < FEWEST_ROWS) return undefined;
  const shares = {
    reference: Math.min(1, MOST_REFERENCE_ROWS / count('reference')),
    data: Math.min(1, MOST_DATA_ROWS / Math.max(1, count('data'))),
  };
  const rows: LossRows['rows'] = { reference: [], data: [] };
  const places = usable.map((all, index) => {
    const { part } = chunks[index]!;
    const first = rows[part].length;
    const wanted = Math.min(all.length, Math.max(LEAST_OF_CHUNK, Math.ceil(shares[part] * all.length)));
    for (let at = 0; at < wanted; at++) rows[part].push(all[Math.floor((at * all.length) / wanted)]!);
    return { first, end: rows[part].length, all: all.length };
  });
  return { chunks, sides, features: encodeFeatures(sides, features), rows, places };
}

function usableRows({ predictions, labels, weights }: DriftTable, { part, first, end }: Chunk): number[] {
  const found: number[] = [];
  for (let row = first; row < end; row++) {
    const known = predictions![row]! - (part === 'reference' ? labels![row]! : 0);
    if (Number.isFinite(known) && weights?.[row] !== 0) found.push(row);
  }
  return found;
}

/**
 * The estimates of one metric in every chunk, the reference's first; of the data's with their intervals of 95 %.
 * @param models by loss; what is learnt for one metric serves the others.
 */
export function estimateLoss(
  metric: PerformanceMetric,
  source: LossRows,
  models: Map<(error: number) => number, LossModel>,
): ChunkValues {
  const { loss, isRoot } = LOSSES[metric.name]!;
  const { chunks, sides, rows, features, places } = source;
  const model = models.get(loss) ?? fitLossModel(sides.reference, rows, features, loss);
  models.set(loss, model);
  const rooted = (value: number): number => (isRoot ? Math.sqrt(Math.max(0, value)) : value);
  const found = chunks.map((_, index) => meanOfChunk(source, model, index));
  return {
    chunks,
    values: found.map((own) => own && rooted(Math.max(0, own.value))),
    usable: chunks.map((chunk, index) => chunk.judged && enoughLabels(chunk, places[index]!.all)),
    intervals: found.map((own, index): Interval | null => {
      if (!own || chunks[index]!.part === 'reference') return null;
      const width = NORMAL_QUANTILE * Math.sqrt(own.variance);
      return { low: rooted(Math.max(0, own.value - width)), high: rooted(Math.max(0, own.value + width)) };
    }),
  };
}

/** Mean expected loss of a chunk, less its bias, and the variance of the real mean loss about it. */
function meanOfChunk(
  { chunks, sides, rows, places }: LossRows,
  { reference, data, bias, biasVariance, dispersion }: LossModel,
  index: number,
): { value: number; variance: number } | null {
  const { part } = chunks[index]!;
  const { weights } = sides[part];
  const { first, end, all } = places[index]!;
  const byModel = part === 'reference' ? [reference] : data;
  let total = 0;
  let weightSquares = 0;
  let noise = 0;
  let squares = 0;
  const sums = new Float64Array(byModel.length);
  for (let at = first; at < end; at++) {
    const weight = weights?.[rows[part][at]!] ?? 1;
    let own = 0;
    byModel.forEach((expected, fold) => {
      sums[fold]! += weight * expected[at]!;
      own += expected[at]! / byModel.length;
    });
    total += weight;
    weightSquares += weight * weight;
    squares += weight * own * own;
    noise += weight * weight * Math.max(0, own - bias) ** 2;
  }
  if (!(total > 0)) return null;
  const means = sums.map((sum) => sum / total);
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  // The jackknife over folds: each model has seen all but one of them.
  const ofModel =
    part === 'reference'
      ? 0
      : ((FOLDS - 1) / FOLDS) * means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const seen = (end - first) / all;
  const spread = Math.max(0, squares / total - mean * mean);
  const chance = (seen * dispersion * noise + (1 - seen) * spread * weightSquares) / total ** 2;
  return { value: mean - bias, variance: ofModel + biasVariance + chance };
}
