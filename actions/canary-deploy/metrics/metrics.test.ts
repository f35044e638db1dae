import { describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import type { MetricPoint, MetricRange } from '../../../shared/monitoring/metric-source.ts';
import type { LabelledMetricSource } from '../../../shared/monitoring/prometheus.ts';
import { rolloutSchema } from '../../../shared/records/rollout.ts';
import { countSlower, exceededEdge, latencyQuantile } from '../engine/latency-histogram.ts';
import type { Target } from '../targets/target.ts';
import { armLabels, fillIn } from './arm-names.ts';
import { commandCounts } from './command-counts.ts';
import { type CountsSource, NOTHING_SEEN, type WindowClock } from './counts-source.ts';
import { openMetrics } from './open-metrics.ts';
import { prometheusCounts } from './prometheus-counts.ts';
import { ReadFailures } from './read-failures.ts';
import { readServerMeasures } from './server-measures.ts';
import { watched } from './watched.ts';

const MINUTE = 60_000;
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const model = (letter: string) => ({ digest: digest(letter), uri: `oci-layout:r/churn@${digest(letter)}` });
const arms = () =>
  armLabels({ serverName: (arm) => `${arm}:1` }, { champion: model('a'), challenger: model('b') });
/** In the third second of minute 103: 102 minutes are over. */
const clock: WindowClock = { intervalMs: MINUTE, delayMs: 0, now: () => new Date(102 * MINUTE + 3_000) };

/** Answers by the query's text; a step's end → value. */
function source(series: (query: string, end: number) => number | undefined): LabelledMetricSource & {
  asked: { query: string; range: MetricRange }[];
} {
  const asked: { query: string; range: MetricRange }[] = [];
  const points = (query: string, { start, end, step }: MetricRange): MetricPoint[] => {
    const found: MetricPoint[] = [];
    for (let time = start + step; time <= end; time += step) {
      const value = series(query, time);
      if (value !== undefined) found.push({ time, value });
    }
    return found;
  };
  return {
    asked,
    place: 'Prometheus of a test',
    async readSeries(query, range) {
      if (!('query' in query)) throw new TypeError('asked for a metric');
      asked.push({ query: query.query, range });
      return { points: points(query.query, range), warnings: [] };
    },
    async readSeriesBy(label, query, range) {
      const edges = ['0.01', '0.1', '0.5', '+Inf'];
      return new Map(edges.map((edge) => [edge, points(`${query} ${label}=${edge}`, range)]));
    },
  };
}

describe('counts from Prometheus', () => {
  const queries = { requests: 'requests{s="$server"}[$interval]', errors: 'errors{d="$digest",a="$arm"}' };
  const open = (series: Parameters<typeof source>[0], more: { latency?: string } = {}) => {
    const from = source(series);
    const warnings: string[] = [];
    const counts = prometheusCounts({
      ...{ source: from, queries: { ...queries, ...more }, clock, arms },
      warn: (message) => warnings.push(message),
    });
    return { counts, from, warnings };
  };

  test('has one window for each interval that is over, each arm asked by its own names', async () => {
    const { counts, from } = open((query, end) =>
      query.startsWith('requests') ? (query.includes('champion') ? 900.4 : 99.6) + end / MINUTE : 2.2,
    );
    expect(counts.lastSequence()).toBe(102);
    const windows = await counts.windows(100, null);
    expect(
      windows.map(({ sequence, startedAt, endedAt, weight }) => [sequence, startedAt, endedAt, weight]),
    ).toEqual([
      [101, 100 * MINUTE, 101 * MINUTE, null],
      [102, 101 * MINUTE, 102 * MINUTE, null],
    ]);
    expect(windows[0]!.champion).toEqual({ ...NOTHING_SEEN, requests: 1001, errors: 2 });
    // 402.2 in both: what the first was rounded up by is taken off the second.
    expect(windows.map(({ challenger }) => challenger)).toEqual([
      { ...NOTHING_SEEN, requests: 201, errors: 2 },
      { ...NOTHING_SEEN, requests: 201, errors: 2 },
    ]);
    expect(from.asked.map(({ query }) => query)).toEqual([
      'requests{s="champion:1"}[60000ms]',
      `errors{d="${digest('a')}",a="champion"}`,
      'requests{s="challenger:1"}[60000ms]',
      `errors{d="${digest('b')}",a="challenger"}`,
    ]);
    expect(await counts.windows(102, null)).toEqual([]);
  });

  test('errors without a value make the requests worth nothing, and say so once', async () => {
    const { counts, warnings } = open((query) => (query.startsWith('requests') ? 50 : undefined));
    const windows = await counts.windows(99, null);
    expect(windows).toHaveLength(3);
    for (const window of windows) expect(window.challenger).toEqual(NOTHING_SEEN);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('vector(0)');
  });

  test('what is no number is no value, and errors are never more than requests', async () => {
    const { counts } = open((query, end) => {
      if (query.startsWith('errors')) return 12;
      return end === 102 * MINUTE ? 10 : Number.NaN;
    });
    const [first, second] = await counts.windows(100, null);
    expect(first!.champion).toEqual(NOTHING_SEEN);
    expect(second!.champion).toMatchObject({ requests: 10, errors: 10 });
  });

  test('buckets by le become counts that are exact at their edges', async () => {
    const cumulative: Record<string, number> = { '0.01': 40, '0.1': 90, '0.5': 100, '+Inf': 101 };
    const { counts } = open(
      (query) => {
        const edge = / le=(.*)$/.exec(query)?.[1];
        return edge ? cumulative[edge] : query.startsWith('errors') ? 0 : 101;
      },
      { latency: 'sum by (le) (seconds{s="$server"})' },
    );
    const [window] = await counts.windows(101, null);
    const { latency } = window!.champion;
    if (!latency || !('histogram' in latency)) throw new Error('no histogram');
    const { histogram } = latency;
    expect(Object.values(histogram).reduce((sum, count) => sum + count, 0)).toBe(101);
    expect(countSlower(histogram, 10)).toBe(61);
    expect(countSlower(histogram, 100)).toBe(11);
    expect(countSlower(histogram, 500)).toBe(1);
    expect(latencyQuantile(histogram, 0.5)! / 100).toBeCloseTo(1, 1);
    // The edge that "slower than the p95" is counted from lies below the bucket that holds it.
    expect(countSlower(histogram, exceededEdge(histogram, 0.95)!)).toBe(11);
  });
});

describe('counts from a command', () => {
  const open = (command: string): CountsSource =>
    commandCounts({ command, clock, arms, env: process.env, signal: new AbortController().signal });
  const refusal = async (command: string): Promise<string> => {
    const error = await open(command)
      .windows(101, 20)
      .catch((caught: unknown) => caught);
    if (error instanceof UserError) return error.message;
    throw new Error('was not refused');
  };

  test('are what it prints in its last line, asked for each arm and window', async () => {
    const command =
      'echo working; n=$([ "$ARM" = champion ] && echo 9 || echo 1); echo "{\\"requests\\": $n, \\"errors\\": 0, \\"slow\\": ${SLOWER_THAN_MS:-0}, \\"predictions\\": {\\"$SERVER $START $END\\": $n}}"';
    const [window] = await open(command).windows(101, 1);
    const period = `${new Date(101 * MINUTE).toISOString()} ${new Date(102 * MINUTE).toISOString()}`;
    expect(window!.champion).toEqual({
      ...{ assigned: null, requests: 9, errors: 0, predictions: { [`champion:1 ${period}`]: 9 } },
      latency: { slow: 1, p50: null, p95: null },
    });
    expect(window!.challenger.requests).toBe(1);
  });

  test('keep a class that has the name of what every object has', async () => {
    const counts = '{"constructor": 2, "__proto__": 3}';
    const [window] = await open(`echo '{"requests": 9, "errors": 0, "predictions": ${counts}}'`).windows(
      101,
      1,
    );
    expect(window!.champion.predictions).toEqual({ constructor: 2, '(__proto__)': 3 });
  });

  test.each([
    ['exit 3', 'ended with 3, asked for the champion'],
    ['echo hello', 'printed no JSON in its last line for the champion: hello'],
    ['echo \'{"requests": 1}\'', 'cannot be used (errors:'],
    ['echo \'{"requests": 1, "errors": 2}\'', 'errors and slow are some of the requests'],
    ['echo \'{"requests": 1, "errors": 0, "eror": 2}\'', 'cannot be used'],
  ])('%s is refused', async (command, words) => {
    expect(await refusal(command)).toContain(words);
  });
});

test('measures of a server are read at the end of a window; without a number they are null', async () => {
  const from = source((query) =>
    query.includes('memory') ? 71.5 : query.includes('gpu') ? Number.NaN : undefined,
  );
  const { challenger } = arms();
  const measures = ['memory{s="$server"}', 'gpu', 'cpu'].map((query) => ({
    ...{ name: query.slice(0, 3), query, max: 90, looks: 3 },
  }));
  const window = { startedAt: 100 * MINUTE, endedAt: 101 * MINUTE };
  expect(await readServerMeasures(from, measures, challenger!, [window])).toEqual([
    { mem: 71.5, gpu: null, cpu: null },
  ]);
  expect(from.asked[0]).toEqual({
    query: 'memory{s="challenger:1"}',
    range: { start: window.startedAt, end: window.endedAt, step: MINUTE },
  });
});

test('measures of many windows are read at once, and each gets the value of its own end', async () => {
  const windows = [100, 101, 102].map((minute) => ({
    ...{ startedAt: minute * MINUTE, endedAt: (minute + 1) * MINUTE },
  }));
  const points = [
    { time: 103 * MINUTE + 1, value: 3 },
    { time: 101 * MINUTE, value: 1 },
  ].toReversed();
  const readSeries = vi.fn(async () => ({ points, warnings: [] }));
  const from = { place: 'a test', readSeries };
  const measures = [{ name: 'memory', query: 'memory', max: 90, looks: 3 }];
  expect(await readServerMeasures(from, measures, arms().challenger!, windows)).toEqual([
    { memory: 1 },
    { memory: null },
    { memory: 3 },
  ]);
  expect(readSeries).toHaveBeenCalledExactlyOnceWith(
    expect.anything(),
    { start: 100 * MINUTE, end: 103 * MINUTE, step: MINUTE },
    'memory of the challenger',
  );
});

test('names that could end a text of PromQL are escaped', () => {
  const labels = { arm: 'champion' as const, server: 'a"} or x{b="\\', digest: digest('a') };
  expect(fillIn('up{s="$server"}[$interval] $arms', labels, 1500)).toBe(
    'up{s="a\\"} or x{b=\\"\\\\"}[1500ms] $arms',
  );
});

test('without a source nothing is opened, and CloudWatch alone gives no counts', async () => {
  const rollout = (more: object) =>
    rolloutSchema.parse({ version: 1, steps: [{ weight: 10, bake: '5m' }], ...more });
  const access = {
    env: { AWS_REGION: 'eu-central-1' },
    ...{ now: clock.now, wait: async () => undefined, signal: new AbortController().signal },
  };
  const options = { access, arms, warn: () => undefined, failures: new ReadFailures() };
  expect(await openMetrics({ ...options, rollout: rollout({}) })).toEqual({});
  const metric = { namespace: 'AWS/SageMaker', name: 'CPUUtilization', statistic: 'Average' };
  const health = rollout({ metrics: { cloudwatch: {} }, servers: [{ name: 'cpu', metric, max: 90 }] });
  expect(Object.keys(await openMetrics({ ...options, rollout: health }))).toEqual(['servers']);
});

describe('a rollout that names a source', () => {
  const monitoring = {
    access: {
      env: { PATH: process.env.PATH },
      ...{ now: clock.now, wait: async () => undefined, signal: new AbortController().signal },
    },
    warn: () => undefined,
  };
  const rollout = (metrics?: object) =>
    rolloutSchema.parse({
      ...{ version: 1, steps: [{ weight: 10, bake: '5m' }] },
      ...(metrics && { metrics }),
    });
  class SomeTarget {
    readonly #state = { champion: model('a'), challenger: model('b'), lastSequence: 3 };
    attended = 0;
    served = () => this.#state;
    serverName = (arm: string) => `${arm}:1`;
    attend = async () => {
      this.attended += 1;
    };
    async read() {
      return this.#state;
    }
    async windows(): Promise<never> {
      throw new Error('the target was asked for its own counts');
    }
  }

  test('is judged by its counts from where it begins on, while the target looks after the split', async () => {
    const target = new SomeTarget();
    const command = 'echo "{\\"requests\\": 9, \\"errors\\": 1}"';
    const seen = await watched({ target: target as unknown as Target, monitoring }, rollout({ command }));
    expect(await seen.target.read()).toMatchObject({ champion: model('a'), lastSequence: 102 });
    const windows = await seen.target.windows(100, null);
    expect(windows.map(({ sequence, challenger }) => [sequence, challenger.requests])).toEqual([
      [101, 9],
      [102, 9],
    ]);
    expect(target.attended).toBe(1);
  });

  test('without one the target counts, and without a way to ask nothing is done', async () => {
    const situation = { target: new SomeTarget() as unknown as Target };
    expect(await watched(situation, rollout())).toBe(situation);
    await expect(watched(situation, rollout({ command: 'true' }))).rejects.toThrow(TypeError);
  });
});

test('measures that cannot be read are none, and say so', async () => {
  const health = rolloutSchema.parse({
    ...{ version: 1, steps: [{ weight: 10, bake: '5m' }] },
    metrics: { prometheus: 'http://127.0.0.1:1' },
    servers: [{ name: 'memory', query: 'up', max: 1 }],
  });
  const warnings: string[] = [];
  const { servers } = await openMetrics({
    ...{
      failures: new ReadFailures(),
      rollout: health,
      arms,
      warn: (message: string) => void warnings.push(message),
    },
    access: { env: {}, now: clock.now, wait: async () => undefined, signal: new AbortController().signal },
  });
  expect(await servers!([{ startedAt: 0, endedAt: MINUTE }])).toEqual([{ memory: null }]);
  expect(warnings[0]).toContain('could not be read');
});
