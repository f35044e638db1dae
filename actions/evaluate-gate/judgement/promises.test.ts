/**
 * What the gate promises, on few draws from fixed seeds, so that a slip in an interval or a correction is seen at once.
 * The bounds are those that chance alone leaves once in ten thousand times; bench/gate-simulation.ts has the full size.
 */
import { describe, expect, test } from 'vitest';
import { simulateIntervals } from '../../../bench/gate-simulation-intervals.ts';
import { simulatedMetrics, trueValues } from '../../../bench/gate-simulation-metrics.ts';
import { simulateFiveMetrics } from '../../../bench/gate-simulation-verdicts.ts';
import { binomialCdf } from '../../../shared/stats/distributions.ts';

const DRAWS = 400;
const SURPRISING = 1e-4;

/** Chance that this share of the draws, or fewer, happen where each happens with probability `p`. */
const chanceOfFewer = (share: number, p: number): number => binomialCdf(Math.round(share * DRAWS), DRAWS, p);

test.each(['binary', 'regression'] as const)(
  '%s: intervals cover, and a worse model rarely passes',
  (task) => {
    const world = { challengerNoise: 1.1, shared: 0.6, positives: 0.3 };
    const metrics = simulatedMetrics(task);
    const truth = trueValues(task, metrics, world, 200_000);
    for (const outcome of simulateIntervals({ task, metrics, world, truth, rows: 500, draws: DRAWS })) {
      const of = (share: number) => `${outcome.metric}: ${share}`;
      for (const covered of [outcome.valueCoverage, outcome.changeCoverage]) {
        expect(chanceOfFewer(covered, 0.95), of(covered)).toBeGreaterThan(SURPRISING);
        expect(chanceOfFewer(1 - covered, 0.02), of(covered)).toBeGreaterThan(SURPRISING);
      }
      for (const passes of [outcome.passesAtMargin, outcome.passesAtRelativeMargin])
        expect(1 - chanceOfFewer(passes, 0.025), of(passes)).toBeGreaterThan(SURPRISING);
    }
  },
);

describe('five metrics correlated at 0.6 and an equal model', () => {
  test('the gate fails it no more often than its confidence promises', () => {
    const { fail, plain } = simulateFiveMetrics(200, DRAWS);
    expect(1 - chanceOfFewer(fail, 0.025), String(fail)).toBeGreaterThan(SURPRISING);
    // The measure measures: without intervals and correction most draws are refused.
    expect(plain).toBeGreaterThan(0.7);
  });
});
