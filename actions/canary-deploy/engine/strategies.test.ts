import { describe, expect, test } from 'vitest';
import { type Rollout, rolloutSchema } from '../../../shared/records/rollout.ts';
import { CountedTraffic, type MinuteBehaviour } from '../fixtures/simulated-windows.ts';
import { type Decision, decide } from './decide.ts';
import {
  beginRollout,
  continueStep,
  enterStep,
  observe,
  pauseStep,
  type RolloutState,
  stepWeight,
} from './engine.ts';
import { makePlan } from './plan.ts';
import type { TrafficWindow } from './window.ts';

const ANALYSIS = { interval: '1m', max_extend: '30m', on_inconclusive: 'hold' };

function rollout(change: Partial<Record<keyof Rollout, unknown>>): Rollout {
  return rolloutSchema.parse({ version: 1, analysis: ANALYSIS, ...change });
}

const usual: MinuteBehaviour = { errorRate: 0.005, slowShare: 0.05, predictions: { no: 0.7, yes: 0.3 } };

interface Played {
  decision: Decision;
  state: RolloutState;
  kinds: string[];
}

/** Plays a rollout to its end, or to its first pause. */
function play(
  rules: Rollout,
  options: {
    challenger?: Partial<MinuteBehaviour>;
    champion?: Partial<MinuteBehaviour>;
    requests?: number;
    seed?: number;
    change?: (window: TrafficWindow & { weight: number }) => TrafficWindow & { weight: number };
    servers?: (look: number) => Record<string, number | null>;
    from?: RolloutState;
  } = {},
): Played {
  const plan = makePlan(rules);
  const traffic = new CountedTraffic({
    seed: options.seed ?? 1,
    requestsPerMinute: options.requests ?? 2000,
    champion: () => ({ ...usual, ...options.champion }),
    challenger: () => ({ ...usual, ...options.challenger }),
  });
  let state = options.from ?? beginRollout(plan, 0);
  const kinds: string[] = [];
  for (let look = 0; look < 500; look += 1) {
    const window = traffic.window(stepWeight(plan, state));
    const seen = { ...window, sequence: state.lastSequence + 1 };
    state = observe(plan, state, options.change?.(seen) ?? seen, options.servers?.(look));
    const decision = decide(plan, state);
    kinds.push(decision.kind);
    if (decision.kind === 'step') state = enterStep(state);
    else if (decision.kind !== 'continue' && decision.kind !== 'extend') return { decision, state, kinds };
  }
  throw new Error('the rollout never ended');
}

describe('linear', () => {
  const linear = rollout({ strategy: 'linear', increment: 30, bake: '2m' });

  test('grows by the increment, and promotion makes the rest', () => {
    expect(makePlan(linear).steps.map(({ weight }) => weight)).toEqual([30, 60, 90]);
    expect(makePlan(rollout({ strategy: 'linear', increment: 0.1, bake: '1s' })).steps).toHaveLength(999);
    const { decision, state } = play(linear);
    expect(decision.kind).toBe('promote');
    expect([...new Set(state.looks.map(({ weight }) => weight))]).toEqual([30, 60, 90]);
  });

  test('rolls back a bad one in its first step', () => {
    const slower = rollout({ strategy: 'linear', increment: 30, bake: '5m' });
    const { decision, state } = play(slower, { challenger: { errorRate: 0.1 } });
    expect(decision.kind).toBe('rollback');
    expect(state.step).toBe(0);
  });
});

describe('shadow', () => {
  const shadow = rollout({
    strategy: 'shadow',
    watch: '5m',
    latency: { slower_than: '1s' },
    predictions: {},
  });

  test('compares the answers to copies, and tests no split', () => {
    const { decision, state } = play(shadow);
    expect(decision.kind).toBe('promote');
    expect(state.looks.every(({ mirrored, weight }) => mirrored && weight === 0)).toBe(true);
    expect(state.looks.at(-1)!.logE.split).toBeNull();
    expect(state.looks.length).toBeGreaterThanOrEqual(5);
  });

  test.each([
    { name: 'errors', challenger: { errorRate: 0.05 }, says: 'fails more often' },
    { name: 'latency', challenger: { slowShare: 0.3 }, says: 'is slower' },
    { name: 'predictions', challenger: { predictions: { no: 0.4, yes: 0.6 } }, says: 'predicts otherwise' },
  ])('rolls back by $name', ({ challenger, says }) => {
    const { decision } = play(shadow, { challenger });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain(says);
  });

  test('windows in which nothing was copied are not looked at', () => {
    const plan = makePlan(shadow);
    const window = new CountedTraffic({
      ...{ seed: 1, requestsPerMinute: 10, champion: () => usual, challenger: () => usual },
    }).window(0);
    expect(observe(plan, beginRollout(plan, 0), { ...window, mirrored: false }).looks).toEqual([]);
    expect(observe(plan, beginRollout(plan, 0), { ...window, mirrored: true }).looks).toHaveLength(1);
  });
});

