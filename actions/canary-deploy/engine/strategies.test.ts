import { describe, expect, test } from 'vitest';
import { ANALYSIS, play, rollout, USUAL } from '../fixtures/played-rollout.ts';
import { CountedTraffic } from '../fixtures/simulated-windows.ts';
import { decide } from './decide.ts';
import { beginRollout, continueStep, enterStep, observe, pauseStep } from './engine.ts';
import { makePlan } from './plan.ts';

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
      ...{ seed: 1, requestsPerMinute: 10, champion: () => USUAL, challenger: () => USUAL },
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

  test.each([1, 0.3])('rolls back soon when a share of %d fails after an hour without fault', (errorRate) => {
    const plan = makePlan(rollout({ strategy, watch: '2h', errors: { ceiling: 0.02 } }));
    const traffic = new CountedTraffic({
      ...{ seed: 1, requestsPerMinute: 400, champion: () => USUAL },
      challenger: (minute) => ({ ...USUAL, errorRate: minute < 60 ? 0 : errorRate }),
    });
    let state = beginRollout(plan, 0);
    while (decide(plan, state).kind !== 'rollback') {
      state = observe(plan, state, traffic.window(100));
      if (decide(plan, state).kind === 'step') state = enterStep(state);
    }
    expect(state.looks.length).toBeGreaterThan(60);
    expect(state.looks.length).toBeLessThanOrEqual(68);
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
