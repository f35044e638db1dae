import type * as z from 'zod';
import type { evidenceLimitsSchema } from '../../../shared/records/deployment.ts';
import type { Rollout, RolloutStrategy } from '../../../shared/records/rollout.ts';
import { rolloutMilliseconds } from '../../../shared/records/rollout.ts';
import { logLimit } from '../../../shared/stats/e-process.ts';
import { snapToEdge } from './latency-histogram.ts';

/** One step of a rollout. */
export interface PlannedStep {
  /** Per cent of the requests that the challenger answers. */
  weight: number;
  /** Whether the challenger gets copies of the champion's requests instead. */
  mirror: boolean;
  bakeMs: number;
  /** After it the rollout waits for a person. */
  pause: boolean;
}

/** What the challenger's servers must not be beyond. */
export interface ServerLimit {
  name: string;
  unit: string;
  max: number | null;
  min: number | null;
  /** So many looks in a row. */
  looks: number;
}

/** A rollout file as numbers: milliseconds, and the log e-values at which each test acts. */
export interface Plan {
  strategy: RolloutStrategy;
  steps: PlannedStep[];
  /** Whether the challenger has all traffic, so that there is no champion to compare with in the same minutes. */
  isAlone: boolean;
  intervalMs: number;
  initialDelayMs: number;
  margin: number;
  minRequests: number;
  maxExtendMs: number;
  onInconclusive: 'rollback' | 'hold' | 'promote';
  ceiling: number | null;
  floor: number | null;
  absoluteMargin: number;
  latency: null | { slowerThanMs: number | 'champion_p95'; ceiling: number | null };
  predictions: null | { maxDistance: number };
  servers: ServerLimit[];
  limits: z.infer<typeof evidenceLimitsSchema>;
}

/** Of α a fifth is for the ceilings: 0.01 of the usual 0.05. */
const CEILING_PART = 1 / 5;
const FLOOR_ALPHA = 0.01;
/** A wrong split is a fault of the router, not of a model, and wants strong evidence. */
const SPLIT_ALPHA = 0.001;

/** Makes the plan of a rollout. */
export function makePlan(rollout: Rollout): Plan {
  const { strategy, analysis, errors, latency, predictions, servers } = rollout;
  return {
    strategy,
    steps: planSteps(rollout),
    isAlone: strategy === 'blue-green' || strategy === 'all-at-once',
    intervalMs: rolloutMilliseconds(analysis.interval),
    initialDelayMs: rolloutMilliseconds(analysis.initial_delay),
    margin: analysis.margin,
    minRequests: analysis.min_requests,
    maxExtendMs: rolloutMilliseconds(analysis.max_extend),
    onInconclusive: analysis.on_inconclusive,
    ceiling: errors.ceiling ?? null,
    floor: errors.floor ?? null,
    absoluteMargin: errors.absolute_margin,
    latency: latency
      ? { slowerThanMs: slowThreshold(latency.slower_than), ceiling: latency.ceiling ?? null }
      : null,
    predictions: predictions ? { maxDistance: predictions.max_distance } : null,
    servers: (servers ?? []).map(({ name, unit = '', max = null, min = null, looks }) => ({
      ...{ name, unit, max, min, looks },
    })),
    limits: planLimits(rollout),
  };
}

/** How many looks there are until the time allowed is over, if each is as long as it should be. */
export function plannedLooks({ steps, intervalMs, maxExtendMs }: Plan): number {
  const bakeMs = steps.reduce((sum, step) => sum + step.bakeMs, 0);
  return Math.max(1, Math.ceil((bakeMs + maxExtendMs) / intervalMs));
}

function planSteps({ strategy, steps, increment, bake, watch }: Rollout): PlannedStep[] {
  if (strategy === 'canary')
    return (steps ?? []).map((step) => ({
      ...{ weight: step.weight, mirror: false, bakeMs: rolloutMilliseconds(step.bake), pause: step.pause },
    }));
  if (strategy === 'linear') {
    const bakeMs = rolloutMilliseconds(bake!);
    const weights: number[] = [];
    // Multiplied rather than added up, so that 3 × 0.1 is no step of its own beside 0.3.
    for (let count = 1; count * increment! < 100 - 1e-3; count += 1)
      weights.push(Number((count * increment!).toFixed(6)));
    return weights.map((weight) => ({ weight, mirror: false, bakeMs, pause: false }));
  }
  const mirror = strategy === 'shadow';
  return [{ weight: mirror ? 0 : 100, mirror, bakeMs: rolloutMilliseconds(watch!), pause: false }];
}

/**
 * The tests that may roll back share α. Beside a champion a fifth of it is for the ceilings, in equal parts, where
 * there are any, and the rest is shared equally by errors, latency and predictions, as far as they are compared. With
 * all traffic at the challenger nothing is compared, and the ceilings share the whole. A promotion needs every metric,
 * so each has the whole α. Measures of servers are plain limits and no part of it.
 */
function planLimits({ strategy, analysis, errors, latency, predictions }: Rollout): Plan['limits'] {
  const { alpha } = analysis;
  const isAlone = strategy === 'blue-green' || strategy === 'all-at-once';
  const ceilings = [errors.ceiling, latency?.ceiling].filter((ceiling) => ceiling !== undefined).length;
  const compared = 1 + (latency ? 1 : 0) + (predictions ? 1 : 0);
  const ceilingAlpha = (isAlone ? alpha : alpha * CEILING_PART) / Math.max(1, ceilings);
  const comparedAlpha = ceilings > 0 ? alpha * (1 - CEILING_PART) : alpha;
  return {
    rollback: logLimit(isAlone ? ceilingAlpha : comparedAlpha / compared),
    ceiling: logLimit(ceilingAlpha),
    floor: logLimit(FLOOR_ALPHA),
    promote: logLimit(alpha),
    split: logLimit(SPLIT_ALPHA),
    // Nothing else rolls it back, and it may go bad after any number of good looks.
    ...(isAlone && { startsAtEachLook: true }),
  };
}

function slowThreshold(slowerThan: string): number | 'champion_p95' {
  return slowerThan === 'champion_p95' ? slowerThan : snapToEdge(rolloutMilliseconds(slowerThan));
}
