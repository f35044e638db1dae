import * as z from 'zod';
import { digestSchema } from '../../shared/records/envelope.ts';
import { rolloutSchema } from '../../shared/records/rollout.ts';
import type { RolloutState } from './engine/engine.ts';

const modelSchema = z.strictObject({ digest: digestSchema, uri: z.string() });

const progressSchema = z.strictObject({
  version: z.literal(1),
  challenger: modelSchema,
  champion: modelSchema.nullable(),
  alias: z.string(),
  rollout: rolloutSchema.nullable(),
  overrideReason: z.string().nullable(),
  /**
   * `rolling`: the canary is under way. `promoting`: it is decided, and the alias or the traffic may have moved
   * already. `held`: the champion has all traffic, the challenger waits.
   */
  phase: z.enum(['rolling', 'promoting', 'held']),
  /** Written by the engine of the same version, whole or not at all. */
  state: z.custom<RolloutState>((value) => typeof value === 'object' && value !== null).nullable(),
});

/** What the target keeps of a rollout, so that any later run can take it up, finish it or undo it. */
export type Progress = z.infer<typeof progressSchema>;

/** Undefined when there is none, or none that this version understands: then it is undone, not resumed. */
export function parseProgress(value: unknown): Progress | undefined {
  const parsed = progressSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
