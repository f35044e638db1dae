/**
 * Where the real metric of a chunk lies, given that its estimate is right but for chance: the reference is drawn
 * again with replacement and calibrated anew (what is not known of the calibration), and labels are drawn by it
 * (what happens by chance even if all is known).
 */
import { randomGenerator } from '../../../shared/stats/random.ts';
import { ascendingOrder } from '../../../shared/stats/sort-order.ts';
import { answeredCount, type ExpectedRows } from '../estimate.ts';
import type { ChunkValues, Interval, PerformanceMetric, ScoredRows } from '../performance.ts';
import {
  drawLabels,
  fitOutcomes,
  outcomeProbabilities,
  pickRows,
  repeatRows,
  scoresOf,
  weighRows,
} from './outcomes.ts';

const REPLICATES = 100;
/** Two-sided 95 %. */
const NORMAL_QUANTILE = 1.959963984540054;
/**
 * Drawing again understates what is not known of an isotonic calibration, which the bootstrap does not do justice to
 * (Sen, Banerjee & Woodroofe 2010, "Inconsistency of bootstrap: the Grenander estimator"), the more so where inputs have
 * moved towards its ends: variances so much larger hold what they should in simulation.
 */
const CALIBRATION_VARIANCE = 1.5;
/** More rows are not drawn from; variances of means fall with the number of rows, and are scaled by it. */
const MOST_REFERENCE_ROWS = 5000;
const MOST_CHUNK_ROWS = 2000;
/** The newest of the data: nobody reads more of them. */
const CHUNKS_WITH_INTERVALS = 60;
const SEED = 20_010_122;

/** Sums of one metric of one chunk over the replicates. */
class Spread {
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    this.#squares += value * value;
  }

  /** Undefined where too few replicates had a value. */
  get variance(): number | undefined {
    if (this.#count < REPLICATES / 2) return undefined;
    const mean = this.#sum / this.#count;
    return Math.max(0, (this.#squares - this.#count * mean * mean) / (this.#count - 1));
  }
}

/** Rows at equal steps, so that all of a chunk's time is among them. */
function thin(rows: ScoredRows, count: number, most: number): ScoredRows {
  if (count <= most) return rows;
  return pickRows(
    rows,
    Array.from({ length: most }, (_, at) => Math.floor((at * count) / most)),
  );
}

/**
 * Intervals of 95 % around the estimates of every metric; null for the reference, for older chunks than the newest 60
 * of the data, and where there is no estimate.
 * @param series what `estimateSeries` says of each metric.
 */
export function estimateIntervals(
  metrics: readonly PerformanceMetric[],
  expected: ExpectedRows,
  series: readonly ChunkValues[],
): (Interval | null)[][] {
  const random = randomGenerator(SEED);
  const { labelled, answered, chunks: all } = expected;
  const reference = thin(labelled, labelled.labels.length, MOST_REFERENCE_ROWS);
  const count = reference.labels.length;
  const scores = scoresOf(reference);
  const orders = scores.map(ascendingOrder);
  const itself = repeatRows(reference);
  const ofData = all.filter(({ part }) => part === 'data').length;
  const first = all.length - Math.min(ofData, CHUNKS_WITH_INTERVALS);
  const chunks = answered.slice(first).map((own) => {
    const rows = thin(own, answeredCount(own), MOST_CHUNK_ROWS);
    return {
      rows,
      repeated: repeatRows(rows),
      share: answeredCount(rows) / Math.max(1, answeredCount(own)),
      spreads: metrics.map(() => ({ known: new Spread(), drawn: new Spread() })),
    };
  });
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const model = drawModel(reference, scores, orders, random);
    if (!model) continue;
    const { outcomes, weights } = model;
    const onItself = weighRows(
      { ...itself, weights: repeatWeights(weights, itself) },
      outcomeProbabilities(outcomes, scores),
    );
    const drawnReference = { ...reference, weights };
    const optimism = metrics.map((metric) => {
      const [estimate, realised] = [metric.compute(onItself), metric.compute(drawnReference)];
      return estimate === undefined || realised === undefined ? undefined : estimate - realised;
    });
    for (const { rows, repeated, spreads } of chunks) {
      if (answeredCount(rows) === 0) continue;
      const probabilities = outcomeProbabilities(outcomes, scoresOf(rows));
      const asExpected = weighRows(repeated, probabilities);
      const asDrawn = { ...rows, labels: drawLabels(probabilities, random) };
      metrics.forEach((metric, index) => {
        const [estimate, realised] = [metric.compute(asExpected), metric.compute(asDrawn)];
        const own = optimism[index];
        if (own === undefined || estimate === undefined || realised === undefined) return;
        spreads[index]!.known.add(estimate - own);
        spreads[index]!.drawn.add(realised - own);
      });
    }
  }
  const referenceShare = count / labelled.labels.length;
  return metrics.map((metric, index) =>
    answered.map((_, at): Interval | null => {
      const chunk = chunks[at - first];
      const value = series[index]!.values[at];
      if (!chunk || value === null || value === undefined) return null;
      const known = chunk.spreads[index]!.known.variance;
      const drawn = chunk.spreads[index]!.drawn.variance;
      if (known === undefined || drawn === undefined) return null;
      const chance = Math.max(0, drawn - known) * chunk.share;
      const width = NORMAL_QUANTILE * Math.sqrt(CALIBRATION_VARIANCE * known * referenceShare + chance);
      return within(metric, { low: value - width, high: value + width });
    }),
  );
}

/** An interval cut at the ends that the metric cannot pass. */
export function within({ range }: Pick<PerformanceMetric, 'range'>, { low, high }: Interval): Interval {
  const [least, most] = [range?.low ?? Number.NEGATIVE_INFINITY, range?.high ?? Number.POSITIVE_INFINITY];
  return { low: Math.min(most, Math.max(least, low)), high: Math.max(least, Math.min(most, high)) };
}

/** The reference drawn again, as weights, and calibrated; undefined where a class was not drawn at all. */
function drawModel(
  reference: ScoredRows,
  scores: readonly Float64Array[],
  orders: readonly Uint32Array[],
  random: () => number,
) {
  const count = reference.labels.length;
  const weights = new Float64Array(count);
  for (let row = 0; row < count; row++) weights[Math.floor(random() * count)]!++;
  if (reference.weights) for (let row = 0; row < count; row++) weights[row]! *= reference.weights[row]!;
  if (!weights.some((weight) => weight > 0)) return undefined;
  return { weights, outcomes: fitOutcomes(scores, reference.labels, weights, orders) };
}

function repeatWeights(weights: Float64Array, { labels }: ScoredRows): Float64Array {
  const repeated = new Float64Array(labels.length);
  for (let at = 0; at < labels.length; at += weights.length) repeated.set(weights, at);
  return repeated;
}
