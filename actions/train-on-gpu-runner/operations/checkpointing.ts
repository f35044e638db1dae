/** The checkpoints of a training on this machine: opened before it, copied while it runs, and settled at its end. */

import { messageOf, UserError } from '../../../shared/errors.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { Log } from '../../../shared/runtime/definition.ts';
import type { TrainingOutcome } from '../backends/backend.ts';
import { type CheckpointCache, finishCheckpoints, openCheckpoints } from '../checkpoints/checkpoints.ts';
import { HeldCommand } from '../checkpoints/held-command.ts';
import { keepHistory } from '../checkpoints/keep-history.ts';
import { type CheckpointStore, openCheckpointStore } from '../checkpoints/store.ts';
import { type CheckpointSync, howEnded, sendLast, startCheckpointSync } from '../checkpoints/sync.ts';
import { historyBytes, upTo } from '../checkpoints/travelling-history.ts';
import type { Given } from '../inputs.ts';
import type { TrainingState } from '../state.ts';
import type { KeptHistory } from '../watch/history.ts';

const loadCache = (): Promise<CheckpointCache> => import('@actions/cache');
const FLUSH_MS = 120_000;
/** A machine that is taken away leaves two minutes, of which the command has had its part. */
const BRING_AWAY_MS = 50_000;
/** Of the ten seconds between a runner's first signal and its last, most belong to the command. */
const CANCELLED_FLUSH_MS = 5_000;

/** What looks on while a command trains. */
export interface Onlooker {
  /** The command is made to stand still, or goes on. */
  hold(isHeld: boolean): void;
  kept(): KeptHistory;
}

export interface Checkpointing {
  folder: string;
  resumes: boolean;
  /** Metrics of the steps before the checkpoint that it goes on from. */
  history: KeptHistory | undefined;
  /** As it is by now. */
  record(): TrainingRun['checkpoints'];
  state: NonNullable<TrainingState['checkpoints']>;
  /** Before the command runs. @param onSuperseded another attempt trains the same now. */
  start(watch: Onlooker, onSuperseded: () => void): Promise<void>;
  /** The command begins in this process group. */
  commandBegins(group: number): void;
  /** It is asked to end: it is not made to stand still any more. */
  commandEnds(): void;
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
  given: Pick<Given, 'name' | 'checkpointDir' | 'checkpointStore' | 'checkpointUpload'>,
  work: string,
  { env, log }: { env: NodeJS.ProcessEnv; log: Log },
): Promise<Checkpointing | undefined> {
  const { name, checkpointDir: folder, checkpointStore: place, checkpointUpload: upload } = given;
  const waits = upload === 'before-going-on';
  if (waits) refuseToWait(place);
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
  return checkpointing({ folder, place, work, log, waits }, store, opened);
}

/** @throws UserError where the command cannot wait for its checkpoints. */
function refuseToWait(place: string | undefined): void {
  const where = { key: 'checkpoint-upload' };
  if (place === undefined)
    throw new UserError(
      'The command is to wait for its checkpoints, and there is no place to send them to.',
      {
        where,
        fix: 'Set checkpoint-store, or leave checkpoint-upload out.',
      },
    );
  if (process.platform === 'win32')
    throw new UserError('On Windows a command cannot be made to wait for its checkpoints.', {
      where,
      fix: 'Leave checkpoint-upload out.',
    });
}

interface Kept {
  folder: string;
  place: string | undefined;
  work: string;
  log: Log;
  /** The command waits until a checkpoint is in the store. */
  waits: boolean;
}

function checkpointing(
  { folder, place, work, log, waits }: Kept,
  store: CheckpointStore | undefined,
  { resumedFrom, resumedStep, cacheKey, history }: Awaited<ReturnType<typeof openCheckpoints>>,
): Checkpointing {
  let sync: CheckpointSync | undefined;
  let command: HeldCommand | undefined;
  let historyKept: ReturnType<typeof keepHistory> | undefined;
  return {
    folder,
    resumes: resumedFrom !== 'nothing',
    history,
    record: () => ({
      ...{ kept: true, resumedFrom, store: place ?? null, resumedStep },
      ...(command && { upload: 'before-going-on', heldSeconds: command.seconds }),
    }),
    state: {
      folder,
      cacheKey: cacheKey ?? null,
      store: store && place !== undefined ? { place, attempt: store.attempt } : null,
    },
    async start(watch, onSuperseded) {
      historyKept = keepHistory({
        ...{ folder, bytes: () => historyBytes(watch.kept(), work) },
        onProblem: (message) => log.warning(`The metrics so far cannot be kept in ${folder}: ${message}.`),
      });
      if (!store) return;
      if (waits) command = new HeldCommand({ onChange: (isHeld) => watch.hold(isHeld) });
      sync = await startCheckpointSync({
        ...{ folder, store, log, onSuperseded, command },
        ...(resumedFrom === 'store' && { restored: { step: resumedStep } }),
        history: async (moment) => historyBytes(upTo(watch.kept(), moment), work),
      });
    },
    commandBegins: (group) => command?.begin(group),
    commandEnds: () => command?.end(),
    async bringAway() {
      await sync?.flush({ withinMs: BRING_AWAY_MS });
    },
    async flush(outcome) {
      command?.end();
      await historyKept?.stop();
      if (!sync || place === undefined) return;
      const withinMs = outcome.cancelled
        ? CANCELLED_FLUSH_MS
        : outcome.interrupted
          ? BRING_AWAY_MS
          : FLUSH_MS;
      await sendLast(sync, { ended: howEnded(outcome), withinMs }, { place, log });
    },
    async finish() {
      command?.end();
      await historyKept?.stop();
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
      command?.end();
      await historyKept?.stop();
      await sync?.stop();
      store?.close();
    },
  };
}
