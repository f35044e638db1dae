/** GetMetricData and PutMetricData. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { addValue, binOf, type MetricDimension, periodBin, seriesKey } from './metric-store.ts';
import { type OperationHandler, type SageMakerWorld, seconds } from './state.ts';
import { isStatistic, statisticOf } from './statistics.ts';

interface MetricStat {
  Metric: { Namespace?: string; MetricName?: string; Dimensions?: MetricDimension[] };
  Period: number;
  Stat: string;
}

interface MetricQuery {
  Id: string;
  MetricStat?: MetricStat;
  Expression?: string;
  Label?: string;
  ReturnData?: boolean;
}

/** One query's values over all pages. */
interface Series {
  query: MetricQuery;
  points: [time: number, value: number][];
}

const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

/** A refusal of CloudWatch. */
export const invalid = (message: string): AwsFault => new AwsFault('InvalidParameterValueException', message);

export const metricOperations: Record<string, OperationHandler> = {
  PutMetricData(input, world) {
    for (const datum of (input.MetricData ?? []) as Record<string, unknown>[])
      put(String(input.Namespace), datum, world);
    return undefined;
  },
  GetMetricData(input, world) {
    const queries = input.MetricDataQueries as MetricQuery[];
    const [start, end] = [Number(input.StartTime) * 1000, Number(input.EndTime) * 1000];
    if (start >= end) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
    if (queries.length === 0 || queries.length > MOST_QUERIES)
      throw invalid(`The collection MetricDataQueries must have a size between 1 and ${MOST_QUERIES}.`);
    if (new Set(queries.map(({ Id }) => Id)).size < queries.length)
      throw invalid('The values for parameter id in MetricDataQueries are not unique.');
    const isAscending = input.ScanBy === 'TimestampAscending';
    const all = queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .map((query): Series => {
        const points = pointsOf(query, { start, end }, world);
        return { query, points: isAscending ? points : points.reverse() };
      });
    return pageOfSeries(all, input, world);
  },
};

/** A page has so many datapoints of all queries together; a series that goes on is PartialData. */
function pageOfSeries(
  all: Series[],
  input: Record<string, unknown>,
  world: SageMakerWorld,
): Record<string, unknown> {
  const most = Math.min(Number(input.MaxDatapoints ?? MOST_DATAPOINTS), world.pageSize * MOST_QUERIES);
  if (input.NextToken !== undefined && !/^\d+$/.test(String(input.NextToken)))
    throw new AwsFault('InvalidNextToken', 'The next token specified is invalid.');
  const from = Number(input.NextToken ?? 0);
  let before = 0;
  const MetricDataResults = all.flatMap(({ query, points }) => {
    const own = { start: Math.max(0, from - before), end: Math.max(0, from + most - before) };
    const shown = points.slice(own.start, own.end);
    before += points.length;
    if (from > 0 && shown.length === 0) return [];
    return {
      Id: query.Id,
      Label: query.Label ?? query.MetricStat?.Metric.MetricName,
      Timestamps: shown.map(([time]) => seconds(time)),
      Values: shown.map(([, value]) => value),
      StatusCode: own.end < points.length ? 'PartialData' : 'Complete',
    };
  });
  return {
    MetricDataResults,
    Messages: [],
    ...(from + most < before ? { NextToken: String(from + most) } : {}),
  };
}

/** Periods lie on multiples of themselves; no datapoint where there was no value. */
function pointsOf(
  { MetricStat, Expression }: MetricQuery,
  { start, end }: { start: number; end: number },
  world: SageMakerWorld,
): [number, number][] {
  if (!MetricStat || Expression !== undefined) throw invalid('The fake knows no metric math.');
  const { Metric, Period, Stat } = MetricStat;
  if (!isStatistic(Stat)) throw invalid(`The value ${Stat} for parameter MetricStat.Stat is not supported.`);
  if (Period % 60 !== 0) throw invalid('The fake has whole minutes only.');
  const step = Period * 1000;
  const key = seriesKey(Metric.Namespace ?? '', Metric.MetricName ?? '', Metric.Dimensions);
  const points: [number, number][] = [];
  for (let time = Math.floor(start / step) * step; time < end; time += step) {
    const value = valueAt(key, { start: time, end: time + step, statistic: Stat }, world);
    if (value !== undefined) points.push([time, value]);
  }
  return points;
}

/** The value of a period as far as it can be seen now. */
export function valueAt(
  key: string,
  { start, end, statistic }: { start: number; end: number; statistic: string },
  world: SageMakerWorld,
): number | undefined {
  const visibleUntil = world.now() - world.metricDelayMs;
  const bin = periodBin(world.state.metrics, key, { start, end, visibleUntil });
  return bin && statisticOf(bin, statistic);
}

function put(namespace: string, datum: Record<string, unknown>, world: SageMakerWorld): void {
  const { MetricName, Dimensions, Timestamp, Value, Values, Counts, StatisticValues } = datum;
  const at = Timestamp === undefined ? world.now() : Number(Timestamp) * 1000;
  const bin = binOf(
    world.state.metrics,
    seriesKey(namespace, String(MetricName), Dimensions as MetricDimension[]),
    at,
  );
  const values = (Values ?? (Value === undefined ? [] : [Value])) as number[];
  const counts = (Counts ?? []) as number[];
  if (values.length === 0 && StatisticValues === undefined)
    throw new AwsFault(
      'MissingRequiredParameterException',
      'Each metric datum needs Value, Values or StatisticValues.',
    );
  if (Counts !== undefined && counts.length !== values.length)
    throw invalid('The parameters Values and Counts must have the same size.');
  for (const [index, value] of values.entries()) addValue(bin, value, counts[index] ?? 1);
  if (StatisticValues !== undefined) bin.sets.push(StatisticValues as (typeof bin.sets)[number]);
}