describe.each(['blue-green', 'all-at-once'])('%s', (strategy) => {
  const rules = rollout({
    ...{ strategy, watch: '5m', errors: { ceiling: 0.02 }, latency: { slower_than: '1s', ceiling: 0.1 } },
  });

  test('is promoted once it is shown to be below its ceilings, after the watch', () => {
    const { decision, state } = play(rules);
    expect(decision.kind).toBe('promote');
    expect(decision.reason).not.toContain('champion');
    expect(state.looks.length).toBeGreaterThanOrEqual(5);
    const { logE } = state.looks.at(-1)!;
    expect(logE.promoteBelowCeiling).toBeGreaterThan(3);
    expect(logE.promoteFastEnough).toBeGreaterThan(3);
    expect(logE).toMatchObject({ split: null, promoteClean: null, rollbackErrors: 0, rollbackLatency: null });
  });

  test('rolls back above either ceiling', () => {
    expect(play(rules, { challenger: { errorRate: 0.06 } }).decision).toMatchObject({
      kind: 'rollback',
      reason: expect.stringContaining('ceiling of 2.00 %'),
    });
    expect(play(rules, { challenger: { slowShare: 0.25 } }).decision).toMatchObject({
      kind: 'rollback',
      reason: expect.stringContaining('is slow more often than the ceiling of 10.00 %'),
    });
  });

  test('exactly at its ceiling it is seldom promoted and seldom rolled back', () => {
    const kinds = Array.from(
      { length: 60 },
      (_, seed) =>
        play(rules, { seed: seed + 1, requests: 400, challenger: { errorRate: 0.02 } }).decision.kind,
    );
    expect(kinds.filter((kind) => kind === 'promote').length).toBeLessThanOrEqual(6);
    expect(kinds.filter((kind) => kind === 'rollback').length).toBeLessThanOrEqual(6);
  });

  test('without traffic it is not promoted', () => {
    expect(play(rules, { requests: 0 }).decision.kind).toBe('hold');
  });
});

describe('a ceiling of latency beside a champion', () => {
  test('rolls back when the champion is as slow', () => {
    const rules = rollout({
      steps: [{ weight: 10, bake: '5m' }],
      latency: { slower_than: '1s', ceiling: 0.1 },
    });
    const { decision } = play(rules, { challenger: { slowShare: 0.3 }, champion: { slowShare: 0.3 } });
    expect(decision.reason).toContain('is slow more often than the ceiling');
  });
});

describe('predictions', () => {
  const rules = rollout({ steps: [{ weight: 10, bake: '5m' }], predictions: { max_distance: 0.1 } });

  test("far from the champion's roll back, near ones do not, also when the evidence is strong", () => {
    const far = play(rules, { challenger: { predictions: { no: 0.5, yes: 0.5 } } });
    expect(far.decision.reason).toContain('predicts otherwise');
    const near = play(rules, { challenger: { predictions: { no: 0.75, yes: 0.25 } }, requests: 20_000 });
    expect(near.state.looks.at(-1)!.logE.rollbackPredictions).toBeGreaterThan(4);
    expect(near.decision.kind).toBe('promote');
  });

  test('that nobody sees are not a pass', () => {
    const { decision } = play(rules, { challenger: { predictions: undefined } as Partial<MinuteBehaviour> });
    expect(decision.kind).toBe('hold');
    expect(decision.reason).toContain('predictions of both arms were not seen');
  });

  test('α is shared by three metrics', () => {
    const all = makePlan(
      rollout({ steps: [{ weight: 10, bake: '5m' }], predictions: {}, latency: {} }),
    ).limits;
    expect(3 * Math.exp(-all.rollback)).toBeCloseTo(0.05, 12);
    const alone = makePlan(
      rollout({ strategy: 'all-at-once', watch: '1m', errors: { ceiling: 0.1 }, latency: { ceiling: 0.1 } }),
    ).limits;
    expect(2 * Math.exp(-alone.ceiling)).toBeCloseTo(0.05, 12);
  });
});

