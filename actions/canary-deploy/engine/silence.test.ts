import { describe, expect, test } from 'vitest';
import { ANALYSIS, play, rollout } from '../fixtures/played-rollout.ts';
import { NOTHING_SEEN } from '../metrics/counts-source.ts';
import { decide } from './decide.ts';
import { beginRollout, continueStep, enterStep, observe, pauseStep, type RolloutState } from './engine.ts';
import { makePlan } from './plan.ts';
import { replay } from './replay.ts';
import type { ArmWindow, TrafficWindow } from './window.ts';

type Seen = TrafficWindow & { weight: number };

const clean = { challenger: { errorRate: 0 }, champion: { errorRate: 0 } };

/** As a source sees an arm that only sees what ended. */
const ended = (arm: ArmWindow): ArmWindow => ({ ...arm, assigned: null, latency: null, predictions: null });

/** Both arms as such a source sees them; of the challenger nothing from a look of a weight on. */
function vanishing(weight: number, looksHeard: number) {
  let looks = 0;
  return (window: Seen): Seen => {
    if (window.weight === weight) looks += 1;
    const isGone = window.weight === weight && looks > looksHeard;
    return {
      ...window,
      champion: weight === 100 ? NOTHING_SEEN : ended(window.champion),
      challenger: isGone ? NOTHING_SEEN : ended(window.challenger),
    };
  };
}

const twoSteps = [
  { weight: 10, bake: '5m' },
  { weight: 50, bake: '5m' },
];

/** A look with so many requests, none of which failed. */
function look(state: RolloutState, weight: number, challenger: number, champion: number): Seen {
  const sequence = state.lastSequence + 1;
  const arm = (requests: number) => ({ ...NOTHING_SEEN, requests });
  const [startedAt, endedAt] = [sequence * 60_000, (sequence + 1) * 60_000];
  return {
    ...{ sequence, startedAt, endedAt, weight },
    champion: arm(champion),
    challenger: arm(challenger),
  };
}

describe('a challenger that falls silent beside a champion with requests', () => {
  test.each([1, 2, 4])('after %i looks of the last step is not promoted', (heard) => {
    const { decision, kinds } = play(rollout({ steps: twoSteps }), {
      ...clean,
      change: vanishing(50, heard),
    });
    expect(decision.kind).toBe('hold');
    expect(kinds).not.toContain('promote');
    expect(decision.reason).toMatch(/challenger had no requests at the last \d+ looks/);
  });

  test('is neither let on to the next step nor into its pause', () => {
    for (const pause of [false, true]) {
      const steps = [{ ...twoSteps[0], pause }, twoSteps[1]];
      const { decision, kinds } = play(rollout({ steps }), { ...clean, change: vanishing(10, 3) });
      expect(kinds).not.toContain(pause ? 'pause' : 'step');
      expect(decision.kind).toBe('hold');
    }
  });

  test('is not promoted where the rollout says on_inconclusive: promote', () => {
    const rules = rollout({ steps: twoSteps, analysis: { ...ANALYSIS, on_inconclusive: 'promote' } });
    const { decision } = play(rules, { ...clean, change: vanishing(50, 2) });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('had no requests');
  });

  test('goes on where it left off once it has requests again', () => {
    let looks = 0;
    const { decision, kinds } = play(rollout({ steps: twoSteps }), {
      ...clean,
      change: (window) => {
        looks += 1;
        const isGone = looks > 3 && looks < 9;
        return isGone ? { ...window, challenger: NOTHING_SEEN } : window;
      },
    });
    expect(decision.kind).toBe('promote');
    expect(kinds.slice(3, 9)).toEqual(['continue', 'extend', 'extend', 'extend', 'extend', 'step']);
  });

  test("keeps a person's yes until it is heard of again, and the record replays so", () => {
    const steps = [{ weight: 10, bake: '2m', pause: true }, twoSteps[1]];
    const plan = makePlan(rollout({ steps }));
    let state = pauseStep(play(rollout({ steps }), { ...clean, change: vanishing(10, 9) }).state);
    state = continueStep(observe(plan, state, look(state, 10, 0, 900)));
    const decision = decide(plan, state);
    expect(decision.kind).toBe('pause');
    expect(decision.reason).toContain('had no requests at the last look');
    state = observe(plan, pauseStep(state), look(state, 10, 90, 900));
    expect(decide(plan, state).kind).toBe('step');
    state = enterStep(state);
    state = observe(plan, state, look(state, 50, 900, 900));
    const { difference } = replay(plan, { looks: state.looks, slowerThanMs: null });
    expect(difference).toBeNull();
  });

  test.each([
    // Chance of none: 0.9^60 = 0.0018, 0.9^66 = 0.00096; 0.5^9 = 0.0020, 0.5^10 = 0.00098.
    { weight: 10, champion: [3], kind: 'step' },
    { weight: 10, champion: [60], kind: 'step' },
    { weight: 10, champion: [66], kind: 'extend' },
    { weight: 10, champion: [33, 33], kind: 'extend' },
    { weight: 10, champion: [66, 0], kind: 'extend' },
    { weight: 50, champion: [9], kind: 'step' },
    { weight: 50, champion: [10], kind: 'extend' },
    { weight: 50, champion: [0, 0, 0, 0], kind: 'step' },
  ])('by chance, at $weight % beside $champion of the champion: $kind', ({ weight, champion, kind }) => {
    const steps = [
      { weight, bake: '1m' },
      { weight: 90, bake: '1m' },
    ];
    const plan = makePlan(rollout({ steps }));
    let state = beginRollout(plan, 0);
    state = observe(plan, state, look(state, weight, 50, 300));
    expect(decide(plan, state).kind).toBe('step');
    for (const requests of champion) state = observe(plan, state, look(state, weight, 0, requests));
    expect(decide(plan, state).kind).toBe(kind);
  });

  test('as a shadow is not promoted either', () => {
    const rules = rollout({ strategy: 'shadow', watch: '5m' });
    let looks = 0;
    const { decision } = play(rules, {
      ...clean,
      change: (window) => {
        looks += 1;
        return looks > 2 ? { ...window, challenger: NOTHING_SEEN } : window;
      },
    });
    expect(decision.kind).toBe('hold');
  });
});

