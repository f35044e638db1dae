import type { MetricPoint, MetricRange } from '../../../shared/monitoring/metric-source.ts';
import type { LabelledMetricSource } from '../../../shared/monitoring/prometheus.ts';
import { type LatencyHistogram, latencyBucket } from '../engine/latency-histogram.ts';
import type { ArmName, ArmWindow } from '../engine/window.ts';
import { type ArmLabels, fillIn } from './arm-names.ts';
import { CarriedRounding } from './carried-rounding.ts';
import {
  type CountsSource,
  clockWindow,
  dueWindows,
  lastWindow,
  NOTHING_SEEN,
  ofBothArms,
  type WindowClock,
} from './counts-source.ts';

/** PromQL for the counts within one look. */
export interface CountQueries {
  requests: string;
  errors: string;
  /** Buckets of a histogram in seconds, by `le`. */
  latency?: string | undefined;
}

export interface PrometheusCountsOptions {
  source: LabelledMetricSource;
  queries: CountQueries;
  clock: WindowClock;
  /** Of both arms as they serve now. */
  arms: () => Readonly<Record<ArmName, ArmLabels | null>>;
  warn: (message: string) => void;
}

/** A series begins with its first request, so that one look without a value is no fault of the query. */
const LOOKS_WITHOUT_VALUE = 3;

/**
 * Counts by PromQL, made whole numbers, since `increase` estimates them. To which arm requests were given stays unknown:
 * each arm is scraped at moments of its own and its increase is estimated alone, and a query may count probes, so that
 * equal arms differ by more than a random split would.
 */
export function prometheusCounts(options: PrometheusCountsOptions): CountsSource {
  const { clock } = options;
  const withoutValue: Record<ArmName, number> = { champion: 0, challenger: 0 };
  const rounding = new CarriedRounding();
  const warned = new Set<string>();
  const warnOnce = (message: string): void => {
    if (!warned.has(message)) options.warn(message);
    warned.add(message);
  };
  const noteRequests = (arm: ArmName, count: number | undefined): void => {
    withoutValue[arm] = count === undefined ? withoutValue[arm] + 1 : 0;
    if (withoutValue[arm] < LOOKS_WITHOUT_VALUE) return;
    warnOnce(
      `The requests of the ${arm} had no value at ${LOOKS_WITHOUT_VALUE} looks in a row; if it had some, look at the query under metrics.requests.`,
    );
  };
  return {
    lastSequence: () => lastWindow(clock),
    async windows(after) {
      const due = dueWindows(clock, after);
      if (!due) return [];
      for (const name of perSecond(options.queries)) {
        warnOnce(
          `metrics.${name} asks for a rate, which is what happens in one second and not within the look: write increase(…[$interval]).`,
        );
      }
      const [first, last] = due;
      const { intervalMs } = clock;
      const range = { start: (first - 1) * intervalMs, end: last * intervalMs, step: intervalMs };
      const labels = options.arms();
      const arms = await ofBothArms(async (arm) => {
        const of = labels[arm];
        return of ? readArm(options, of, range, warnOnce, noteRequests, rounding) : () => NOTHING_SEEN;
      });
      return Array.from({ length: last - first + 1 }, (_, index) => {
        const sequence = first + index;
        const end = sequence * intervalMs;
        return clockWindow(clock, sequence, {
          champion: arms.champion(end),
          challenger: arms.challenger(end),
        });
      });
    },
  };
}

/** The queries of a rate that nothing makes a count of. */
function perSecond(queries: CountQueries): string[] {
  return Object.entries(queries).flatMap(([name, query = '']) => {
    const withoutTexts = query.replace(/"[^"]*"|'[^']*'/g, '');
    return /\bi?rate\s*\(/.test(withoutTexts) && !withoutTexts.includes('*') ? [name] : [];
  });
}

/** @returns what the arm did in the window that ends at a time. */
async function readArm(
  { source, queries }: PrometheusCountsOptions,
  labels: ArmLabels,
  range: MetricRange,
  warn: (message: string) => void,
  noteRequests: (arm: ArmName, count: number | undefined) => void,
  rounding: CarriedRounding,
): Promise<(end: number) => ArmWindow> {
  const ask = async (name: 'requests' | 'errors'): Promise<Map<number, number>> => {
    const query = fillIn(queries[name], labels, range.step);
    const { points, warnings } = await source.readSeries(
      { query },
      range,
      `the ${name} of the ${labels.arm}`,
    );
    for (const warning of warnings)
      warn(`${source.place} warns of the ${name} of the ${labels.arm}: ${warning}.`);
    return rounding.wholeNumbers(`${labels.arm} ${name}`, points, range);
  };
  const requests = await ask('requests');
  const errors = await ask('errors');
  const latency = queries.latency && fillIn(queries.latency, labels, range.step);
  const buckets = latency
    ? await source.readSeriesBy('le', latency, range, `the latency of the ${labels.arm}`)
    : undefined;
  const histograms =
    buckets &&
    histogramsOf(buckets, (le, points) => rounding.wholeNumbers(`${labels.arm} ${le}`, points, range));
  return (end) => {
    const count = requests.get(end);
    const failed = errors.get(end);
    noteRequests(labels.arm, count);
    if (count === undefined) return NOTHING_SEEN;
    if (failed === undefined) {
      // A query that is misspelt answers nothing either, and must not read as "no errors".
      warn(
        `The errors of the ${labels.arm} have no value, so its requests do not count; if that means none, write "… or vector(0)".`,
      );
      return NOTHING_SEEN;
    }
    const histogram = histograms?.(end);
    return {
      assigned: null,
      requests: count,
      errors: Math.min(failed, count),
      latency: histogram ? { histogram } : null,
      predictions: null,
    };
  };
}

/**
 * Cumulative buckets as counts in ours: each of Prometheus's lies in ours at its upper edge, so that "slower than" is
 * exact at its edges. What is above the last finite edge counts just above it.
 */
function histogramsOf(
  buckets: ReadonlyMap<string, readonly MetricPoint[]>,
  wholeNumbers: (le: string, points: readonly MetricPoint[]) => Map<number, number>,
): (end: number) => LatencyHistogram | undefined {
  const edges = [...buckets]
    .map(([le, points]) => ({
      edge: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
      counts: wholeNumbers(le, points),
    }))
    .filter(({ edge }) => !Number.isNaN(edge))
    .sort((a, b) => a.edge - b.edge);
  const lastFinite = edges.findLast(({ edge }) => Number.isFinite(edge))?.edge;
  return (end) => {
    if (edges.length === 0 || !edges.at(-1)!.counts.has(end)) return undefined;
    const histogram: LatencyHistogram = {};
    let below = 0;
    for (const { edge, counts } of edges) {
      // Increases of each bucket are estimated alone, so that a later one may come out smaller.
      const upTo = Math.max(below, counts.get(end) ?? below);
      const bucket = Number.isFinite(edge)
        ? latencyBucket(edge * 1000)
        : latencyBucket((lastFinite ?? 0) * 1000) + 1;
      if (upTo > below) histogram[bucket] = (histogram[bucket] ?? 0) + upTo - below;
      below = upTo;
    }
    return histogram;
  };
}
