/**
 * Performance without labels, for classifiers (confidence-based performance estimation, CBPE): scores calibrated on
 * the reference say how likely each class is, and a metric over all possible labels, weighted by that, is its
 * expected value. It sees what a change of inputs does to a model that stays right about them; it cannot see a
 * change of what the inputs mean (concept drift).
 */
import type { Chunk } from './chunks.ts';
import {
  answeredRows,
  fitOutcomes,
  outcomeProbabilities,
  repeatRows,
  scoresOf,
  weighRows,
} from './performance/outcomes.ts';
import {
  type ChunkValues,
  enoughLabels,
  labelledRows,
  type PerformanceMetric,
  type ScoredRows,
} from './performance.ts';
import type { DriftTable } from './table.ts';

/** Fewer labelled reference rows than this calibrate nothing. */
const FEWEST_ROWS = 500;
/** Nor do fewer rows of a class, or of all others. */
const FEWEST_OF_CLASS = 50;
/** With more classes than this every row would be repeated too often. */
const MOST_CLASSES = 50;

/** Whether there is enough of every class to calibrate its scores. */
function canCalibrate({ labels, classes }: ScoredRows, columns: number): boolean {
  if (columns === 0 || columns > MOST_CLASSES || labels.length < FEWEST_ROWS) return false;
  const count = columns === 1 ? 2 : columns;
  const rows = new Array<number>(count).fill(0);
  for (const label of labels) {
    if (!Number.isInteger(label) || label < 0 || label >= count) return false;
    rows[label]!++;
  }
  if (columns > 1 && columns !== classes?.length) return false;
  return rows.every((own) => own >= FEWEST_OF_CLASS && labels.length - own >= FEWEST_OF_CLASS);
}

/** The rows whose metrics are the expected ones, made once for all metrics. */
export interface ExpectedRows {
  chunks: readonly Chunk[];
  /** The labelled rows of the reference, and the same rows as their own calibration expects them. */
  labelled: ScoredRows;
  onItself: ScoredRows;
  /** One for each chunk: the rows that the model answered, and as they are expected. */
  answered: ScoredRows[];
  expected: ScoredRows[];
}

/** Calibrates on the reference and applies it to every chunk; undefined where there is nothing to calibrate by. */
export function expectRows(
  sides: { reference: DriftTable; data: DriftTable },
  chunks: readonly Chunk[],
): ExpectedRows | undefined {
  const { reference, data } = sides;
  if (!reference.labels || scoresOf(reference).length !== scoresOf(data).length) return undefined;
  const labelled = labelledRows(reference, 0, reference.rowCount);
  const scores = scoresOf(labelled);
  if (!canCalibrate(labelled, scores.length)) return undefined;
  const model = fitOutcomes(scores, labelled.labels, labelled.weights);
  const expect = (rows: ScoredRows): ScoredRows =>
    weighRows(repeatRows(rows), outcomeProbabilities(model, scoresOf(rows)));
  const answered = chunks.map((chunk) => answeredRows(sides[chunk.part], chunk.first, chunk.end));
  return { chunks, labelled, onItself: expect(labelled), answered, expected: answered.map(expect) };
}

/** How many rows were answered. */
export const answeredCount = (rows: ScoredRows): number => scoresOf(rows)[0]?.length ?? 0;

/**
 * The estimated metric of every chunk, the reference's first. What the calibration flatters itself by on its own
 * rows, (estimate − realised) over the reference, is subtracted.
 */
export function estimateSeries(
  metric: PerformanceMetric,
  { chunks, labelled, onItself: itself, answered, expected }: ExpectedRows,
): ChunkValues {
  const onItself = metric.compute(itself);
  const realised = metric.compute(labelled);
  const optimism = onItself !== undefined && realised !== undefined ? onItself - realised : undefined;
  const values = expected.map((rows) => {
    if (optimism === undefined || rows.labels.length === 0) return null;
    const value = metric.compute(rows);
    return value === undefined || !Number.isFinite(value) ? null : value - optimism;
  });
  return {
    chunks,
    values,
    usable: chunks.map(
      (chunk, index) => chunk.judged && enoughLabels(chunk, answeredCount(answered[index]!)),
    ),
  };
}
