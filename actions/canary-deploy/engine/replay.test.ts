import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rollout } from '../../../shared/records/rollout.ts';
import { rollout, USUAL } from '../fixtures/played-rollout.ts';
import { CountedTraffic } from '../fixtures/simulated-windows.ts';
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
import { hasGoneOn, rebuild } from './rebuild.ts';
import { replay } from './replay.ts';
import type { TrafficWindow, WeightChange } from './window.ts';

interface Live {
  state: RolloutState;
  decision: Decision;
  weights: WeightChange[];
  windows: TrafficWindow[];
}

/** What a driver does: a window of another weight lies between two steps, and people take two windows to say yes. */
function live(rules: Rollout, traffic: CountedTraffic): Live {
  const plan = makePlan(rules);
  let state = beginRollout(plan, 0);
  let weights: WeightChange[] = [{ at: 0, weight: stepWeight(plan, state) }];
  const windows: TrafficWindow[] = [];
  let decision: Decision = { kind: 'continue', reason: '' };
  let waited = 0;
  while (windows.length < 300) {
    const window = traffic.window(stepWeight(plan, state));
    windows.push({ ...window, weight: null });
    state = observe(plan, state, window);
    decision = decide(plan, state);
    const { kind } = decision;
    if (kind === 'promote' || kind === 'rollback' || kind === 'hold') break;
    if (kind === 'pause') {
      state = pauseStep(state);
      waited += 1;
      if (waited < 3) continue;
      state = continueStep(state);
      waited = 0;
    }
    if (decide(plan, state).kind !== 'step') continue;
    state = enterStep(state);
    // The new weight is in force half a minute into the next window, which therefore belongs to none.
    windows.push({ ...traffic.window(stepWeight(plan, state)), weight: null });
    weights = [...weights, { at: window.endedAt + 30_000, weight: stepWeight(plan, state) }];
  }
  return { state, decision, weights, windows };
}

const RULES: Record<string, Record<string, unknown>> = {
  canary: {
    steps: [
      { weight: 10, bake: '3m' },
      { weight: 50, bake: '3m', pause: true },
      { weight: 60, bake: '2m' },
    ],
    errors: { ceiling: 0.05, floor: 0.001 },
    latency: { ceiling: 0.3 },
    predictions: {},
  },
  linear: { strategy: 'linear', increment: 40, bake: '2m' },
  shadow: { strategy: 'shadow', watch: '4m', latency: { slower_than: '1s' }, predictions: {} },
  'blue-green': { strategy: 'blue-green', watch: '4m', errors: { ceiling: 0.03 } },
};

interface Scenario {
  strategy: string;
  seed: number;
  requests: number;
  errorRate: number;
  slowShare: number;
  delay: string;
  policy: string;
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  strategy: fc.constantFrom(...Object.keys(RULES)),
  seed: fc.integer({ min: 1, max: 1e6 }),
  requests: fc.constantFrom(0, 60, 600, 3000),
  errorRate: fc.constantFrom(0, 0.005, 0.01, 0.05),
  slowShare: fc.constantFrom(0, 0.05, 0.2),
  delay: fc.constantFrom('0s', '2m'),
  policy: fc.constantFrom('rollback', 'hold', 'promote'),
});

function play({ strategy, seed, requests, errorRate, slowShare, delay, policy }: Scenario) {
  const analysis = { interval: '1m', max_extend: '6m', initial_delay: delay, on_inconclusive: policy };
  const rules = rollout({ analysis, ...RULES[strategy] });
  const traffic = new CountedTraffic({
    ...{ seed, requestsPerMinute: requests, champion: () => USUAL },
    challenger: () => ({ ...USUAL, errorRate, slowShare }),
  });
  // A source that counts by itself: its percentiles are those of no histogram.
  const whole = traffic.window.bind(traffic);
  traffic.window = (weight) => {
    const window = whole(weight);
    const withPercentiles = (arm: TrafficWindow['champion']) => ({
      ...arm,
      latency: { p50: 10, slow: null, ...arm.latency, p95: arm.requests > 0 ? 100 + arm.errors : null },
    });
    return {
      ...window,
      champion: withPercentiles(window.champion),
      challenger: withPercentiles(window.challenger),
    };
  };
  return { plan: makePlan(rules), ...live(rules, traffic) };
}

