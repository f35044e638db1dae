import { describe, expect, test } from 'vitest';
import { ANALYSIS, play, rollout } from '../fixtures/played-rollout.ts';
import type { MinuteBehaviour } from '../fixtures/simulated-windows.ts';
import { decide } from './decide.ts';
import { beginRollout, enterStep, observe } from './engine.ts';
import { makePlan } from './plan.ts';
import type { TrafficWindow } from './window.ts';

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

test('a measure with the name of what every object has is missing while it has no value', () => {
  const rules = rollout({
    steps: [{ weight: 10, bake: '5m' }],
    servers: [{ name: 'constructor', query: 'x', max: 90 }],
    metrics: { prometheus: 'http://127.0.0.1:9090' },
  });
  const { decision } = play(rules, { servers: () => ({}) });
  expect(decision.kind).toBe('hold');
  expect(decision.reason).toContain('there is no value of constructor');
  expect(play(rules, { servers: () => ({ constructor: 5 }) }).decision.kind).toBe('promote');
});
