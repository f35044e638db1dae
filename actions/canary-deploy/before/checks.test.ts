import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/http/fixed-rate.ts';
import { rolloutSchema } from '../../../shared/records/rollout.ts';
import type { Answer, ModelDoor } from '../targets/target.ts';
import { type BeforeTraffic, CheckFailed, makeChecks, NOTHING_BEFORE } from './checks.ts';
import { readBefore } from './read-before.ts';

const { signal } = new AbortController();

/** A clock that jumps to whatever moment is waited for, and by `lateMs` further at each. */
function jumpingClock(lateMs = 0): Clock & { time: number } {
  return {
    time: 0,
    now() {
      return this.time;
    },
    async waitUntil(moment) {
      this.time = Math.max(this.time, moment) + lateMs;
    },
  };
}

type Reply = Partial<Answer> | ((body: string) => Partial<Answer>);

function door(reply: Reply, ready = true): ModelDoor & { asked: string[] } {
  const asked: string[] = [];
  return {
    place: 'a test',
    asked,
    ping: async () => ready,
    invoke: async (body) => {
      asked.push(body);
      return {
        status: 200,
        text: '{}',
        milliseconds: 1,
        ...(typeof reply === 'function' ? reply(body) : reply),
      };
    },
  };
}

const saying = (value: unknown) => door({ text: JSON.stringify(value) });

/** The results, and the error when a check failed. */
async function check(
  before: Partial<BeforeTraffic>,
  challenger: ModelDoor,
  champion: ModelDoor | null = null,
  clock: Clock = jumpingClock(),
) {
  const now = () => new Date('2026-01-01T00:00:00Z');
  const checks = makeChecks({ ...NOTHING_BEFORE, ...before }, { now, signal, progress: () => {}, clock });
  const error: unknown = await checks.check(challenger, champion).catch((caught: unknown) => caught);
  if (error !== undefined && !(error instanceof CheckFailed)) throw error;
  return { error, results: checks.results, events: checks.events, last: checks.results.at(-1) };
}

test('a challenger that is not ready, or answers none of the first requests, gets no traffic', async () => {
  const silent = await check({}, door({}, false));
  expect(silent.last).toEqual({
    check: 'ready',
    passed: false,
    said: 'GET /ping was not answered with status 200',
  });
  const failing = await check(
    { requests: ['1', '2', '3'] },
    door((body) => ({ status: body === '2' ? 500 : 200 })),
  );
  expect(failing.error).toMatchObject({
    message: 'POST /invocations was answered with status 500 in the check before any traffic (ready).',
    where: { key: 'serve-command' },
  });
  expect(failing.events).toEqual([
    {
      ...{ at: '2026-01-01T00:00:00.000Z', kind: 'check', weight: 0 },
      reason: 'ready failed: POST /invocations was answered with status 500.',
    },
  ]);
  expect((await check({ requests: ['1'] }, door({}))).results).toEqual([
    { check: 'ready', passed: true, said: 'it says so and answered one request' },
  ]);
});

