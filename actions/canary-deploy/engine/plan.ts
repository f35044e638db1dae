import { type Rollout, rolloutMilliseconds } from '../../../shared/records/rollout.ts';
import { logLimit } from '../../../shared/stats/e-process.ts';
import { snapToEdge } from './latency-histogram.ts';

/** A rollout file as numbers: milliseconds, and the log e-values at which each test acts. */
export interface Plan {
  steps: { weight: number; bakeMs: number }[];
  intervalMs: number;
  margin: number;
  minRequests: number;
  maxExtendMs: number;
  onInconclusive: 'rollback' | 'hold' | 'promote';
  ceiling: number | null;
  floor: number | null;
  absoluteMargin: number;
  latency: null | { slowerThanMs: number | 'champion_p95' };
  limits: { rollback: number; ceiling: number; floor: number; promote: number; split: number };
}

/** Of α a fifth is for the ceiling: 0.01 of the usual 0.05. */
const CEILING_PART = 1 / 5;
const FLOOR_ALPHA = 0.01;
/** A wrong split is a fault of the router, not of a model, and wants strong evidence. */
const SPLIT_ALPHA = 0.001;

/**
 * Makes the plan of a rollout. The metrics that may roll back share α: a fifth for the ceiling where there is
 * one, the rest in equal parts for errors and latency. A promotion needs every metric, so each has the whole α.
 */
export function makePlan(rollout: Rollout): Plan {
  const { analysis, errors, latency } = rollout;
  const ceilingAlpha = errors.ceiling === undefined ? 0 : analysis.alpha * CEILING_PART;
  const comparedMetrics = latency ? 2 : 1;
  return {
    steps: (rollout.steps ?? []).map(({ weight, bake }) => ({ weight, bakeMs: rolloutMilliseconds(bake) })),
    intervalMs: rolloutMilliseconds(analysis.interval),
    margin: analysis.margin,
    minRequests: analysis.min_requests,
    maxExtendMs: rolloutMilliseconds(analysis.max_extend),
    onInconclusive: analysis.on_inconclusive,
    ceiling: errors.ceiling ?? null,
    floor: errors.floor ?? null,
    absoluteMargin: errors.absolute_margin,
    latency: latency ? { slowerThanMs: slowThreshold(latency.slower_than) } : null,
    limits: {
      rollback: logLimit((analysis.alpha - ceilingAlpha) / comparedMetrics),
      ceiling: logLimit(analysis.alpha * CEILING_PART),
      floor: logLimit(FLOOR_ALPHA),
      promote: logLimit(analysis.alpha),
      split: logLimit(SPLIT_ALPHA),
    },
  };
}

function slowThreshold(slowerThan: string): number | 'champion_p95' {
  return slowerThan === 'champion_p95' ? slowerThan : snapToEdge(rolloutMilliseconds(slowerThan));
}
