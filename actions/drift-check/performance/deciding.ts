/** Which of real and estimated performance decides, and what the one says of the other. */
import type { DriftPerformance } from '../../../shared/records/drift-check.ts';

/** Names of the metrics whose real value was judged; for all others the estimate stands in. */
export function realNames(performance: readonly DriftPerformance[]): Set<string> {
  return new Set(
    performance
      .filter((part) => part.source === 'real' && part.status !== 'not_judged')
      .map((part) => part.name),
  );
}

/** Whether a verdict on a metric counts: the real one always, the estimated one where there is no real one. */
export const counts = (part: DriftPerformance, real: ReadonlySet<string>): boolean =>
  part.status !== 'not_judged' && (part.source === 'real' || !real.has(part.name));

/** Of intervals of 95 % fewer than this are expected to hold their value by chance once in a thousand times. */
const LEAST_HELD_TAIL = 0.001;
const COVERAGE = 0.95;

/** Whether the real values lie outside the estimate's intervals too often for chance: the estimate is wrong. */
export function isContradicted({ held }: DriftPerformance): boolean {
  if (!held || held.chunks === 0) return false;
  return binomialTail(held.chunks, held.chunks - held.within, 1 - COVERAGE) < LEAST_HELD_TAIL;
}

/** P(X ≥ least) of X binomial. */
function binomialTail(count: number, least: number, share: number): number {
  let term = (1 - share) ** count;
  let below = 0;
  for (let hits = 0; hits < least; hits++) {
    below += term;
    term *= ((count - hits) / (hits + 1)) * (share / (1 - share));
  }
  return Math.max(0, 1 - below);
}
