import { describe, expect, test } from 'vitest';
import { type Rollout, rolloutSchema } from '../../../shared/records/rollout.ts';
import { type ArmBehaviour, SimulatedTraffic } from '../fixtures/simulated-windows.ts';
import { type Decision, decide } from './decide.ts';
import { beginRollout, enterStep, observe, type RolloutState, stepWeight } from './engine.ts';
import { makePlan } from './plan.ts';
import type { TrafficWindow as SeenWindow } from './window.ts';

type TrafficWindow = SeenWindow & { weight: number };

const good: ArmBehaviour = { errorRate: 0.005, latencyMs: 10 };

function rollout(change: Partial<Record<keyof Rollout, unknown>> = {}): Rollout {
  return rolloutSchema.parse({
    version: 1,
    steps: [
      { weight: 10, bake: '5m' },
      { weight: 50, bake: '5m' },
    ],
    analysis: { interval: '1m', max_extend: '30m' },
    ...change,
  });
}

interface Outcome {
  decision: Decision;
  state: RolloutState;
  decisions: string[];
  windows: TrafficWindow[];
}

/** Plays a rollout to its end on simulated traffic, or on windows that were recorded before. */
function play(
  rules: Rollout,
  source:
    | { traffic: SimulatedTraffic; actualWeight?: (weight: number) => number }
    | { recorded: TrafficWindow[] },
  roundTrip = (state: RolloutState) => state,
): Outcome {
  const plan = makePlan(rules);
  let state = beginRollout(plan, 0);
  const decisions: string[] = [];
  const windows: TrafficWindow[] = [];
  for (let look = 0; look < 500; look += 1) {
    const weight = stepWeight(plan, state);
    const window =
      'recorded' in source
        ? source.recorded[look]!
        : source.traffic.window(weight, source.actualWeight?.(weight));
    windows.push(window);
    state = roundTrip(observe(plan, state, window));
    const decision = decide(plan, state);
    decisions.push(decision.kind);
    if (decision.kind === 'step') state = enterStep(state);
    else if (decision.kind !== 'continue' && decision.kind !== 'extend')
      return { decision, state, decisions, windows };
  }
  throw new Error('the rollout never ended');
}

function traffic(options: {
  challenger: ArmBehaviour;
  champion?: ArmBehaviour;
  requests?: number;
  seed?: number;
}): SimulatedTraffic {
  return new SimulatedTraffic({
    seed: options.seed ?? 5,
    requestsPerWindow: options.requests ?? 2_000,
    windowMs: 60_000,
    champion: options.champion ?? good,
    challenger: options.challenger,
  });
}

