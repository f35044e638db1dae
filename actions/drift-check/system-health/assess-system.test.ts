import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type MetricPoint,
  type MetricRange,
  type MetricSource,
  MetricsUnavailable,
} from '../../../shared/monitoring/metric-source.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { RecordFolder } from '../../../shared/records/folder.ts';
import { systemPolicySchema } from '../../../shared/records/system-policy.ts';
import { readInputs } from '../../../shared/runtime/inputs.ts';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import {
  type LoopbackServer,
  readBody,
  sendJson,
  startLoopbackServer,
} from '../../../shared/testing/loopback-server.ts';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import { definition } from '../main.ts';
import { assessSystem } from './assess-system.ts';

const NOW = new Date('2026-03-10T12:02:30Z');
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const END = Date.parse('2026-03-10T12:00:00Z');

/** A source whose value at any time is a function of that time; it keeps what it was asked. */
function sourceOf(value: (time: number) => number | undefined, warnings: string[] = []) {
  const asked: MetricRange[] = [];
  const source: MetricSource = {
    place: 'a source',
    readSeries: async (_query, range) => {
      asked.push({ ...range });
      const points: MetricPoint[] = [];
      for (let time = range.start + range.step; time <= range.end; time += range.step) {
        const found = value(time);
        if (found !== undefined) points.push({ time, value: found });
      }
      return { points, warnings };
    },
  };
  return { source, asked };
}

async function assessed(
  measure: object,
  source: MetricSource,
  more: object = {},
): Promise<Awaited<ReturnType<typeof assessSystem>>> {
  const policy = systemPolicySchema.parse({
    source: { prometheus: 'http://localhost:9090' },
    measures: [{ name: 'x', query: 'x', ...measure }],
    ...more,
  });
  return assessSystem(policy, source, NOW, () => ({}));
}

describe('a measure', () => {
  test('with limits alone is asked for its window once', async () => {
    const { source, asked } = sourceOf((time) => (time > END - 30 * MINUTE ? 3 : 1));
    const system = await assessed({ max: 2, min: 2 }, source);
    expect(asked).toEqual([{ start: END - 60 * MINUTE, end: END, step: MINUTE }]);
    expect(system).toMatchObject({
      window: { start: '2026-03-10T11:00:00.000Z', end: '2026-03-10T12:00:00.000Z' },
      measures: [{ value: 2, status: 'within', steps: { expected: 60, valued: 60 }, past: null }],
    });
    expect(system.measures[0]!.series).toHaveLength(60);
    expect(system.measures[0]!.series.at(-1)).toEqual({ time: '2026-03-10T12:00:00.000Z', value: 3 });
  });

  test('with a past is asked for the same hour of fourteen days, and found to have risen', async () => {
    const days = (time: number) => Math.round((END - time) / DAY);
    const { source, asked } = sourceOf((time) => (time > END - DAY / 2 ? 15 : 10 + (days(time) % 3) / 10));
    const system = await assessed({ max_increase: '20%', max_decrease: '20%' }, source);
    expect(asked.map(({ end }) => end)).toEqual(
      Array.from({ length: 15 }, (_, index) => END - (14 - index) * DAY),
    );
    const [measure] = system.measures;
    expect(measure).toMatchObject({ status: 'beyond', value: 15, past: { asked: 14, windows: 14 } });
    expect(measure!.limits.map(({ kind, status }) => [kind, status])).toEqual([
      ['max_increase', 'beyond'],
      ['max_decrease', 'within'],
    ]);
    expect(measure!.past!.mean).toBeCloseTo(10.1071428, 6);
    expect(measure!.past!.values[0]).toEqual({ end: '2026-02-24T12:00:00.000Z', value: 10.2 });
  });

  test('whose past does not reach far enough is not judged, and says so', async () => {
    const { source } = sourceOf((time) => (time > END - 3 * DAY ? 1 : undefined));
    const [measure] = (await assessed({ max_increase: 1 }, source)).measures;
    expect(measure).toMatchObject({
      status: 'not_judged',
      value: 1,
      past: { windows: 2, mean: null },
      note: '2 of 14 past windows have values, and 6 are needed',
    });
  });

  test('without values in half of the window is missing; infinite and undefined ones are told of', async () => {
    const { source } = sourceOf(
      (time) => [1, Number.NaN, Number.POSITIVE_INFINITY, undefined][(time / MINUTE) % 4],
      ['half of the stores answered'],
    );
    const [measure] = (await assessed({ max: 2 }, source)).measures;
    expect(measure).toMatchObject({
      status: 'missing',
      value: null,
      steps: { expected: 60, valued: 15 },
      note: 'half of the stores answered; 15 steps are infinite and were left out',
    });
    expect((await assessed({ max: 2 }, sourceOf(() => undefined).source)).measures[0]!.status).toBe(
      'missing',
    );
  });

  test('that a source in trouble does not answer is missing with all that were still to be asked', async () => {
    let asked = 0;
    const { source } = sourceOf(() => 1);
    const troubled: MetricSource = {
      place: 'a source',
      readSeries: (...question) => {
        asked += 1;
        if (asked === 1) return source.readSeries(...question);
        throw new MetricsUnavailable('The source is gone.', { fix: 'Start it.' });
      },
    };
    const measures = Array.from({ length: 30 }, (_, index) => ({ name: `m${index}`, query: 'x', max: 2 }));
    const system = await assessed({}, troubled, { measures });
    expect(system.unavailable).toBe('The source is gone. Start it.');
    const [first, ...others] = system.measures;
    expect(first).toMatchObject({ status: 'within', value: 1 });
    expect(others).toHaveLength(29);
    for (const measure of others)
      expect(measure).toMatchObject({
        status: 'missing',
        value: null,
        steps: { expected: 60, valued: 0 },
        note: 'the source gave no answer',
      });
    expect(asked).toBeLessThan(6);
  });

  test('of a long window keeps a chart’s worth of steps', async () => {
    const { source } = sourceOf((time) => time);
    const [measure] = (await assessed({ max: 2 }, source, { window: '1d' })).measures;
    expect(measure!.series).toHaveLength(120);
    expect(measure!.series.at(-1)!.value).toBe(END);
    expect(measure!.steps.expected).toBe(1440);
  });
});