describe('smoke', () => {
  const smoke = (response: unknown, tolerance = 1e-6) => ({
    smoke: { file: 'smoke.jsonl', tolerance, cases: [{ line: 3, request: '{"x":1}', response }] },
  });

  test('equal answers: numbers within the tolerance, keys in any order', async () => {
    const challenger = saying({ b: [1000.0005, 'yes', null, true], a: { c: 1 } });
    const { last } = await check(smoke({ a: { c: 1.0 }, b: [1000, 'yes', null, true] }), challenger);
    expect(last).toEqual({ check: 'smoke', passed: true, said: 'the answer is as expected in smoke.jsonl' });
    expect(challenger.asked).toEqual(['{"x":1}']);
  });

  test.each([
    [{ a: 1 }, { a: 1.01 }, '$.a is 1.01 in place of 1'],
    [{ a: 0 }, { a: 2e-6 }, '$.a is 0.000002 in place of 0'],
    [[1, 2], [1], '$ has 1 elements in place of 2'],
    [[1, 2], [2, 1], '$[0] is 2 in place of 1'],
    [{ a: { b: 'x' } }, { a: {} }, '$.a.b is missing'],
    [{ a: 1 }, { a: 1, 'odd key': 2 }, '$["odd key"] was not expected'],
    [{ a: 1 }, { a: '1' }, '$.a is "1" in place of 1'],
    [null, {}, '$ is {} in place of null'],
    [{ a: [] }, { a: {} }, '$.a is {} in place of []'],
    [false, null, '$ is null in place of false'],
  ])('%j answered by %j: the first difference is named', async (expected, given, difference) => {
    const { last, error } = await check(smoke(expected), saying(given));
    expect(last).toEqual({ check: 'smoke', passed: false, said: `smoke.jsonl:3: ${difference}` });
    expect(error).toMatchObject({ where: { key: 'before.smoke' } });
  });

  test('no answer, and one that is not JSON', async () => {
    expect((await check(smoke(1), door({ status: 0 }))).last?.said).toBe(
      'smoke.jsonl:3: POST /invocations was not answered',
    );
    expect((await check(smoke(1), door({ text: '<p>' }))).last?.said).toBe(
      'smoke.jsonl:3: the answer is not JSON',
    );
  });
});

describe('same_schema', () => {
  const sameSchema = { sameSchema: ['1', '2'] };

  test('other values in the same shape pass; without a champion there is nothing to compare', async () => {
    const { last } = await check(sameSchema, saying({ p: [0.1, 2] }), saying({ p: [3, 4] }));
    expect(last).toEqual({
      check: 'same_schema',
      passed: true,
      said: 'both arms answer 2 requests in the same shape',
    });
    expect((await check(sameSchema, saying(1))).last?.said).toBe('there is no champion to compare with');
    const refusing = door({ status: 422, text: '{"error":"x"}' });
    expect(
      (await check(sameSchema, refusing, door({ status: 400, text: '{"error":"y"}' }))).last?.passed,
    ).toBe(true);
  });

  test.each([
    [{ p: [1] }, { p: [1, 2] }, '$.p is array of 2 and was array of 1'],
    [{ p: [1] }, { p: ['1'] }, '$.p[] is string and was number'],
    [{ p: [1, null] }, { p: [1, 2] }, '$.p[] is number and was null or number'],
    [{ p: 1 }, { q: 1 }, '$.p was number and is not there; $.q is number and was not there'],
    [
      { a: 1, b: 1, c: 1, d: 1 },
      { a: '', b: '', c: '', d: '' },
      '$.a is string and was number; $.b is string and was number; $.c is string and was number and 1 more',
    ],
  ])('%j became %j', async (was, is, differences) => {
    const { last } = await check(sameSchema, saying(is), saying(was));
    expect(last).toEqual({
      ...{ check: 'same_schema', passed: false },
      said: `request 1 is answered in another shape: ${differences}`,
    });
  });

  test('another class of status, and an answer that is no JSON any more', async () => {
    const { last } = await check(sameSchema, door({ status: 404 }), saying({}));
    expect(last?.said).toContain('the status is 4xx and was 2xx');
    expect((await check(sameSchema, door({ text: 'ok' }), saying({}))).last?.said).toContain(
      '$ is not JSON and was object',
    );
  });
});

