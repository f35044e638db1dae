import * as z from 'zod';
import { digestSchema } from '../../shared/records/envelope.ts';
import { rolloutSchema } from '../../shared/records/rollout.ts';
import type { RolloutState } from './engine/engine.ts';
import { readFailuresSchema } from './metrics/read-failures.ts';

const modelSchema = z.strictObject({ digest: digestSchema, uri: z.string() });

const progressSchema = z.strictObject({
  version: z.literal(2),
  challenger: modelSchema,
  champion: modelSchema.nullable(),
  alias: z.string(),
  rollout: rolloutSchema.nullable(),
  overrideReason: z.string().nullable(),
  /**
   * `rolling`: the rollout is under way. `paused`: a step waits for `operation: continue`. `promoting`: it is decided,
   * and the alias or the traffic may have moved already. `held`: the champion has all traffic, the challenger waits.
   */
  phase: z.enum(['rolling', 'paused', 'promoting', 'held']),
  /** `rollback`: the champion of before is to serve again; left out, a promotion. */
  operation: z.enum(['promote', 'rollback']).optional(),
  /** Who drives it, so that reconcile can tell a dead run from one at work and from one that a schedule goes on with. */
  driver: z.strictObject({
    runUrl: z.string().nullable(),
    /** ISO 8601: when it last stored something. */
    seenAt: z.string(),
    /** A run that waits for the end, or one look at a time. */
    kind: z.enum(['run', 'schedule']),
  }),
  /** When the weight changed, oldest first. */
  weights: z.array(z.strictObject({ at: z.number(), weight: z.number(), mirror: z.boolean().optional() })),
  /**
   * Written by the engine of the same version, whole or not at all. Null before the first look, and where a target has
   * no room for it: then it is computed once more from the target's windows and `weights`.
   */
  state: z.custom<RolloutState>((value) => typeof value === 'object' && value !== null).nullable(),
  /** How far it had come, where a target has no room for `state`: see `engine/rebuild.ts`. */
  position: z
    .strictObject({ step: z.number().int(), pausedStep: z.number().int(), continuedStep: z.number().int() })
    .optional(),
  /** Of its source of counts; left out while that answers. */
  readFailures: readFailuresSchema.optional(),
  /** What `state` began with, for computing it once more. */
  startedAfter: z.number().int(),
});

/** What the target keeps of a rollout, so that any later run can take it up, finish it or undo it. */
export type Progress = z.infer<typeof progressSchema>;

/** Undefined when there is none, or none that this version understands: then it is undone, not resumed. */
export function parseProgress(value: unknown): Progress | undefined {
  const parsed = progressSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