describe('the action', () => {
  let runner: FakeRunner;
  let server: LoopbackServer | undefined;
  beforeEach(async () => {
    runner = await createFakeRunner();
  });
  afterEach(async () => {
    await server?.close();
    await runner.close();
  });

  /** Runs on steady rows, with a server that answers every step by `value`. */
  async function check(value: string, env: NodeJS.ProcessEnv = {}, onMissing = 'warn') {
    server = await startLoopbackServer(async (request, response) => {
      const form = new URLSearchParams((await readBody(request)).toString());
      // Each of the attempts waits as long as the server asks for.
      if (value === 'down') return void response.writeHead(503, { 'retry-after': '0' }).end();
      if (form.get('query') === 'broken(')
        return sendJson(response, 400, { status: 'error', error: 'parse error: unclosed' });
      const [start, end] = [Number(form.get('start')), Number(form.get('end'))];
      const values = Array.from({ length: (end - start) / 60 + 1 }, (_, step) => [start + step * 60, value]);
      sendJson(response, 200, {
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric: {}, values }] },
      });
    });
    const at = (name: string) => join(runner.workspace, name);
    const rows = Array.from({ length: 400 }, (_, row) => (row * 7919) % 1009);
    await writeFile(at('before.csv'), `x\n${rows.join('\n')}\n`);
    await writeFile(at('now.csv'), `x\n${rows.slice(1).join('\n')}\n`);
    const query = value === 'broken' ? 'broken(' : 'latency';
    await writeFile(
      at('drift.yaml'),
      `version: 1\nsystem:\n  source: {prometheus: "${server.url}"}\n  on_missing: ${onMissing}\n  measures:\n    - {name: latency, query: ${query}, max: 0.5, unit: s}\n`,
    );
    const given: Record<string, string> = {
      name: 'churn',
      reference: at('before.csv'),
      data: at('now.csv'),
      policy: at('drift.yaml'),
    };
    const records = new RecordFolder(at('records'), 'churn');
    const masked: string[] = [];
    const result = await definition.run(
      readInputs(definition.inputs, (name) => given[name]),
      {
        log: { ...silentLog, mask: (secret) => void masked.push(secret) },
        signal: new AbortController().signal,
        env: { ...process.env, GITHUB_REPOSITORY: '', ...env },
        now: () => NOW,
        source: { repository: null, commit: null, runUrl: null },
        records,
        temporaryFolder: join(runner.folder, 'temporary'),
        cacheFolder: process.env.RUNNER_TOOL_CACHE ?? join(homedir(), '.cache', 'mlops-actions'),
        saveState: () => undefined,
      },
    );
    return { record: result.record as DriftCheck, records, masked };
  }

  test('passes with a fast server, and keeps what it saw', async () => {
    const { record, records, masked } = await check('0.2', { PROMETHEUS_TOKEN: 'tok-998877' });
    expect(record).toMatchObject({
      verdict: 'pass',
      system: { measures: [{ value: 0.2, status: 'within' }] },
    });
    const path = await records.write(record);
    expect(await readFile(path, 'utf8')).not.toContain('tok-998877');
    expect(await records.read('DriftCheck')).toEqual(record);
    expect(masked).toContain('tok-998877');
  });

  test('warns of a slow one, and asks for no retrain', async () => {
    const { record } = await check('0.8');
    expect(record).toMatchObject({ verdict: 'warn', retrain: false });
    expect(record.reason).toContain(
      'system health beyond its limits: latency was 0.8 s, above its limit of 0.5 s',
    );
  });

  test.each(['pass', 'warn', 'fail'] as const)(
    'a server that cannot be asked loses nothing of the rest, and on_missing makes it %s',
    async (onMissing) => {
      const { record } = await check('down', {}, onMissing);
      expect(record).toMatchObject({
        verdict: onMissing,
        retrain: false,
        columns: [{ name: 'x', status: 'steady' }],
        system: { unavailable: expect.stringContaining('answers 503'), measures: [{ status: 'missing' }] },
      });
      expect(record.reason).toContain(
        `system health not known: Prometheus ${server!.url}, asked for latency`,
      );
      const { summary } = definition.report(record);
      expect(String(summary)).toContain('the source gave no answer');
    },
  );

  test('a query that is refused is an error at its line', async () => {
    await expect(check('broken')).rejects.toMatchObject({
      message: expect.stringMatching(/asked for latency, answers 400: parse error: unclosed/),
      where: { line: 6, key: 'system.measures[0].query' },
    });
  });
});