describe('a challenger with all traffic that falls silent', () => {
  const rules = rollout({ strategy: 'blue-green', watch: '15m', errors: { ceiling: 0.02 } });

  test.each([1, 3, 14])('after %i looks is rolled back after five looks in a row', (heard) => {
    const { decision, state, kinds } = play(rules, {
      ...{ ...clean, requests: 500, change: vanishing(100, heard) },
    });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('had no requests at 5 looks in a row');
    expect(state.looks).toHaveLength(heard + 5);
    expect(kinds).not.toContain('promote');
    expect(replay(makePlan(rules), state).difference).toBeNull();
  });

  test('is not promoted at its first silent look', () => {
    const { kinds } = play(rules, { ...clean, requests: 500, change: vanishing(100, 14) });
    expect(kinds.slice(13, 15)).toEqual(['continue', 'extend']);
  });

  test('had seldom any requests before: silence says nothing', () => {
    const plan = makePlan(rules);
    let state = beginRollout(plan, 0);
    for (let minute = 0; minute < 100; minute += 1) {
      state = observe(plan, state, look(state, 100, minute % 10 === 0 ? 1 : 0, 0));
      expect(decide(plan, state).kind).not.toBe('rollback');
    }
  });

  test('with few requests before is held, and rolled back once chance can hardly explain it', () => {
    const plan = makePlan(rules);
    let state = beginRollout(plan, 0);
    state = observe(plan, state, look(state, 100, 7, 0));
    const kinds = Array.from({ length: 7 }, () => {
      state = observe(plan, state, look(state, 100, 0, 0));
      return decide(plan, state).kind;
    });
    // (1/7)^7 = 1.2e-6, (1/8)^7 = 4.8e-7.
    expect(kinds.slice(4)).toEqual(['continue', 'continue', 'rollback']);
  });

  test('where the target itself saw that nobody asked: no fault of it', () => {
    let looks = 0;
    const { decision } = play(rules, {
      ...{ ...clean, requests: 500 },
      change: (window) => {
        looks += 1;
        return looks > 3 ? { ...window, challenger: { ...NOTHING_SEEN, assigned: 0 } } : window;
      },
    });
    expect(decision.reason).not.toContain('in a row');
  });
});
