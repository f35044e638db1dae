/** How the model did per chunk, and whether it fell below what the reference's own chunks vary by. */
import type { DriftPerformance } from '../../shared/records/drift-check.ts';
import { performanceBand } from '../../shared/stats/chunk-calibration.ts';
import type { Chunk } from './chunks.ts';
import type { DriftTable } from './table.ts';

export const PERFORMANCE_TASKS = ['binary', 'multiclass', 'regression'] as const;
export type PerformanceTask = (typeof PERFORMANCE_TASKS)[number];

/** Rows with everything a metric may need; all arrays of one length. Several classes are numbers of `classes`. */
export interface ScoredRows {
  labels: Float64Array;
  scores?: Float64Array;
  predictions?: Float64Array;
  weights?: Float64Array;
  classes?: readonly string[];
  classScores?: readonly Float64Array[];
}

export interface PerformanceMetric {
  name: string;
  task: PerformanceTask;
  margin: number;
  greaterIsBetter: boolean;
  /** Ends that the value cannot pass. */
  range?: { low?: number; high?: number };
  /** Undefined where these rows give no number, e.g. the ROC AUC of one class. */
  compute(rows: ScoredRows): number | undefined;
}

/** Chunks with fewer labels than this are not judged, whatever their size. */
const FEWEST_LABELS = 50;
/** A chunk of which less than this share is labelled yet may be a biased part: late labels are not missing at random. */
const LEAST_LABELLED_SHARE = 0.5;

/** The labelled rows of [first, end), copied together. */
export function labelledRows(table: DriftTable, first: number, end: number): ScoredRows {
  const { labels } = table;
  if (!labels) return { labels: new Float64Array(0) };
  const complete = (row: number) =>
    !Number.isNaN(labels[row]!) &&
    !(table.scores && Number.isNaN(table.scores[row]!)) &&
    !(table.predictions && Number.isNaN(table.predictions[row]!)) &&
    !table.classScores?.some((scores) => Number.isNaN(scores[row]!)) &&
    !(table.weights && Number.isNaN(table.weights[row]!));
  const kept: number[] = [];
  for (let row = first; row < end; row++) if (complete(row)) kept.push(row);
  const pick = (values: Float64Array | undefined) => values && Float64Array.from(kept, (row) => values[row]!);
  return {
    labels: Float64Array.from(kept, (row) => labels[row]!),
    scores: pick(table.scores),
    predictions: pick(table.predictions),
    weights: pick(table.weights),
    classes: table.classes,
    classScores: table.classScores?.map((scores) => pick(scores)!),
  };
}

/** Whether enough of a chunk is labelled to judge it. */
export function enoughLabels(chunk: Chunk, labelled: number): boolean {
  return labelled >= FEWEST_LABELS && labelled >= LEAST_LABELLED_SHARE * (chunk.end - chunk.first);
}

export interface Interval {
  low: number;
  high: number;
}

/** The values of one metric, one per chunk: null where there is none. */
export interface ChunkValues {
  chunks: readonly Chunk[];
  values: readonly (number | null)[];
  /** Whether the chunk's value may be judged. */
  usable: readonly boolean[];
  /** Where the real value lies with a probability of 95 %, for estimates; null where it was not worked out. */
  intervals?: readonly (Interval | null)[];
}

/**
 * The limit rule: a chunk fell when it is beyond mean − t(K−1; 0.99865)·s·√(1+1/K) of the reference's chunks
 * **and** worse than their mean by more than the margin. Only falls count. With many chunks or several metrics the
 * limit lies further off, so that no history of whatever length has more than 3.5 % of false alarms (`limitFactor`).
 * @param series the reference's chunks first, then the data's.
 * @param metrics of how many metrics any may fall.
 */
export function judgePerformance(
  metric: Pick<PerformanceMetric, 'name' | 'margin' | 'greaterIsBetter'>,
  source: DriftPerformance['source'],
  series: ChunkValues,
  metrics = 1,
): DriftPerformance {
  const { chunks, values, usable } = series;
  const judged = chunks.map((_, index) => index).filter((index) => usable[index] && values[index] !== null);
  const before = judged.filter((index) => chunks[index]!.part === 'reference');
  const now = judged.filter((index) => chunks[index]!.part === 'data');
  const base = {
    name: metric.name,
    greaterIsBetter: metric.greaterIsBetter,
    margin: metric.margin,
    source,
    referenceChunks: before.length,
    judgedChunks: now.length,
  };
  const nothing = { mean: null, deviation: null, limit: null, worst: null, fallenChunks: [] };
  if (before.length < 2) {
    const note = `needs at least two reference chunks with a value, and there ${before.length === 1 ? 'is 1' : 'are none'}`;
    return { ...base, ...nothing, status: 'not_judged', note };
  }
  const band = performanceBand(
    before.map((index) => values[index]!),
    metric.greaterIsBetter,
    Math.max(1, now.length),
    metrics,
  );
  if (now.length === 0) {
    return {
      ...base,
      ...nothing,
      ...band,
      status: 'not_judged',
      note: 'no chunk of the data has a value that can be judged',
    };
  }
  const drop = (index: number) =>
    metric.greaterIsBetter ? band.mean - values[index]! : values[index]! - band.mean;
  const worst = now.reduce((a, b) => (drop(b) > drop(a) ? b : a));
  const beyond = (value: number) => (metric.greaterIsBetter ? value < band.limit : value > band.limit);
  const fallenChunks = now.filter((index) => beyond(values[index]!) && drop(index) > metric.margin);
  return {
    ...base,
    ...band,
    status: fallenChunks.length > 0 ? 'fell' : 'within',
    worst: { chunk: worst, value: values[worst]!, drop: drop(worst) },
    fallenChunks,
    note: '',
  };
}

/** A metric on the labelled rows of every chunk, the reference's first. */
export function realSeries(
  metric: PerformanceMetric,
  rows: readonly ScoredRows[],
  chunks: readonly Chunk[],
): ChunkValues {
  const values = rows.map((scored) => {
    const value = scored.labels.length > 0 ? metric.compute(scored) : undefined;
    return value === undefined || !Number.isFinite(value) ? null : value;
  });
  return {
    chunks,
    values,
    usable: chunks.map((chunk, index) => chunk.judged && enoughLabels(chunk, rows[index]!.labels.length)),
  };
}
