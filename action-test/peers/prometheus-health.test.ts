/** System health from a real Prometheus that holds a known past: what it answers, and what is made of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessSystem } from '../../actions/drift-check/system-health/assess-system.ts';
import type { MetricAccess } from '../../shared/monitoring/metric-source.ts';
import { openPrometheus } from '../../shared/monitoring/prometheus.ts';
import { systemPolicySchema } from '../../shared/records/system-policy.ts';
import {
  hasPrometheus,
  type PrometheusServer,
  requirePrometheus,
  startPrometheus,
} from './prometheus-server.ts';

requirePrometheus();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const END = Date.parse('2026-03-02T12:00:00Z');
const PAST_HOURS = 12;
const EDGES = [0.1, 0.25, 0.5, 1];

/** Requests of each minute up to `index` that took as long as a bucket says, all in all; the last hour is slow. */
function minutes(): { time: number; load: number; counts: number[]; errors: number }[] {
  const counts = [0, 0, 0, 0, 0];
  let errors = 0;
  return Array.from({ length: (PAST_HOURS + 1) * 60 + 10 }, (_, index) => {
    const time = END - ((PAST_HOURS + 1) * 60 + 9 - index) * MINUTE;
    const slow = time > END - HOUR;
    // Of 100 requests a minute; the shares of an hour differ from those of the next.
    const quick = 80 - (Math.floor(index / 60) % 3);
    const each = slow ? [10, 20, 50, 20, 0] : [quick, 100 - quick - 2, 1, 1, 0];
    each.forEach((count, bucket) => {
      counts[bucket]! += count;
    });
    errors += slow ? 4 : 1;
    return { time, load: (index * 37) % 101, counts: [...counts], errors };
  });
}

function openMetrics(): string {
  const rows = minutes();
  const line = (name: string, value: number, time: number) => `${name} ${value} ${time / 1000}`;
  const buckets = [...EDGES.map(String), '+Inf'].flatMap((edge, bucket) =>
    rows.map(({ time, counts }) => {
      const below = counts.slice(0, bucket + 1).reduce((sum, count) => sum + count, 0);
      return line(`request_seconds_bucket{pod="a",le="${edge}"}`, below, time);
    }),
  );
  return [
    '# TYPE load gauge',
    ...rows.map(({ time, load }) => line('load{pod="a"}', load, time)),
    ...rows.map(({ time, load }) => line('load{pod="b"}', load + 1, time)),
    '# TYPE request_seconds histogram',
    ...buckets,
    ...rows.map(({ time, counts }) =>
      line(
        'request_seconds_count{pod="a"}',
        counts.reduce((sum, count) => sum + count, 0),
        time,
      ),
    ),
    '# TYPE failures counter',
    ...rows.map(({ time, errors }) => line('failures_total{pod="a"}', errors, time)),
    '# EOF',
    '',
  ].join('\n');
}

/** The quantile of counts per bucket as Prometheus defines it: linear within the bucket, which begins at 0. */
function histogramQuantile(share: number, counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    if (below + count >= share * total) {
      const low = bucket === 0 ? 0 : EDGES[bucket - 1]!;
      return low + ((share * total - below) / count) * (EDGES[bucket]! - low);
    }
    below += count;
  }
  return EDGES.at(-1)!;
}

function access(env: NodeJS.ProcessEnv = {}): MetricAccess {
  return { env, now: () => new Date(END), wait: async () => undefined };
}