describe('a source without histograms', () => {
  const rules = rollout({ steps: [{ weight: 10, bake: '2m' }], latency: {} });
  const withP95 =
    (p95: (sequence: number) => number | null) =>
    (window: TrafficWindow & { weight: number }): TrafficWindow & { weight: number } => {
      const latency = (arm: 'champion' | 'challenger') => ({
        ...{ p50: 1, p95: p95(window.sequence), slow: window.weight === 0 ? null : 0 },
        ...(window.weight > 0 && { slow: Math.round(window[arm].requests * 0.05) }),
      });
      return {
        ...{ ...window, mirrored: false },
        champion: { ...window.champion, latency: latency('champion') },
        challenger: { ...window.challenger, latency: latency('challenger') },
      };
    };

  test("takes the mean of the measured 95th percentiles, by requests, as the champion's", () => {
    const plan = makePlan(rollout({ ...rules, analysis: { ...ANALYSIS, min_requests: 250 } }));
    let state = beginRollout(plan, 0);
    for (const [sequence, requests, p95] of [
      [1, 100, 200],
      [2, 300, 400],
    ] as const) {
      const arm = {
        assigned: null,
        requests,
        errors: 0,
        latency: { p50: 1, p95, slow: null },
        predictions: null,
      };
      const times = { startedAt: sequence * 60_000, endedAt: sequence * 60_000 + 60_000 };
      state = observe(plan, state, {
        sequence,
        ...times,
        weight: 0,
        champion: arm,
        challenger: { ...arm, requests: 0 },
      });
    }
    expect(decide(plan, state).kind).toBe('step');
    expect(enterStep(state).slowerThanMs).toBe(350);
  });

  test('judges by its counts of slow requests, and without a percentile never begins', () => {
    expect(play(rules, { change: withP95(() => 300) }).decision.kind).toBe('promote');
    const { decision, kinds } = play(rules, { change: withP95(() => null) });
    expect(decision.reason).toContain("the champion's latency was not seen yet");
    expect(kinds).not.toContain('step');
  });

  test('a look without counts of slow requests is no evidence for speed', () => {
    const fixed = rollout({ steps: [{ weight: 10, bake: '2m' }], latency: { slower_than: '1s' } });
    const { decision, state } = play(fixed, {
      change: (window) => ({ ...window, challenger: { ...window.challenger, latency: null } }),
    });
    expect(decision.kind).toBe('hold');
    expect(state.looks.at(-1)!.logE).toMatchObject({ promoteLatency: 0, rollbackLatency: 0 });
    expect(state.looks.at(-1)!.logE.promoteFast).toBeCloseTo(0, 12);
  });
});

describe('the initial delay', () => {
  test('keeps the first minutes with traffic out of the evidence', () => {
    const rules = rollout({
      ...{ steps: [{ weight: 10, bake: '2m' }], analysis: { ...ANALYSIS, initial_delay: '3m' } },
    });
    const { state, kinds } = play(rules, {
      change: (window) =>
        window.sequence > 3
          ? window
          : { ...window, challenger: { ...window.challenger, errors: window.challenger.requests } },
    });
    expect(kinds.slice(0, 4)).toEqual(['continue', 'continue', 'continue', 'continue']);
    expect(state.looks[0]!.sequence).toBe(4);
    expect(kinds.at(-1)).toBe('promote');
  });
});

describe('measures of servers', () => {
  const rules = rollout({
    steps: [{ weight: 10, bake: '5m' }],
    servers: [{ name: 'cpu', query: 'x', unit: '%', max: 90, looks: 3 }],
    metrics: { prometheus: 'http://127.0.0.1:9090' },
  });
  const values =
    (...list: (number | null)[]) =>
    (look: number) => ({ cpu: list[Math.min(look, list.length - 1)]! });

  test('roll back after so many looks in a row, across looks without a value', () => {
    const { decision, kinds } = play(rules, { servers: values(95, 95, 50, 91, 92, null, 93) });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toBe("cpu of the challenger's server was 93 %, above 90 % at 3 looks in a row.");
    expect(kinds).toHaveLength(7);
  });

  test('that are missing are not a pass', () => {
    expect(play(rules, { servers: values(50) }).decision.kind).toBe('promote');
    const { decision } = play(rules, { servers: values(50, null) });
    expect(decision.kind).toBe('hold');
    expect(decision.reason).toContain('there is no value of cpu');
  });
});

describe('a pause', () => {
  const rules = rollout({
    steps: [
      { weight: 10, bake: '2m', pause: true },
      { weight: 50, bake: '2m', pause: true },
    ],
  });

  test('waits after its step and costs no extension, until a person lets it go on', () => {
    const plan = makePlan(rules);
    const first = play(rules);
    expect(first.kinds).toEqual(['continue', 'pause']);
    let state = pauseStep(first.state);
    const waiting = play(rules, { from: state, seed: 2 });
    expect(waiting.decision.kind).toBe('pause');
    expect(waiting.state.extendedMs).toBe(0);
    state = continueStep(waiting.state);
    expect(decide(plan, state).kind).toBe('step');
    const last = play(rules, { from: enterStep(state), seed: 3 });
    expect(last.decision.kind).toBe('pause');
    expect(decide(plan, continueStep(last.state)).kind).toBe('promote');
  });

  test('ends by a rollback when the challenger fails meanwhile', () => {
    let { state } = play(rules);
    state = pauseStep(state);
    for (let seed = 2; seed < 40; seed += 1) {
      const { decision, state: later } = play(rules, { from: state, seed, challenger: { errorRate: 0.2 } });
      state = later;
      if (decision.kind === 'rollback') return;
    }
    throw new Error('it was never rolled back');
  });
});
