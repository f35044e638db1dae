/** Values of metrics of CloudWatch over time. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataOutput,
} from '@aws-sdk/client-cloudwatch';
import { UserError } from '../errors.ts';
import { PageBound } from '../page-bound.ts';
import type { CloudWatchMetric } from '../records/system-policy.ts';
import { awsError, regionMissing } from './aws-error.ts';
import { type AwsOptions, clientSettings } from './client-settings.ts';

export interface MetricDataRange {
  /** Periods that begin in [start, end), in milliseconds. */
  start: number;
  end: number;
  periodSeconds: number;
}

export interface MetricDataRequest extends MetricDataRange {
  metric: CloudWatchMetric;
}

export interface MetricData {
  /** The beginning of each period that has a value, in milliseconds, and the value; in time order. */
  points: { start: number; value: number }[];
  /** What CloudWatch says of the values. */
  messages: string[];
}

/** Values of several metrics. */
export interface SeveralMetrics {
  /** By the name of the query; a metric without a value has no points. */
  series: Record<string, MetricData['points']>;
  messages: string[];
}

export interface MetricDataReader {
  region: string;
  /** @param what fits after "AWS refused to read". @throws UserError when AWS refuses. */
  read(request: MetricDataRequest, what: string): Promise<MetricData>;
  /**
   * Several metrics in the same requests.
   * @param queries by a name of small letters, digits and `_`; the statistic may be any of CloudWatch's.
   */
  readSeveral(
    queries: Record<string, CloudWatchMetric>,
    range: MetricDataRange,
    what: string,
  ): Promise<SeveralMetrics>;
}

/** Periods in one answer; CloudWatch takes up to 100,800. */
const PAGE = 50_000;
const MOST_PERIODS = 1_000_000;

/** @throws UserError when no region is set. */
export async function openMetricData(options: AwsOptions): Promise<MetricDataReader> {
  const client = new CloudWatchClient(clientSettings('CLOUDWATCH', options));
  const region = await client.config.region().catch(() => {
    throw regionMissing();
  });
  const readSeveral: MetricDataReader['readSeveral'] = (queries, range, what) =>
    readAll(client, commandInput(queries, range), what, options);
  return {
    region,
    readSeveral,
    read: async ({ metric, ...range }, what) => {
      const { series, messages } = await readSeveral({ value: metric }, range, what);
      return { points: series.value ?? [], messages };
    },
  };
}

async function readAll(
  client: CloudWatchClient,
  input: GetMetricDataCommandInput,
  what: string,
  { env, signal }: AwsOptions,
): Promise<SeveralMetrics> {
  const bound = new PageBound(`the values of ${what}`, MOST_PERIODS);
  const found: SeveralMetrics = { series: {}, messages: [] };
  let NextToken: string | undefined;
  do {
    let page: GetMetricDataOutput;
    try {
      page = await client.send(new GetMetricDataCommand({ ...input, NextToken }), { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      const doing = {
        what: `read ${what} from CloudWatch`,
        permission: 'cloudwatch:GetMetricData',
        resource: '*',
      };
      throw awsError(error, doing, env);
    }
    const count = takePage(page, found, what);
    NextToken = page.NextToken || undefined;
    bound.turn(count, NextToken);
  } while (NextToken !== undefined);
  for (const points of Object.values(found.series)) points.sort((a, b) => a.start - b.start);
  return found;
}

function commandInput(
  queries: Record<string, CloudWatchMetric>,
  { start, end, periodSeconds }: MetricDataRange,
): GetMetricDataCommandInput {
  return {
    StartTime: new Date(start),
    EndTime: new Date(end),
    ScanBy: 'TimestampAscending',
    MaxDatapoints: PAGE,
    MetricDataQueries: Object.entries(queries).map(([Id, metric]) => ({
      Id,
      ReturnData: true,
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat: metric.statistic,
      },
    })),
  };
}

/** Adds the values of one page. @returns how many there were. @throws UserError when CloudWatch has none to give. */
function takePage(page: GetMetricDataOutput, found: SeveralMetrics, what: string): number {
  const messages = [
    ...(page.Messages ?? []),
    ...(page.MetricDataResults ?? []).flatMap((result) => result.Messages ?? []),
  ].map(({ Code, Value }) => [Code, Value].filter(Boolean).join(': '));
  for (const message of messages) if (!found.messages.includes(message)) found.messages.push(message);
  let count = 0;
  for (const { Id = '', StatusCode, Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
    if (StatusCode === 'Forbidden' || StatusCode === 'InternalError') {
      const said = messages.length > 0 ? `: ${messages.join('; ')}` : '';
      throw new UserError(`CloudWatch has no values of ${what} to give (${StatusCode})${said}.`, {
        fix:
          StatusCode === 'Forbidden'
            ? 'Allow cloudwatch:GetMetricData to the role that runs this job.'
            : 'Run again later.',
      });
    }
    const points = found.series[Id] ?? [];
    found.series[Id] = points;
    Timestamps.forEach((time, index) => {
      const value = Values[index];
      if (value !== undefined) points.push({ start: time.getTime(), value });
    });
    count += Timestamps.length;
  }
  if (!page.NextToken && page.MetricDataResults?.some(({ StatusCode }) => StatusCode === 'PartialData')) {
    found.messages.push('CloudWatch left values out (PartialData)');
  }
  return count;
}
