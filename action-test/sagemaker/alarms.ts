/** Alarms on one metric, evaluated at the end of each minute of the fake's clock. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import type { Alarm, AlarmState } from './alarm-book.ts';
import { invalid, valueAt } from './metric-data.ts';
import { type MetricDimension, MINUTE, seriesKey } from './metric-store.ts';
import { type OperationHandler, type SageMakerWorld, seconds } from './state.ts';
import { isStatistic } from './statistics.ts';

const COMPARES: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};
/** CloudWatch looks a little further back than it needs, for when the newest values are missing. */
const MORE_PERIODS = 2;
const NEEDED = ['MetricName', 'Namespace', 'Period', 'EvaluationPeriods', 'Threshold', 'ComparisonOperator'];

export const alarmOperations: Record<string, OperationHandler> = {
  PutMetricAlarm(input, world) {
    if (input.Metrics !== undefined) throw invalid('The fake knows alarms on one metric only.');
    const missing = NEEDED.find((name) => input[name] === undefined);
    if (missing)
      throw new AwsFault('MissingRequiredParameterException', `The parameter ${missing} is required.`);
    const statistic = input.Statistic ?? input.ExtendedStatistic;
    if ((input.Statistic === undefined) === (input.ExtendedStatistic === undefined))
      throw new AwsFault(
        'InvalidParameterCombinationException',
        'Give either Statistic or ExtendedStatistic.',
      );
    if (!isStatistic(String(statistic))) throw invalid(`${statistic} is not supported.`);
    if (!COMPARES[String(input.ComparisonOperator)])
      throw invalid(`${input.ComparisonOperator} is for alarms on anomaly detection.`);
    if (Number(input.DatapointsToAlarm ?? 1) > Number(input.EvaluationPeriods))
      throw invalid('DatapointsToAlarm must be at most EvaluationPeriods.');
    const { Tags: _tags, ...fields } = input;
    const at = world.now();
    const old = world.state.alarms.get(String(input.AlarmName));
    world.state.alarms.set(String(input.AlarmName), {
      ...{ fields, putAt: at, updatedAt: at, changedAt: old?.changedAt ?? at },
      state: old?.state ?? 'INSUFFICIENT_DATA',
      reason: old?.reason ?? 'Unchecked: Initial alarm creation',
    });
    return undefined;
  },
  DescribeAlarms(input, world) {
    const names = input.AlarmNames as string[] | undefined;
    const found = [...world.state.alarms].filter(
      ([name, alarm]) =>
        (names === undefined || names.includes(name)) &&
        name.startsWith(String(input.AlarmNamePrefix ?? '')) &&
        (input.StateValue ?? alarm.state) === alarm.state,
    );
    const start = Number(input.NextToken ?? 0);
    const end = start + Number(input.MaxRecords ?? 50);
    const MetricAlarms = found.slice(start, end).map(([name, alarm]) => described(name, alarm, world));
    return { MetricAlarms, CompositeAlarms: [], ...(end < found.length ? { NextToken: String(end) } : {}) };
  },
  DeleteAlarms(input, world) {
    for (const name of input.AlarmNames as string[]) world.state.alarms.delete(name);
    return undefined;
  },
  SetAlarmState(input, world) {
    const alarm = world.state.alarms.get(String(input.AlarmName));
    if (!alarm) throw new AwsFault('ResourceNotFound', `There is no alarm ${input.AlarmName}.`, 404);
    turn(alarm, input.StateValue as AlarmState, String(input.StateReason), world);
    return undefined;
  },
};

function described(name: string, alarm: Alarm, { region, account }: SageMakerWorld): Record<string, unknown> {
  return {
    ...{ ActionsEnabled: true, OKActions: [], AlarmActions: [], InsufficientDataActions: [], Dimensions: [] },
    ...alarm.fields,
    AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
    ...{ StateValue: alarm.state, StateReason: alarm.reason },
    AlarmConfigurationUpdatedTimestamp: seconds(alarm.putAt),
    StateUpdatedTimestamp: seconds(alarm.updatedAt),
    StateTransitionedTimestamp: seconds(alarm.changedAt),
  };
}

/** Which of these alarms are in ALARM. */
export const alarmsRaised = (names: string[], { state }: SageMakerWorld): string[] =>
  names.filter((name) => state.alarms.get(name)?.state === 'ALARM');

/** Looks at every alarm, at the end of a minute. */
export function evaluateAlarms(world: SageMakerWorld): void {
  for (const alarm of world.state.alarms.values()) {
    const { fields } = alarm;
    const period = Number(fields.Period) * 1000;
    if (world.now() % Math.min(period, MINUTE) !== 0) continue;
    const wanted = Number(fields.EvaluationPeriods);
    const key = seriesKey(
      String(fields.Namespace),
      String(fields.MetricName),
      (fields.Dimensions ?? []) as MetricDimension[],
    );
    const statistic = String(fields.Statistic ?? fields.ExtendedStatistic);
    const end = Math.floor((world.now() - world.metricDelayMs) / period) * period;
    const breaching = COMPARES[String(fields.ComparisonOperator)]!;
    // Oldest first; undefined where a period has no value.
    const points = Array.from({ length: wanted + MORE_PERIODS }, (_, index) => {
      const start = end - (wanted + MORE_PERIODS - index) * period;
      const value = valueAt(key, { start, end: start + period, statistic }, world);
      return value === undefined ? undefined : breaching(value, Number(fields.Threshold));
    });
    const needed = Number(fields.DatapointsToAlarm ?? wanted);
    const next = judged(points, { wanted, needed, missing: String(fields.TreatMissingData ?? 'missing') });
    if (next) turn(alarm, next, `Threshold Crossed: ${points.join(', ')}`, world);
  }
}

/**
 * The table of "configuring how CloudWatch alarms treat missing data": the newest values there are decide; when they
 * are too few, the rest are filled as the alarm says.
 * @returns undefined: the state is kept.
 */
export function judged(
  points: (boolean | undefined)[],
  { wanted, needed, missing }: { wanted: number; needed: number; missing: string },
): AlarmState | undefined {
  const present = points.filter((point) => point !== undefined).slice(-wanted);
  const breaches = present.filter(Boolean).length;
  const absent = wanted - present.length;
  if (missing === 'breaching') return breaches + absent >= needed ? 'ALARM' : 'OK';
  if (missing === 'notBreaching') return breaches >= needed ? 'ALARM' : 'OK';
  if (present.length === 0) return missing === 'ignore' ? undefined : 'INSUFFICIENT_DATA';
  if (breaches >= needed) return 'ALARM';
  // Whether what is missing would make an alarm of it: of nothing but breaches.
  if (breaches < present.length) return 'OK';
  return missing === 'ignore' ? undefined : 'ALARM';
}

function turn(alarm: Alarm, state: AlarmState, reason: string, world: SageMakerWorld): void {
  if (alarm.state === state) return;
  const at = world.now();
  Object.assign(alarm, { state, reason, updatedAt: at, changedAt: at });
}
