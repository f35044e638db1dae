/** Reads series from CloudWatch. */
import { AwsError, isPassing } from '../aws/aws-error.ts';
import type { MetricDataReader } from '../aws/metric-data.ts';
import { UserError } from '../errors.ts';
import {
  type MetricAccess,
  type MetricQuery,
  type MetricRange,
  type MetricSeries,
  type MetricSource,
  MetricsUnavailable,
} from './metric-source.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long values of a period are kept; those of shorter ones are gone after that, without a word. */
const KEPT: readonly [periodSeconds: number, milliseconds: number][] = [
  [3600, 455 * DAY],
  [300, 63 * DAY],
  [60, 15 * DAY],
  [1, 3 * HOUR],
];
const SHORT_PERIODS = [1, 5, 10, 30];

/** A source in a region, that of the environment when none is given. @throws UserError when there is none. */
export async function openCloudWatch(
  region: string | undefined,
  access: MetricAccess,
): Promise<MetricSource> {
  // The client of CloudWatch is large, and few need it.
  const { openMetricData } = await import('../aws/metric-data.ts');
  const reader = await openMetricData({
    env: access.env,
    ...(access.signal && { signal: access.signal }),
    ...(region && { region }),
  });
  return {
    place: `CloudWatch in ${reader.region}`,
    readSeries: (query, range, what) => readSeries(reader, query, range, what, access.now()),
  };
}

async function readSeries(
  reader: MetricDataReader,
  query: MetricQuery,
  { start, end, step }: MetricRange,
  what: string,
  now: Date,
): Promise<MetricSeries> {
  if (!('metric' in query)) {
    throw new UserError(`${what} names no metric of CloudWatch.`, {
      fix: 'Write metric: {namespace, name, dimensions, statistic}.',
    });
  }
  const periodSeconds = step / 1000;
  if (!SHORT_PERIODS.includes(periodSeconds) && periodSeconds % 60 !== 0) {
    throw new UserError(`CloudWatch has no values for a step of ${periodSeconds} s.`, {
      fix: 'Use whole minutes, e.g. step: 1m.',
    });
  }
  const kept = KEPT.find(([period]) => periodSeconds >= period)![1];
  if (now.getTime() - start > kept) {
    const longer = KEPT.findLast(([, milliseconds]) => now.getTime() - start <= milliseconds);
    throw new UserError(
      `CloudWatch keeps values of ${periodSeconds} s for ${kept >= DAY ? `${kept / DAY} days` : '3 hours'}, and ${what} needs older ones.`,
      {
        fix: `${longer ? `Use a step of ${longer[0]} s or more, or l` : 'L'}ook back less far (past, window, delay).`,
      },
    );
  }
  const asked = { metric: query.metric, start, end, periodSeconds };
  const { points, messages } = await reader.read(asked, what).catch((error: unknown) => {
    throw isTrouble(error) ? new MetricsUnavailable(error.message, { fix: error.fix, cause: error }) : error;
  });
  return {
    points: points.map((point) => ({ time: point.start + step, value: point.value })),
    warnings: messages,
  };
}

/** Whether the service is in trouble, after every retry. */
const isTrouble = (error: unknown): error is AwsError =>
  error instanceof AwsError && (isPassing(error) || /^(5\d\d|Internal|ServiceUnavailable)/.test(error.code));
