/**
 * load/: how fast a model answers, from measured files or measured here. This file: the requests of one model. A
 * request without a good answer counts as slower than any answered one, so that nobody gets faster by failing.
 */
import type { Sent } from '../../../../shared/http/fixed-rate.ts';
import type { Load } from '../../../../shared/records/evaluation.ts';
import { percentile } from '../../../../shared/stats/order-statistics.ts';

export interface LoadSample {
  /** Milliseconds until the whole good answer, ascending. */
  answered: Float64Array;
  /** Requests that had no good answer: another status than 2xx, no answer in time, no connection. */
  failures: number;
  /** As `answered`, with Infinity for each failure at the end. */
  all: Float64Array;
}

/** @param answered milliseconds in any order, none negative. */
export function loadSample(answered: Float64Array, failures: number): LoadSample {
  const sorted = answered.slice().sort();
  const all = new Float64Array(sorted.length + failures).fill(Number.POSITIVE_INFINITY);
  all.set(sorted);
  return { answered: sorted, failures, all };
}

/** The requests of several rounds as one sample. */
export function pooled(rounds: readonly Sent[]): LoadSample {
  return loadSample(
    Float64Array.from(rounds.flatMap(({ latencies }) => latencies)),
    rounds.reduce((sum, { failures }) => sum + failures, 0),
  );
}

export const requestCount = (sample: LoadSample): number => sample.all.length;

/** Closer together at the slow end, where the chart is looked at. */
const CHARTED = [
  ...Array.from({ length: 18 }, (_, index) => index / 20),
  ...[0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999, 1],
];

/** What the record keeps of a sample. */
export function loadSide(sample: LoadSample): Load['challenger'] {
  const quantiles =
    sample.all.length === 0 ? [] : CHARTED.map((share) => [share, percentile(sample.all, share)]);
  return {
    requests: requestCount(sample),
    errors: sample.failures,
    quantiles: quantiles.filter((point): point is [number, number] => Number.isFinite(point[1])),
  };
}
