/** The checkpoints of a training on this machine: opened before it, copied while it runs, and settled at its end. */

import { messageOf, UserError } from '../../../shared/errors.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { Log } from '../../../shared/runtime/definition.ts';
import type { TrainingOutcome } from '../backends/backend.ts';
import { type CheckpointCache, finishCheckpoints, openCheckpoints } from '../checkpoints/checkpoints.ts';
import { type CheckpointStore, openCheckpointStore } from '../checkpoints/store.ts';
import { type CheckpointSync, howEnded, sendLast, startCheckpointSync } from '../checkpoints/sync.ts';
import type { TrainingState } from '../state.ts';

const loadCache = (): Promise<CheckpointCache> => import('@actions/cache');
const FLUSH_MS = 120_000;
/** A machine that is taken away leaves two minutes, of which the command has had its part. */
const BRING_AWAY_MS = 50_000;
/** Of the ten seconds between a runner's first signal and its last, most belong to the command. */
const CANCELLED_FLUSH_MS = 5_000;

export interface Checkpointing {
  folder: string;
  resumes: boolean;
  record: TrainingRun['checkpoints'];
  state: NonNullable<TrainingState['checkpoints']>;
  /** While the command runs. @param onSuperseded another attempt trains the same now. */
  start(onSuperseded: () => void): Promise<void>;
  /** What is complete goes to the store now. */
  bringAway(): Promise<void>;
  /** The command has ended. */
  flush(outcome: TrainingOutcome): Promise<void>;
  /** The training has its model. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** @returns undefined where no checkpoints are kept. @throws UserError when the store cannot be read and written. */
export async function openCheckpointing(
  given: { name: string; checkpointDir?: string | undefined; checkpointStore?: string | undefined },
  work: string,
  { env, log }: { env: NodeJS.ProcessEnv; log: Log },
): Promise<Checkpointing | undefined> {
  const { name, checkpointDir: folder, checkpointStore: place } = given;
  if (folder === undefined) {
    if (place === undefined) return undefined;
    throw new UserError('Checkpoints are to be kept in a store, and no folder is given from which.', {
      where: { key: 'checkpoint-dir' },
      fix: 'Set checkpoint-dir to the folder into which the command writes them.',
    });
  }
  const store = place === undefined ? undefined : await openCheckpointStore(place, { name, work, env });
  const options = { folder, name, work, env, log: log.info, loadCache };
  const opened = await openCheckpoints(store ? { ...options, store } : options);
  return checkpointing({ folder, place, work, log }, store, opened);
}

function checkpointing(
  { folder, place, work, log }: { folder: string; place: string | undefined; work: string; log: Log },
  store: CheckpointStore | undefined,
  { resumedFrom, resumedStep, cacheKey }: Awaited<ReturnType<typeof openCheckpoints>>,
): Checkpointing {
  let sync: CheckpointSync | undefined;
  return {
    folder,
    resumes: resumedFrom !== 'nothing',
    record: { kept: true, resumedFrom, store: place ?? null, resumedStep },
    state: {
      folder,
      cacheKey: cacheKey ?? null,
      store: store && place !== undefined ? { place, attempt: store.attempt } : null,
    },
    async start(onSuperseded) {
      if (!store) return;
      const restored = resumedFrom === 'store' ? { restored: { step: resumedStep } } : {};
      sync = await startCheckpointSync({ folder, store, log, onSuperseded, ...restored });
    },
    async bringAway() {
      await sync?.flush({ withinMs: BRING_AWAY_MS });
    },
    async flush(outcome) {
      if (!sync || place === undefined) return;
      const withinMs = outcome.cancelled
        ? CANCELLED_FLUSH_MS
        : outcome.interrupted
          ? BRING_AWAY_MS
          : FLUSH_MS;
      await sendLast(sync, { ended: howEnded(outcome), withinMs }, { place, log });
    },
    async finish() {
      await sync?.stop();
      await finishCheckpoints(folder, work);
      // The model has its name already: a store that is away now makes the next training go on from the end.
      const finished = await store?.finish().catch((error: unknown) => {
        log.warning(`That the training is finished could not be noted in ${place}: ${messageOf(error)}.`);
        return undefined;
      });
      if (finished?.state === 'published' && finished.problem)
        log.info(`Old checkpoints stay: ${finished.problem}.`);
    },
    async close() {
      await sync?.stop();
      store?.close();
    },
  };
}
