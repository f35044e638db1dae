import { describe, expect, test } from 'vitest';
import { play, rollout } from '../fixtures/played-rollout.ts';
import { decide } from './decide.ts';
import { continueStep, pauseStep } from './engine.ts';
import { makePlan } from './plan.ts';
import type { TrafficWindow } from './window.ts';

const analysis = { interval: '1m', max_extend: '2m', on_inconclusive: 'promote' };
const unclear = { requests: 200, challenger: { errorRate: 0.02 } };

describe('with on_inconclusive: promote', () => {
  const rules = rollout({ steps: [{ weight: 50, bake: '2m' }], analysis });
  const championSees =
    (requests: number) =>
    (window: TrafficWindow & { weight: number }): TrafficWindow & { weight: number } => ({
      ...window,
      champion: { ...window.champion, assigned: null, requests, errors: 0, latency: null },
      challenger: { ...window.challenger, assigned: null },
    });

  test('a challenger whose champion was never seen is taken back', () => {
    const { decision } = play(rules, { ...unclear, change: championSees(0) });
    expect(decision.kind).toBe('rollback');
    expect(decision.reason).toContain('0 of 0 requests (–) on the champion');
    // As many of the champion as each step needs of the challenger: 50 in four looks.
    expect(play(rules, { ...unclear, change: championSees(12) }).decision.kind).toBe('rollback');
    expect(play(rules, { ...unclear, change: championSees(13) }).decision.kind).toBe('promote');
  });

  test('with all traffic at the challenger there is no champion to be seen', () => {
    const alone = rollout({ strategy: 'blue-green', watch: '2m', errors: { ceiling: 0.05 }, analysis });
    const { decision } = play(alone, { requests: 60, challenger: { errorRate: 0.03 } });
    expect(decision).toMatchObject({
      kind: 'promote',
      reason: expect.stringContaining('on_inconclusive: promote'),
    });
  });

  test('what a person lets go on without the evidence says so', () => {
    const paused = rollout({ steps: [{ weight: 50, bake: '2m', pause: true }], analysis });
    const { decision, state } = play(paused, unclear);
    expect(decision.kind).toBe('pause');
    const { kind, reason } = decide(makePlan(paused), continueStep(pauseStep(state)));
    expect(kind).toBe('promote');
    expect(reason).toContain(
      'a person let it go on although the evidence has not decided: an error rate 2 times',
    );
    const clear = play(paused, { requests: 4000 });
    expect(decide(makePlan(paused), continueStep(pauseStep(clear.state))).reason).toContain(
      'every test for promotion is met',
    );
  });
});
