import { describe, expect, test } from 'vitest';
import { decide } from '../engine/decide.ts';
import { beginRollout, observe } from '../engine/engine.ts';
import { countAll } from '../engine/latency-histogram.ts';
import { makePlan } from '../engine/plan.ts';
import { replay } from '../engine/replay.ts';
import { rollout } from '../fixtures/played-rollout.ts';
import { armLabels } from './arm-names.ts';
import { NOTHING_SEEN } from './counts-source.ts';
import { prometheusCounts } from './prometheus-counts.ts';

const MINUTE = 60_000;
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const model = (letter: string) => ({ digest: digest(letter), uri: `oci-layout:r/churn@${digest(letter)}` });
const arms = () => armLabels({ serverName: (arm) => arm }, { champion: model('a'), challenger: model('b') });

/** A Prometheus whose answer to a query is the same at every minute; undefined: it has no such series. */
function counted(
  answer: (query: string) => number | undefined,
  buckets: Record<string, number> = {},
  minutes: number | (() => number) = 1,
  errors = 'errors $arm',
) {
  const points = (value: number | undefined, range: { start: number; end: number; step: number }) =>
    value === undefined
      ? []
      : Array.from({ length: (range.end - range.start) / range.step }, (_, index) => ({
          time: range.start + (index + 1) * range.step,
          value,
        }));
  const warnings: string[] = [];
  const counts = prometheusCounts({
    source: {
      place: 'Prometheus of a test',
      readSeries: async (query, range) => ({
        points: points(answer('query' in query ? query.query : ''), range),
        warnings: [],
      }),
      readSeriesBy: async (_label, _query, range) =>
        new Map(Object.entries(buckets).map(([le, value]) => [le, points(value, range)])),
    },
    queries: { requests: 'requests $arm', errors, latency: 'latency' },
    clock: {
      intervalMs: MINUTE,
      delayMs: 0,
      now: () => new Date((typeof minutes === 'number' ? minutes : minutes()) * MINUTE),
    },
    arms,
    warn: (message) => void warnings.push(message),
  });
  return { counts, warnings };
}

describe('latencies that are not as many as the requests', () => {
  const plan = makePlan(
    rollout({ steps: [{ weight: 50, bake: '1m' }], latency: { slower_than: '250ms', ceiling: 0.2 } }),
  );
  const judge = async (requests: number, buckets: Record<string, number>) => {
    const { counts } = counted((query) => (query.startsWith('requests') ? requests : 0), buckets);
    const [window] = await counts.windows(0, null);
    return observe(plan, beginRollout(plan, 0), { ...window!, weight: 50 });
  };

  test('more of them, each increase being estimated and rounded alone, are a share of those that were timed', async () => {
    const state = await judge(4, { '0.1': 0, '0.25': 0, '+Inf': 4.6 });
    expect(state.looks[0]!.challenger).toMatchObject({ requests: 4, slow: 5, timed: 5 });
    expect(state.processes).toMatchObject({ requests: 4, timed: 5, slow: 5 });
    expect(replay(plan, state)).toMatchObject({ difference: null, state: { looks: state.looks } });
  });

  test('fewer of them say nothing of those that were not timed', async () => {
    const state = await judge(1000, { '0.1': 5, '0.25': 10, '+Inf': 10 });
    expect(state.processes).toMatchObject({ requests: 1000, timed: 10, slow: 0 });
    expect(decide(plan, state)).toMatchObject({ kind: 'extend', reason: expect.stringContaining('slow') });
    expect(replay(plan, state)).toMatchObject({ difference: null, state: { looks: state.looks } });
  });

  test('none beside a thousand requests are not "none is slow"', async () => {
    const state = await judge(1000, { '0.1': 0, '0.25': 0, '+Inf': 0 });
    expect(state.looks[0]!.challenger.slow).toBeNull();
    expect(state.processes.timed).toBe(0);
    const { kind, reason } = decide(plan, state);
    expect(kind).toBe('extend');
    expect(reason).toContain('no latency of the challenger is known');
  });

  test('as many as the requests need no word in the record', async () => {
    const state = await judge(1000, { '0.1': 900, '0.25': 950, '+Inf': 1000 });
    expect(state.looks[0]!.challenger).toMatchObject({ slow: 50 });
    expect(state.looks[0]!.challenger).not.toHaveProperty('timed');
    expect(state.processes.timed).toBe(1000);
  });
});