describe('load', () => {
  const limits = { rate: 100, durationMs: 2_000, maxErrorRate: 0.01, p95Ms: null, requests: ['1', '2'] };
  test('says the rate it reached, the errors and the percentiles, and sends the requests in turn', async () => {
    const challenger = door({ milliseconds: 4 });
    const { last } = await check({ load: limits }, challenger);
    expect(last).toEqual({
      ...{ check: 'load', passed: true },
      said: '100.0 requests a second of 100; 0 of 200 failed (0.00 %); p50 4.0 ms, p95 4.0 ms',
    });
    expect(challenger.asked.slice(0, 3)).toEqual(['1', '2', '1']);
    expect(challenger.asked).toHaveLength(200);
  });

  test('too many errors, and latencies above the limit', async () => {
    let asked = 0;
    const failing = door(() => ({ status: ++asked % 20 === 0 ? 500 : 200 }));
    const { last } = await check({ load: limits }, failing);
    expect(last).toMatchObject({
      passed: false,
      said: expect.stringMatching(/^more than 1.00 % of the requests failed \(.*10 of 200 failed \(5.00 %\)/),
    });
    const late = await check({ load: { ...limits, p95Ms: 5 } }, door({ milliseconds: 6 }));
    expect(late.last).toMatchObject({ passed: false, said: expect.stringContaining('p95 is above 5 ms') });
  });

  test('a generator that cannot reach the rate shows nothing, and that does not pass', async () => {
    const clock = jumpingClock(20);
    const { last } = await check({ load: limits }, door({}), null, clock);
    expect(last).toMatchObject({
      passed: false,
      said: expect.stringMatching(/^this machine could not send at the rate.*\(49.9 requests/),
    });
  });

  test('comes last: a wrong model is not loaded', async () => {
    const challenger = saying(2);
    const smoke = { file: 's', tolerance: 0, cases: [{ line: 1, request: '1', response: 1 }] };
    const { results } = await check({ load: limits, smoke }, challenger);
    expect(results.map((result) => result.check)).toEqual(['ready', 'smoke']);
    expect(challenger.asked).toHaveLength(1);
  });
});

describe('the files that a rollout names', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'before-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const rolloutWith = (before: object) =>
    rolloutSchema.parse({ version: 1, steps: [{ weight: 10, bake: '1m' }], before });
  const read = (before: object, bodies: string[] = []) =>
    readBefore(rolloutWith(before), bodies, (path) => ({ key: path.join('.') }));

  async function refusal(work: Promise<unknown>): Promise<UserError> {
    const error = await work.catch((caught: unknown) => caught);
    if (error instanceof UserError) return error;
    throw new Error('was not refused');
  }

  test('expected answers are read with their lines, and serve the other checks where there is no traffic', async () => {
    const file = join(folder, 'smoke.jsonl');
    await writeFile(file, '\n{"request": {"x": 1}, "response": [1]}\n');
    const before = await read({ smoke: { file }, load: { rate: 5, p95: '80ms' } });
    expect(before).toEqual({
      requests: [],
      smoke: { file, tolerance: 1e-6, cases: [{ line: 2, request: '{"x":1}', response: [1] }] },
      load: { requests: ['{"x":1}'], rate: 5, durationMs: 30_000, maxErrorRate: 0, p95Ms: 80 },
      sameSchema: ['{"x":1}'],
    });
  });

  test.each([
    ['{"request": 1}', 'lacks request or response'],
    ['{"request": 1, "response": 2, "note": 3}', 'has the unknown key "note"'],
    ['[1]', 'is not an object'],
    ['{', 'is not JSON'],
  ])('the line %s is named', async (line, what) => {
    const file = join(folder, 'wrong.jsonl');
    await writeFile(file, `{"request": 1, "response": 2}\n${line}\n`);
    const error = await refusal(read({ smoke: { file } }));
    expect(error.message).toBe(`A line of the expected answers ${what}.`);
    expect(error.where.line).toBe(2);
  });

  test('a file that is not there or empty, and checks without requests', async () => {
    expect((await refusal(read({ smoke: { file: join(folder, 'none') } }))).message).toContain(
      'could not be read',
    );
    const empty = join(folder, 'empty.jsonl');
    await writeFile(empty, '\n');
    expect((await refusal(read({ smoke: { file: empty } }))).message).toContain('is empty');
    expect((await refusal(read({}))).message).toBe('before.same_schema has no requests to send.');
    expect((await refusal(read({ same_schema: false, load: { rate: 5 } }))).message).toContain('before.load');
    const { requests, sameSchema } = await read({}, ['1', '2', '3', '4', '5', '6']);
    expect([requests.length, sameSchema?.length]).toEqual([5, 5]);
  });
});
