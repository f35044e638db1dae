import { describe, expect, test } from 'vitest';
import { playRollout } from '../../../bench/canary-simulation-play.ts';
import { type Rollout, rolloutSchema } from '../../../shared/records/rollout.ts';
import { CountedTraffic, type MinuteBehaviour } from '../fixtures/simulated-windows.ts';

/** A small part of `bench/canary-simulation.ts`: whole rollouts from fixed seeds. */
const RUNS = 150;

const usual: MinuteBehaviour = { errorRate: 0.005, slowShare: 0.05, predictions: { no: 0.7, yes: 0.3 } };

function rules(bake: string): Rollout {
  const analysis = { interval: '1m', on_inconclusive: 'hold', max_extend: bake === '1m' ? '59m' : '0s' };
  return rolloutSchema.parse({
    ...{
      version: 1,
      steps: [{ weight: 10, bake }],
      analysis,
      latency: { slower_than: '1s' },
      predictions: {},
    },
  });
}

function played(bake: string, requests: number, errorRate: number) {
  return Array.from({ length: RUNS }, (_, run) => {
    const traffic = new CountedTraffic({
      ...{ seed: run + 1, requestsPerMinute: requests, champion: () => usual },
      challenger: () => ({ ...usual, errorRate }),
    });
    return playRollout(rules(bake), traffic, 60);
  });
}

describe('over whole rollouts with errors, latency and predictions', () => {
  test('an equal challenger is rolled back in at most 5 % of them', () => {
    const kinds = played('60m', 200, 0.005).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'rollback').length / RUNS).toBeLessThanOrEqual(0.05);
  });

  test('one that fails ten times as often is found in a median of at most 10 looks', () => {
    const ends = played('60m', 200, 0.05);
    const looks = ends.map(({ kind, looks: count }) => (kind === 'rollback' ? count : 999));
    expect(looks.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)]).toBeLessThanOrEqual(10);
  });

  test('at 2,000 requests a minute an equal one is promoted, and one at the margin is not', () => {
    const promoted = (errorRate: number) =>
      played('1m', 2000, errorRate).filter(({ kind }) => kind === 'promote').length / RUNS;
    expect(promoted(0.005)).toBeGreaterThanOrEqual(0.95);
    expect(promoted(0.01)).toBeLessThanOrEqual(0.05);
  });
});
