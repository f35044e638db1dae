/** Asks the monitoring for every measure of the policy and judges what it says. */
import { inParallel } from '../../../shared/concurrency/parallel.ts';
import { UserError } from '../../../shared/errors.ts';
import {
  type MetricPoint,
  type MetricQuery,
  type MetricSeries,
  type MetricSource,
  MetricsUnavailable,
} from '../../../shared/monitoring/metric-source.ts';
import type { SystemHealth, SystemMeasureResult } from '../../../shared/records/system-health.ts';
import type { SystemMeasure, SystemPolicy } from '../../../shared/records/system-policy.ts';
import type { Locate } from './check-policy.ts';
import { describePast, FEWEST_PAST_WINDOWS, judgeLimits, windowValue } from './judge.ts';
import { looksBack, planWindows, rangesOf, stepValues, type Window, type WindowPlan } from './windows.ts';

/** Steps of the window that the record keeps, for the chart. */
const KEPT_STEPS = 120;

/**
 * Reads and judges. @param policy one that `checkSystem` let pass. @param locate of keys in the section.
 * Where the source gives no answer, what is not known by then is missing, and the rest is not asked for.
 * @throws UserError that names the measure, where the source refuses.
 */
export async function assessSystem(
  policy: SystemPolicy,
  source: MetricSource,
  now: Date,
  locate: Locate,
): Promise<SystemHealth> {
  const plan = planWindows(policy, now);
  const comparisons = policy.measures
    .flatMap(({ max_increase, max_decrease }) => [max_increase, max_decrease])
    .filter((limit) => limit !== undefined).length;
  const measures: SystemMeasureResult[] = [];
  let unavailable: string | undefined;
  await inParallel([...policy.measures.entries()], async ([index, measure]) => {
    const windows = looksBack(measure) ? [...plan.past, plan.current] : [plan.current];
    const series =
      unavailable === undefined
        ? await readWindows(measure, windows, plan.step, source).catch((error: unknown) => {
            if (!(error instanceof MetricsUnavailable))
              throw placed(
                error,
                locate(['measures', index, measure.query === undefined ? 'metric' : 'query']),
              );
            unavailable ??= `${error.message}${error.fix ? ` ${error.fix}` : ''}`;
            return NO_ANSWER;
          })
        : NO_ANSWER;
    measures[index] = judgeMeasure(measure, series, plan, comparisons);
  });
  return {
    source: source.place,
    window: { start: isoTime(plan.current.start), end: isoTime(plan.current.end) },
    stepSeconds: plan.step / 1000,
    seasonSeconds: plan.season / 1000,
    onBreach: policy.on_breach,
    onMissing: policy.on_missing,
    ...(unavailable !== undefined && { unavailable }),
    measures,
  };
}

const NO_ANSWER: MetricSeries = { points: [], warnings: ['the source gave no answer'] };

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

function placed(error: unknown, where: UserError['where']): unknown {
  if (!(error instanceof UserError) || Object.keys(error.where).length > 0) return error;
  return new UserError(error.message, { where, fix: error.fix, cause: error.cause });
}

function questionOf({ query, metric }: SystemMeasure): MetricQuery {
  return query === undefined ? { metric: metric! } : { query };
}

async function readWindows(
  measure: SystemMeasure,
  windows: readonly Window[],
  step: number,
  source: MetricSource,
): Promise<MetricSeries> {
  const points: MetricPoint[] = [];
  const warnings = new Set<string>();
  for (const range of rangesOf(windows, step)) {
    const series = await source.readSeries(questionOf(measure), range, measure.name);
    points.push(...series.points);
    for (const warning of series.warnings) warnings.add(warning);
  }
  return { points, warnings: [...warnings] };
}

/** `AWS/SageMaker ModelLatency, p99 {EndpointName=churn}`, or the PromQL as it was sent. */
function questionText({ query, metric }: SystemMeasure): string {
  if (query !== undefined) return query;
  const { namespace, name, dimensions, statistic } = metric!;
  const named = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return `${namespace} ${name}, ${statistic} {${named.join(', ')}}`;
}

function judgeMeasure(
  measure: SystemMeasure,
  { points, warnings }: MetricSeries,
  { step, current, past }: WindowPlan,
  comparisons: number,
): SystemMeasureResult {
  const steps = stepValues(points, current, step);
  const summarise = (values: readonly (number | null)[]) => windowValue(values, measure.over_window);
  const value = summarise(steps);
  const pastValues = looksBack(measure)
    ? past.map((window) => ({ end: isoTime(window.end), value: summarise(stepValues(points, window, step)) }))
    : undefined;
  const described =
    pastValues &&
    describePast(
      pastValues.map((window) => window.value),
      comparisons,
    );
  const limits = judgeLimits(measure, value, described);
  const known = pastValues?.filter((window) => window.value !== null).length ?? 0;
  const valued = steps.filter((step) => step !== null).length;
  const notes = [...warnings];
  const infinite = points.filter(
    ({ time, value }) => time > current.start && Math.abs(value) === Infinity,
  ).length;
  if (infinite > 0) notes.push(`${infinite} steps are infinite and were left out`);
  if (pastValues && !described) {
    notes.push(
      `${known} of ${pastValues.length} past windows have values, and ${FEWEST_PAST_WINDOWS} are needed`,
    );
  }
  return {
    name: measure.name,
    unit: measure.unit ?? null,
    query: questionText(measure),
    statistic: measure.over_window,
    status: statusOf(value, limits),
    value,
    steps: { expected: steps.length, valued },
    limits,
    past: pastValues
      ? {
          asked: pastValues.length,
          windows: known,
          mean: described?.mean ?? null,
          deviation: described?.deviation ?? null,
          values: pastValues,
        }
      : null,
    series: thinned(steps, KEPT_STEPS).map(([index, stepValue]) => ({
      time: isoTime(current.start + (index + 1) * step),
      value: stepValue,
    })),
    note: notes.join('; '),
  };
}

function statusOf(
  value: number | null,
  limits: SystemMeasureResult['limits'],
): SystemMeasureResult['status'] {
  if (value === null) return 'missing';
  if (limits.some(({ status }) => status === 'beyond')) return 'beyond';
  return limits.every(({ status }) => status === 'not_judged') ? 'not_judged' : 'within';
}

/** At most so many steps, evenly chosen, with the first and the last. */
function thinned(steps: readonly (number | null)[], most: number): [index: number, value: number | null][] {
  const entries = [...steps.entries()];
  if (entries.length <= most) return entries;
  return Array.from(
    { length: most },
    (_, index) => entries[Math.round((index * (entries.length - 1)) / (most - 1))]!,
  );
}