describe('the engine', () => {
  test('promotes an equal challenger after the last bake', () => {
    const { decision, state, decisions } = play(rollout(), { traffic: traffic({ challenger: good }) });
    expect(decision.kind).toBe('promote');
    expect(decisions.slice(0, 5)).toEqual(['continue', 'continue', 'continue', 'continue', 'step']);
    expect(state.step).toBe(1);
    expect(state.looks.length).toBeGreaterThanOrEqual(10);
  });

  test('rolls back one that fails 5 % of requests, in the first step', () => {
    const bad = { errorRate: 0.05, latencyMs: 10 };
    const { decision, state } = play(rollout(), { traffic: traffic({ challenger: bad }) });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('fails more often than the champion');
    expect(state.step).toBe(0);
  });

  test('rolls back one that is slower, with as few errors', () => {
    const slow = { errorRate: 0.005, latencyMs: 25 };
    const rules = rollout({ latency: { slower_than: 'champion_p95' } });
    const { decision, state } = play(rules, { traffic: traffic({ challenger: slow }) });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('slower than the champion');
    expect(state.looks[0]?.step).toBe(-1);
    expect(state.looks[0]?.weight).toBe(0);
    // Champion's latencies are uniform from 5 to 15 ms: the 95th percentile is 14.5, and an edge lies just below.
    expect(state.slowerThanMs).toBeGreaterThan(13.5);
    expect(state.slowerThanMs).toBeLessThan(14.6);
  });

  test('promotes an equal one also by latency, against a fixed threshold', () => {
    const rules = rollout({ latency: { slower_than: '14ms' } });
    const { decision, state } = play(rules, { traffic: traffic({ challenger: good }) });
    expect(decision.kind).toBe('promote');
    expect(state.looks[0]?.step).toBe(0);
    expect(state.slowerThanMs).toBeGreaterThanOrEqual(14);
  });

  test('with no slow request at all, latency does not stand in the way of a promotion', () => {
    const rules = rollout({ latency: { slower_than: '250ms' } });
    const { decision, state } = play(rules, { traffic: traffic({ challenger: good }) });
    expect(decision.kind).toBe('promote');
    expect(state.looks.at(-1)!.logE.promoteFast).toBeGreaterThan(3);
    expect(state.looks.at(-1)!.logE.promoteLatency).toBeCloseTo(0, 9);
  });

  test('a challenger without errors is promoted also when the champion had some', () => {
    const clean = { errorRate: 0, latencyMs: 10 };
    const rare = { errorRate: 0.001, latencyMs: 10 };
    const { decision } = play(rollout(), { traffic: traffic({ challenger: clean, champion: rare }) });
    expect(decision.kind).toBe('promote');
  });

  test('a ceiling rolls back when the champion is as bad', () => {
    const bad = { errorRate: 0.06, latencyMs: 10 };
    const rules = rollout({ errors: { ceiling: 0.02 } });
    const { decision } = play(rules, { traffic: traffic({ challenger: bad, champion: bad }) });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('ceiling of 2.00 %');
  });

  test('under the floor nothing is rolled back', () => {
    const worse = { errorRate: 0.004, latencyMs: 10 };
    const clean = { errorRate: 0, latencyMs: 10 };
    const options = { challenger: worse, champion: clean };
    const rules = { analysis: { interval: '1m', max_extend: '5m', on_inconclusive: 'hold' } };
    const without = play(rollout(rules), { traffic: traffic(options) });
    const withFloor = play(rollout({ ...rules, errors: { floor: 0.02 } }), { traffic: traffic(options) });
    expect(without.decision.kind).toBe('rollback');
    expect(withFloor.decision.kind).toBe('hold');
  });

  test('with no error at all, promotes once the bound is below the absolute margin', () => {
    const clean = { errorRate: 0, latencyMs: 10 };
    const options = { challenger: clean, champion: clean, requests: 150 };
    const { decision, state } = play(rollout(), { traffic: traffic(options) });
    expect(decision.kind).toBe('promote');
    const cleanRequests = state.processes.requests;
    expect(cleanRequests).toBeGreaterThanOrEqual(449);
    const plan = makePlan(rollout());
    const before = { ...state, processes: { ...state.processes, requests: 448 } };
    expect(decide(plan, before).kind).toBe('extend');
  });

  test('without traffic nothing passes: extended, then the policy', () => {
    const rules = (policy: string) =>
      rollout({ analysis: { interval: '1m', max_extend: '3m', on_inconclusive: policy } });
    for (const [policy, kind] of [
      ['rollback', 'rollback'],
      ['hold', 'hold'],
      ['promote', 'rollback'],
    ]) {
      const { decision, decisions } = play(rules(policy!), {
        traffic: traffic({ challenger: good, requests: 0 }),
      });
      expect(decision.kind).toBe(kind);
      expect(decision.reason).toContain('0 of the 50 requests');
      expect(decisions).toEqual([
        'continue',
        'continue',
        'continue',
        'continue',
        'extend',
        'extend',
        'extend',
        kind,
      ]);
    }
  });

  test('an undecided rollout is promoted where the policy says so and the arms had traffic', () => {
    const rules = rollout({ analysis: { interval: '1m', max_extend: '2m', on_inconclusive: 'promote' } });
    const { decision } = play(rules, { traffic: traffic({ challenger: good, requests: 300 }) });
    expect(decision.kind).toBe('promote');
    expect(decision.reason).toContain('on_inconclusive: promote');
  });

  test('a split that is not the intended one is never promoted', () => {
    const rules = rollout({ analysis: { interval: '1m', max_extend: '2m', on_inconclusive: 'promote' } });
    const { decision } = play(rules, {
      traffic: traffic({ challenger: good }),
      actualWeight: (weight) => weight * 0.7,
    });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('split of requests is not the intended one');
  });

  test('decides the same when its state is stored and read between all looks, and when the log is replayed', () => {
    const rules = rollout({
      latency: { slower_than: 'champion_p95' },
      errors: { ceiling: 0.03, floor: 0.001 },
    });
    for (const [seed, errorRate] of [
      [1, 0.005],
      [2, 0.02],
      [3, 0.05],
    ] as const) {
      const first = play(rules, {
        traffic: traffic({ challenger: { errorRate, latencyMs: 10 }, seed, requests: 600 }),
      });
      const stored = play(rules, { recorded: first.windows }, (state) => JSON.parse(JSON.stringify(state)));
      expect(stored.decisions).toEqual(first.decisions);
      expect(stored.decision).toEqual(first.decision);
      expect(stored.state.looks).toEqual(first.state.looks);
    }
  });

  test('windows seen before, and windows of another weight, change no evidence', () => {
    const plan = makePlan(rollout());
    const simulated = traffic({ challenger: good });
    const window = simulated.window(10);
    const once = observe(plan, beginRollout(plan, 0), window);
    expect(observe(plan, once, window)).toEqual(once);
    const other = observe(plan, once, simulated.window(50));
    expect(other.looks).toEqual(once.looks);
    expect(other.bakedMs).toBe(once.bakedMs);
    expect(other.lastSequence).toBe(once.lastSequence + 1);
  });

  test('rolls back few healthy challengers over whole rollouts with every rule in force', () => {
    const rules = rollout({
      latency: { slower_than: 'champion_p95' },
      errors: { ceiling: 0.02 },
      analysis: { interval: '1m', max_extend: '20m', on_inconclusive: 'hold' },
    });
    let rolledBack = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const { decision } = play(rules, { traffic: traffic({ challenger: good, seed, requests: 200 }) });
      if (decision.kind === 'rollback') rolledBack += 1;
    }
    expect(rolledBack).toBeLessThanOrEqual(5);
  });
});

test('α is shared by the metrics that may roll back', () => {
  const alone = makePlan(rollout()).limits;
  expect(Math.exp(alone.rollback)).toBeCloseTo(20, 9);
  const all = makePlan(rollout({ errors: { ceiling: 0.02 }, latency: {} })).limits;
  expect(Math.exp(all.ceiling)).toBeCloseTo(100, 9);
  expect(2 * Math.exp(-all.rollback) + Math.exp(-all.ceiling)).toBeCloseTo(0.05, 12);
  expect(Math.exp(all.promote)).toBeCloseTo(20, 9);
});