describe.skipIf(!hasPrometheus)('Prometheus', () => {
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await startPrometheus(openMetrics());
  });
  afterAll(() => server?.close());

  const read = (query: string, range = { start: END - HOUR, end: END, step: MINUTE }) =>
    openPrometheus(server.url, access()).readSeries({ query }, range, 'measure');

  test('gives the value of each step that ends in the range', async () => {
    const { points, warnings } = await read('load{pod="a"}');
    const known = minutes().filter(({ time }) => time > END - HOUR);
    expect(points).toEqual(known.map(({ time, load }) => ({ time, value: load })));
    expect(warnings).toEqual([]);
  });

  test('gives more steps than it allows at once, in parts', async () => {
    const range = { start: END - 11_500 * 1000, end: END, step: 1000 };
    const { points } = await read('vector(time())', range);
    expect(points).toHaveLength(11_500);
    expect(
      points.every(
        ({ time, value }, index) => time === range.start + (index + 1) * 1000 && value === time / 1000,
      ),
    ).toBe(true);
  });

  test('divides by zero, knows nothing, and has more than one series', async () => {
    expect((await read('max(load) / 0')).points.every(({ value }) => value === Infinity)).toBe(true);
    expect((await read('0 * max(load) / 0')).points.every(({ value }) => Number.isNaN(value))).toBe(true);
    expect((await read('no_such_metric')).points).toEqual([]);
    await expect(read('load')).rejects.toThrow(
      /answers 2 series \(\{__name__="load", pod="a"\}, .*one is needed/,
    );
    await expect(read('sum(load')).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/asked for measure, answers 400: .*parse error/),
    });
    await expect(read('load + on() load')).rejects.toThrow(/answers 422: .*many-to-many/);
  });

  test('a slower server and more errors are found against limits and against the hours before', async () => {
    const policy = systemPolicySchema.parse({
      source: { prometheus: server.url },
      ...{ window: '1h', season: '1h', past: `${PAST_HOURS}h`, delay: '0s' },
      measures: [
        {
          name: 'latency_p95',
          query: 'histogram_quantile(0.95, sum by (le) (rate(request_seconds_bucket[5m])))',
          ...{ max: 0.5, max_increase: '50%', over_window: 'max' },
        },
        {
          name: 'errors',
          query: 'sum(rate(failures_total[5m])) / sum(rate(request_seconds_count[5m]))',
          ...{ max: 0.05, max_increase: '50%', over_window: 'median' },
        },
        { name: 'throughput', query: 'sum(rate(request_seconds_count[5m]))', max_decrease: '20%' },
        { name: 'gpu', query: 'nv_gpu_utilization', max: 0.9 },
      ],
    });
    const source = openPrometheus(server.url, access());
    const { measures } = await assessSystem(policy, source, new Date(END), () => ({}));
    expect(measures.map(({ name, status }) => [name, status])).toEqual([
      ['latency_p95', 'beyond'],
      ['errors', 'beyond'],
      ['throughput', 'within'],
      ['gpu', 'missing'],
    ]);
    const [latency, errors, throughput] = measures;
    expect(latency!.value).toBeCloseTo(histogramQuantile(0.95, [10, 20, 50, 20, 0]), 9);
    // The hours before: 80, 79 or 78 of 100 within 0.1 s, 98 within 0.25 s; for a few minutes of both kinds.
    const usual = [80, 79, 78].map((quick) => histogramQuantile(0.95, [quick, 98 - quick, 1, 1, 0]));
    expect(latency!.past!.windows).toBe(PAST_HOURS);
    expect(latency!.past!.mean).toBeGreaterThanOrEqual(Math.min(...usual));
    expect(latency!.past!.mean).toBeLessThanOrEqual(Math.max(...usual) + 1e-9);
    expect(errors!.value).toBeCloseTo(0.04, 9);
    expect(errors!.past!.mean).toBeCloseTo(0.01, 9);
    expect(errors!.limits.map(({ kind, status }) => [kind, status])).toEqual([
      ['max', 'within'],
      ['max_increase', 'beyond'],
    ]);
    expect(throughput!.value).toBeCloseTo(100 / 60, 9);
  });
});

describe.skipIf(!hasPrometheus)('Prometheus with accounts', () => {
  /** The bcrypt hash of `pass word`. */
  const HASH = '$2y$04$Zj9.P3yLXpm0JXONTtDA5ObK3ffkk7zDoV7Xh49T56ZyX0p/lmaBW';
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await startPrometheus('# EOF\n', `basic_auth_users: {ci: '${HASH}'}\n`);
  });
  afterAll(() => server?.close());

  const read = (env: NodeJS.ProcessEnv) =>
    openPrometheus(server.url, access(env)).readSeries(
      { query: 'vector(1)' },
      { start: END - HOUR, end: END, step: MINUTE },
      'measure',
    );

  test('answers to the right one alone', async () => {
    const account = { PROMETHEUS_USERNAME: 'ci', PROMETHEUS_PASSWORD: 'pass word' };
    expect((await read(account)).points).toHaveLength(60);
    await expect(read({ ...account, PROMETHEUS_PASSWORD: 'other' })).rejects.toThrow(/answers 401/);
    await expect(read({})).rejects.toMatchObject({ fix: expect.stringContaining('PROMETHEUS_TOKEN') });
  });
});
