/** The numbers that a policy can hold latencies to, each with its interval and its one-sided tests. */
import type { PolicyLatency } from '../../../../shared/records/gate-policy.ts';
import {
  type SampleEstimate,
  sampleMean,
  sampleShare,
} from '../../../../shared/stats/independent-samples.ts';
import {
  orderStatisticInterval,
  percentile,
  percentileAtLeast,
  percentileAtMost,
  valuesForInterval,
} from '../../../../shared/stats/order-statistics.ts';
import { belowZero } from '../../../../shared/stats/paired-intervals.ts';
import { proportionBelow } from '../../../../shared/stats/paired-proportions.ts';
import { type LoadSample, requestCount } from './load-sample.ts';

const PERCENTILES = { p50_ms: 0.5, p90_ms: 0.9, p95_ms: 0.95, p99_ms: 0.99 } as const;
export const LOAD_NUMBERS = ['mean_ms', 'p50_ms', 'p90_ms', 'p95_ms', 'p99_ms', 'error_rate'] as const;
export type LoadNumber = (typeof LOAD_NUMBERS)[number] & keyof PolicyLatency;

/** With fewer the interval of a mean of latencies, which are skewed, covers too little (bench/latency-simulation). */
const ANSWERS_FOR_MEAN = 100;

export interface LoadEstimate extends SampleEstimate {
  /** Why the interval is not to be trusted, or has no end; undefined where all is well. @param alpha per side. */
  tooFew(alpha: number): string | undefined;
  /** One-sided p-values of "the true number is at most, at least, the limit". */
  atMost(limit: number): number;
  atLeast(limit: number): number;
  method: string;
  /** How two of them are compared. */
  changeMethod: string;
}

/** @returns the estimate, or why there is none; `failed` when the number itself says that the model fails. */
export function estimateLoad(
  name: LoadNumber,
  sample: LoadSample,
): LoadEstimate | { why: string; failed: boolean } {
  const count = requestCount(sample);
  if (count === 0) return { why: 'no request was measured', failed: false };
  if (name === 'error_rate') return errorRate(sample.failures, count);
  if (sample.answered.length === 0)
    return { why: `none of ${count} requests had a good answer`, failed: true };
  if (name === 'mean_ms') return meanLatency(sample);
  return percentileLatency(PERCENTILES[name], sample);
}

function percentileLatency(share: number, { all, failures }: LoadSample): ReturnType<typeof estimateLoad> {
  const value = percentile(all, share);
  if (value === Number.POSITIVE_INFINITY) {
    const of = `${failures} of ${all.length} requests had no good answer`;
    return { why: `${of}, so that many are slower than any number`, failed: true };
  }
  return {
    value,
    interval: (alpha) => orderStatisticInterval(all, share, alpha),
    tooFew: (alpha) => tooFew(all.length, valuesForInterval(share, alpha), 'requests'),
    atMost: (limit) => percentileAtMost(all, share, limit),
    atLeast: (limit) => percentileAtLeast(all, share, limit),
    method: 'order statistics',
    changeMethod: 'order statistics, MOVER',
  };
}

/** Of the answered requests: a failed one has no time that could be added. */
function meanLatency({ answered }: LoadSample): ReturnType<typeof estimateLoad> {
  const short = tooFew(answered.length, ANSWERS_FOR_MEAN, 'answered requests');
  const estimate = answered.length < 2 ? undefined : sampleMean(answered);
  const shifted = (sign: 1 | -1, limit: number): number =>
    estimate ? belowZero({ ...estimate, value: sign * (estimate.value - limit) }) : 1;
  return {
    value: estimate?.value ?? answered[0]!,
    interval: estimate?.interval ?? (() => [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]),
    tooFew: () => short,
    atMost: (limit) => shifted(-1, limit),
    atLeast: (limit) => shifted(1, limit),
    method: "Student's t, of the answered requests",
    changeMethod: "Student's t, MOVER, of the answered requests",
  };
}

function errorRate(failures: number, count: number): LoadEstimate {
  return {
    ...sampleShare(failures, count),
    tooFew: () => undefined,
    atMost: (limit) => proportionBelow(count - failures, count, 1 - limit),
    atLeast: (limit) => proportionBelow(failures, count, limit),
    method: 'Wilson score',
    changeMethod: 'Newcombe',
  };
}

const tooFew = (count: number, needed: number, what: string): string | undefined =>
  count < needed ? `${count} ${what}, and at least ${needed} are needed` : undefined;