describe('counts in fractions', () => {
  const totals = async (value: number, size: number) => {
    let minute = 0;
    const { counts } = counted(
      (query) => (query.startsWith('errors') ? value : 25),
      { '+Inf': value },
      () => minute,
    );
    const windows = [];
    for (minute = size; minute <= 60; minute += size)
      windows.push(...(await counts.windows(minute - size, null)));
    const errors = windows.map(({ challenger }) => challenger.errors);
    const timed = windows.map(({ challenger: { latency } }) =>
      latency && 'histogram' in latency ? countAll(latency.histogram) : 0,
    );
    const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);
    return { looks: errors.length, errors: sum(errors), timed: sum(timed), most: Math.max(...errors) };
  };

  test.each([1, 2, 12])('are not lost by the rounding of each look, %d looks at once', async (size) => {
    expect(await totals(0.45, size)).toEqual({ looks: 60, errors: 27, timed: 27, most: 1 });
    expect(await totals(1.04, size)).toMatchObject({ errors: 62, most: 2 });
    expect(await totals(0, size)).toMatchObject({ errors: 0 });
  });

  test('are the same where windows are read once more', async () => {
    const { counts } = counted((query) => (query.startsWith('errors') ? 0.45 : 25), {}, 60);
    const first = await counts.windows(0, null);
    expect(await counts.windows(0, 250)).toEqual(first);
  });
});

test.each([
  ['sum(rate(errors_total{s="$server"}[$interval]))', 1],
  [`sum(rate(errors_total{s="$server",code=~"5.*",path!~'.*'}[$interval]))`, 1],
  ['sum(irate (errors_total{s="$server"}[$interval]))', 1],
  ['sum(rate(errors_total{s="$server"}[$interval])) * 60', 0],
  ['sum(increase(errors_total{s="$server"}[$interval]))', 0],
  ['sum(increase(error_rate(x)))', 0],
])('a rate in place of a count is warned of once: %s', async (errors, times) => {
  let minute = 0;
  const { counts, warnings } = counted(
    () => 9,
    {},
    () => minute,
    errors,
  );
  for (minute = 1; minute <= 3; minute += 1) await counts.windows(minute - 1, null);
  expect(warnings).toEqual(times ? [expect.stringMatching(/^metrics\.errors asks for a rate/)] : []);
});

describe('a query of requests that answers nothing', () => {
  test('is told of once for each arm', async () => {
    const { counts, warnings } = counted(() => undefined, {}, 60);
    const windows = await counts.windows(0, null);
    expect(windows).toHaveLength(60);
    expect(windows[59]).toMatchObject({ champion: NOTHING_SEEN, challenger: NOTHING_SEEN });
    expect(await counts.windows(0, null)).toHaveLength(60);
    expect(warnings).toEqual([
      expect.stringMatching(/^The requests of the champion had no value at 3 looks in a row\b/),
      expect.stringMatching(/^The requests of the challenger had no value at 3 looks in a row\b/),
    ]);
  });

  test('is told of also where each look is asked for alone', async () => {
    let minute = 0;
    const answer = (query: string) => (query.includes('challenger') ? undefined : 9);
    const { counts, warnings } = counted(answer, {}, () => minute);
    for (minute = 1; minute <= 5; minute += 1) {
      expect(await counts.windows(minute - 1, null)).toHaveLength(1);
      expect(warnings).toHaveLength(minute < 3 ? 0 : 1);
    }
  });

  test('at first, before there is a series, is no fault', async () => {
    const { counts, warnings } = counted(() => undefined, {}, 2);
    expect(await counts.windows(0, null)).toHaveLength(2);
    expect(warnings).toEqual([]);
  });
});