describe('the log of a rollout', () => {
  test('gives the same e-values and decisions when it is replayed from its looks alone', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { plan, state, decision } = play(given);
        const record = JSON.parse(JSON.stringify({ looks: state.looks, slowerThanMs: state.slowerThanMs }));
        const again = replay(plan, record);
        expect(again.difference).toBeNull();
        expect(again.state.looks).toEqual(state.looks);
        if (state.looks.length > 0) expect(again.decisions.at(-1)?.decision).toEqual(decision);
      }),
      { numRuns: 150 },
    );
  });

  test('gives the same state when it is computed from windows and weights', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { plan, state, weights, windows } = play(given);
        const whole = rebuild(plan, weights, windows, 0);
        expect({ ...whole, events: [] }).toEqual(state);
      }),
      { numRuns: 150 },
    );
  });

  test('tells the first look whose numbers or step were altered', () => {
    const { plan, state } = play({
      ...{ strategy: 'canary', seed: 4, requests: 600, errorRate: 0.005, slowShare: 0.05 },
      ...{ delay: '0s', policy: 'hold' },
    });
    const { looks, slowerThanMs } = state;
    const altered = (index: number, change: (look: (typeof looks)[number]) => (typeof looks)[number]) =>
      replay(plan, { slowerThanMs, looks: looks.map((look, at) => (at === index ? change(look) : look)) })
        .difference;
    expect(
      altered(3, (look) => ({
        ...look,
        challenger: { ...look.challenger, errors: look.challenger.errors + 1 },
      })),
    ).toMatchObject({ sequence: looks[3]!.sequence, what: expect.stringContaining('the log e-value') });
    expect(altered(2, (look) => ({ ...look, logE: { ...look.logE, promoteErrors: 9 } }))).toMatchObject({
      sequence: looks[2]!.sequence,
      what: expect.stringContaining('promoteErrors is 9'),
    });
    expect(altered(2, (look) => ({ ...look, weight: 50, step: 1 }))?.sequence).toBe(looks[1]!.sequence);
    // Cut at a harm that was not acted on.
    const bad = play({
      ...{ strategy: 'canary', seed: 4, requests: 600, errorRate: 0.05, slowShare: 0.05 },
      ...{ delay: '0s', policy: 'hold' },
    });
    const last = bad.state.looks.at(-1)!;
    const after = { ...last, sequence: last.sequence + 1 };
    const beyond = replay(bad.plan, {
      looks: [...bad.state.looks, after],
      slowerThanMs: bad.state.slowerThanMs,
    });
    expect(beyond.difference).toMatchObject({
      sequence: last.sequence,
      what: expect.stringContaining('the evidence says rollback'),
    });
  });
});

test('a rollout has gone on once it left its first split or paused, as its position or else its weights say', () => {
  const begun = [{ at: 0, weight: 0 }];
  const later = [...begun, { at: 1, weight: 10 }];
  const plan = makePlan(rollout(RULES.canary!));
  const at = (step: number, pausedStep = -1) => ({ step, pausedStep, continuedStep: -1 });
  expect(hasGoneOn(plan, begun, at(-1))).toBe(false);
  expect(hasGoneOn(plan, later, at(0))).toBe(true);
  expect(hasGoneOn(makePlan(rollout(RULES.linear!)), begun, at(0))).toBe(false);
  expect(hasGoneOn(makePlan(rollout(RULES.linear!)), begun, at(0, 0))).toBe(true);
  expect(hasGoneOn(plan, begun, undefined)).toBe(false);
  expect(hasGoneOn(plan, later, undefined)).toBe(true);
});
