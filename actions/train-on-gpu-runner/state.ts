import * as z from 'zod';
import { endGroup, groupStillLives } from '../../shared/programs/process-group.ts';
import type { Log } from '../../shared/runtime/definition.ts';
import { type CheckpointCache, saveCheckpoints } from './checkpoints.ts';
import { clearWorkspace } from './workspace.ts';

/** What `main` leaves for `post`, saved before the command starts. */
export const stateSchema = z.strictObject({
  /** The command's process group and the identity of its first process. */
  group: z.number().int(),
  identity: z.string(),
  graceMs: z.number(),
  /** When the command was asked to end, in milliseconds since 1970; null before. */
  stoppingAt: z.number().nullable(),
  workspace: z.string(),
  modelDir: z.string(),
  /** Null when no checkpoint folder was given or there is no cache service. */
  checkpoints: z.strictObject({ folder: z.string(), cacheKey: z.string() }).nullable(),
  /** The command succeeded and its model has its name: there is nothing to go on with. */
  finished: z.boolean(),
});
export type TrainingState = z.infer<typeof stateSchema>;

/**
 * Finishes what `main` could not, because it was killed or cancelled: ends the command's processes after what is
 * left of their grace time, puts the model folder in order and keeps the checkpoints for the next attempt.
 */
export async function collect(
  state: TrainingState,
  deps: { log: Pick<Log, 'info'>; now: () => Date; loadCache: () => Promise<CheckpointCache> },
): Promise<void> {
  const info = (message: string) => deps.log.info(message);
  if (groupStillLives(state.group, state.identity)) {
    info('The training command still runs: it is ended now.');
    const asked = state.stoppingAt !== null;
    const passed = asked ? deps.now().getTime() - (state.stoppingAt ?? 0) : 0;
    await endGroup(state.group, Math.max(0, state.graceMs - passed), { asked });
  }
  await clearWorkspace(state.workspace, state.modelDir);
  if (state.finished || !state.checkpoints) return;
  await saveCheckpoints(state.checkpoints.folder, state.checkpoints.cacheKey, await deps.loadCache(), info);
}
