import type { MetricDataReader } from '../../../../shared/aws/metric-data.ts';
import type { ArmWindow, TrafficWindow } from '../../engine/window.ts';

export const MINUTE_MS = 60_000;
/** So long after its end a minute's values are complete. */
const DELAY_MS = 2 * MINUTE_MS;
/** More is not asked for at once: CloudWatch keeps minutes for 15 days. */
const MOST_MINUTES = 15 * 24 * 60;

const NAMESPACE = 'AWS/SageMaker';
const MICROSECONDS = 1000;

export interface WindowRequest {
  endpoint: string;
  champion: string;
  challenger: string;
  /** Sequence of the last window that was seen. */
  after: number;
  /** Whole minutes of one window. */
  minutes: number;
  slowerThanMs: number | null;
  now: Date;
  /** Whether the challenger gets a copy of each request of the champion. */
  mirrored: boolean;
  progress: (message: string) => void;
}

/** The number, since 1970, of the last minute whose values are complete. */
export const lastMinute = (now: Date): number => Math.floor((now.getTime() - DELAY_MS) / MINUTE_MS) - 1;

/**
 * Windows from CloudWatch's minutes of both variants. The sequence is the number of a window's last minute since 1970,
 * so that the same windows come again whoever asks. A minute without a value had no request. While CloudWatch has left
 * values out there are no windows: they come later.
 */
export async function metricWindows(
  reader: MetricDataReader,
  request: WindowRequest,
): Promise<TrafficWindow[]> {
  const { endpoint, champion, challenger, after, minutes, slowerThanMs, now } = request;
  const last = lastMinute(now);
  const oldest = Math.max(after + 1, last - MOST_MINUTES);
  // Aligned to 1970, as CloudWatch aligns its periods.
  const first = Math.floor(oldest / minutes) * minutes;
  const end = Math.floor((last + 1) / minutes) * minutes;
  if (end <= first) return [];
  const range = { start: first * MINUTE_MS, end: end * MINUTE_MS, periodSeconds: minutes * 60 };
  const queries = {
    ...armQueries('champion', endpoint, champion, slowerThanMs),
    ...armQueries('challenger', endpoint, challenger, slowerThanMs),
  };
  const { series, messages } = await reader.readSeveral(
    queries,
    range,
    `the requests to the endpoint ${endpoint}`,
  );
  if (messages.some((message) => message.includes('PartialData'))) return [];
  const valuesOf = (name: string) => new Map((series[name] ?? []).map(({ start, value }) => [start, value]));
  const values = new Map(Object.keys(queries).map((name) => [name, valuesOf(name)]));
  const windows: TrafficWindow[] = [];
  for (let minute = first; minute < end; minute += minutes) {
    const at = minute * MINUTE_MS;
    const arm = (name: 'champion' | 'challenger') =>
      armWindow((key) => values.get(`${name}_${key}`)?.get(at), slowerThanMs !== null);
    windows.push({
      sequence: minute + minutes - 1,
      startedAt: at,
      endedAt: at + minutes * MINUTE_MS,
      weight: null,
      champion: arm('champion'),
      challenger: arm('challenger'),
    });
  }
  const unseen = windows.filter(({ sequence }) => sequence > after);
  return request.mirrored ? unseen.map((window) => onlyWhole(window, request.progress)) : unseen;
}

/** So many of the copies must have been counted; the others may belong to the minute before or after. */
const LEAST_COPIES = 0.9;

/** A shadow of which copies are missing is not judged in that time: those that were counted may be the easy ones. */
function onlyWhole(window: TrafficWindow, progress: (message: string) => void): TrafficWindow {
  const { champion, challenger } = window;
  if (challenger.requests === 0 || challenger.requests >= LEAST_COPIES * champion.requests) return window;
  const at = new Date(window.startedAt).toISOString();
  progress(
    `at ${at} ${challenger.requests} of ${champion.requests} copies were counted: that time is not judged`,
  );
  return { ...window, challenger: { ...NOTHING_SEEN } };
}

const NOTHING_SEEN: ArmWindow = {
  ...{ assigned: 0, requests: 0, errors: 0, predictions: null },
  latency: { p50: null, p95: null, slow: null },
};

/** Latencies are the model's own, without what SageMaker adds: that is alike for both. */
function armQueries(arm: string, endpoint: string, variant: string, slowerThanMs: number | null) {
  const of = (name: string, statistic: string) => ({
    namespace: NAMESPACE,
    name,
    dimensions: { EndpointName: endpoint, VariantName: variant },
    statistic,
  });
  return {
    [`${arm}_requests`]: of('Invocations', 'Sum'),
    [`${arm}_client`]: of('Invocation4XXErrors', 'Sum'),
    [`${arm}_server`]: of('Invocation5XXErrors', 'Sum'),
    [`${arm}_model`]: of('InvocationModelErrors', 'Sum'),
    [`${arm}_p50`]: of('ModelLatency', 'p50'),
    [`${arm}_p95`]: of('ModelLatency', 'p95'),
    // The bound itself is left out, as slower means above it.
    ...(slowerThanMs === null
      ? {}
      : { [`${arm}_slow`]: of('ModelLatency', `TC(${Math.round(slowerThanMs * MICROSECONDS)}:)`) }),
  };
}

/** @param countsSlow whether there is a threshold: then a minute without its count says nothing of latency. */
function armWindow(value: (key: string) => number | undefined, countsSlow: boolean): ArmWindow {
  const requests = Math.round(value('requests') ?? 0);
  // InvocationModelErrors counts what 4XX and 5XX count, and timeouts and broken answers besides: never both.
  const errors = Math.max(value('model') ?? 0, (value('client') ?? 0) + (value('server') ?? 0));
  const milliseconds = (key: string) => {
    const found = value(key);
    return requests === 0 || found === undefined ? null : found / MICROSECONDS;
  };
  const slow = countsSlow && requests === 0 ? 0 : value('slow');
  return {
    assigned: requests,
    requests,
    errors: Math.min(requests, Math.round(errors)),
    latency: {
      p50: milliseconds('p50'),
      p95: milliseconds('p95'),
      slow: slow === undefined ? null : Math.min(requests, Math.round(slow)),
    },
    predictions: null,
  };
}
