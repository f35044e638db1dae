import { type Clock, sendAtFixedRate } from '../../../shared/http/fixed-rate.ts';
import { formatNumber, formatShare } from '../../../shared/report/numbers.ts';
import { percentile } from '../../../shared/stats/order-statistics.ts';
import { shortNumber } from '../engine/wording.ts';
import { isAnswered } from '../targets/http-door.ts';
import type { ModelDoor } from '../targets/target.ts';
import type { Finding } from './finding.ts';

/** What a challenger must bear before it gets traffic. */
export interface LoadLimits {
  /** Requests a second, sent whether earlier ones were answered or not. */
  rate: number;
  durationMs: number;
  /** Share of requests without an answer of 2xx or 3xx. */
  maxErrorRate: number;
  /** Milliseconds from when a request was due; null for no limit. */
  p95Ms: number | null;
}

/** Below this share of the rate the generator, not the model, was what was measured. */
const LEAST_ACHIEVED = 0.95;

/**
 * Sends requests at a steady rate of arrivals. Latencies count from when a request was due, and one that failed counts
 * as slower than any other. A generator that did not reach the rate has shown nothing, and that does not pass.
 */
export async function loadCheck(
  door: ModelDoor,
  { requests: bodies, ...limits }: LoadLimits & { requests: readonly string[] },
  around: { signal: AbortSignal; progress: (message: string) => void; clock: Clock },
): Promise<Finding> {
  const { clock, signal } = around;
  const requests = Math.max(1, Math.round((limits.rate * limits.durationMs) / 1000));
  const began = clock.now();
  let lastLeft = began;
  const { latencies, failures } = await sendAtFixedRate({
    requests,
    ratePerSecond: limits.rate,
    clock,
    signal,
    send: async (index) => {
      const left = clock.now();
      lastLeft = left;
      const answer = await door.invoke(bodies[index % bodies.length]!, signal);
      return { good: isAnswered(answer), endedAt: left + answer.milliseconds };
    },
    onSent: (sent) => around.progress(`load: ${sent} of ${requests} requests sent`),
  });
  const all = Float64Array.from([
    ...latencies.sort((a, b) => a - b),
    ...Array<number>(failures).fill(Number.POSITIVE_INFINITY),
  ]);
  const [p50, p95] = [percentile(all, 0.5), percentile(all, 0.95)];
  // The first leaves at once: `requests` arrivals take one interval less than the whole time.
  const seconds = Math.max((lastLeft - began) / 1000, (requests - 1) / limits.rate) + 1 / limits.rate;
  const achieved = requests / seconds;
  const errorRate = failures / requests;
  const measured = [
    `${formatNumber(achieved, 1)} requests a second of ${shortNumber(limits.rate)}`,
    `${formatNumber(failures)} of ${formatNumber(requests)} failed (${formatShare(errorRate, 2)})`,
    `p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}`,
  ].join('; ');
  const objection = objectionTo({ achieved, errorRate, p95 }, limits);
  return { passed: objection === undefined, said: objection ? `${objection} (${measured})` : measured };
}

function objectionTo(
  { achieved, errorRate, p95 }: { achieved: number; errorRate: number; p95: number },
  { rate, maxErrorRate, p95Ms }: LoadLimits,
): string | undefined {
  if (achieved < rate * LEAST_ACHIEVED) return 'this machine could not send at the rate, so nothing is shown';
  if (errorRate > maxErrorRate) return `more than ${formatShare(maxErrorRate, 2)} of the requests failed`;
  if (p95Ms !== null && p95 > p95Ms) return `p95 is above ${shortNumber(p95Ms)} ms`;
  return undefined;
}

/** Where more than the share failed there is no such latency. */
const milliseconds = (value: number): string =>
  Number.isFinite(value) ? `${formatNumber(value, 1)} ms` : 'not answered';
