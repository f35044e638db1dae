/** What is left to do when `main` was killed or cancelled. */
import { endGroup, groupStillLives } from '../../../shared/programs/process-group.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { type CheckpointCache, saveCheckpoints } from '../checkpoints/checkpoints.ts';
import type { RunState, TrainingState } from '../state.ts';
import { clearWorkspace } from '../workspace.ts';

/** `post` has minutes, and a machine that is taken away has less. */
const FLUSH_MS = 60_000;

export interface EndDeps extends Pick<Deps<RunState>, 'log' | 'now' | 'env'> {
  loadCache: () => Promise<CheckpointCache>;
}

export async function endRun({ training, launch, liveCheck }: RunState, deps: Deps<RunState>): Promise<void> {
  const concluded = liveCheck && concludeLiveCheck(liveCheck, deps);
  if (training) await endTraining(training, { ...deps, loadCache: () => import('@actions/cache') });
  if (launch && !launch.finished) {
    const { connectRunners } = await import('../runners/effects.ts');
    const { endUnfinishedLaunch } = await import('../runners/launch.ts');
    const token = deps.env['INPUT_RUNNER-TOKEN'];
    await endUnfinishedLaunch(launch, await connectRunners(deps, token));
  }
  await concluded;
}

/** Of a run that was killed nothing else says that it is over. */
async function concludeLiveCheck(
  check: NonNullable<RunState['liveCheck']>,
  { env, log, signal }: Deps<RunState>,
): Promise<void> {
  const { concludeLeftCheckRun } = await import('../../../shared/github/left-check-runs.ts');
  await concludeLeftCheckRun(check, { env, token: env['INPUT_GITHUB-TOKEN'], warn: log.warning, signal });
}

/**
 * Ends the command's processes after what is left of their grace time, puts the model folder in order and keeps the
 * checkpoints for the next attempt.
 */
export async function endTraining(state: TrainingState, deps: EndDeps): Promise<void> {
  const { log } = deps;
  if (groupStillLives(state.group, state.identity)) {
    log.info('The training command still runs: it is ended now.');
    const asked = state.stoppingAt !== null;
    const passed = asked ? deps.now().getTime() - (state.stoppingAt ?? 0) : 0;
    await endGroup(state.group, Math.max(0, state.graceMs - passed), { asked });
  }
  await clearWorkspace(state.workspace, state.modelDir);
  if (state.finished) return;
  if (state.tracking) {
    const { endKilledRun } = await import('../tracking/end-killed-run.ts');
    const { setTimeout: wait } = await import('node:timers/promises');
    await endKilledRun(state.tracking, { ...deps, wait: (milliseconds) => wait(milliseconds) });
  }
  if (!state.checkpoints) return;
  const { folder, cacheKey, store } = state.checkpoints;
  if (store) await flushTo(store, state, deps);
  else if (cacheKey) await saveCheckpoints(folder, cacheKey, await deps.loadCache(), log.info);
}

async function flushTo(
  { place, attempt }: { place: string; attempt: string },
  state: TrainingState,
  { log, env }: EndDeps,
): Promise<void> {
  const { openCheckpointStore } = await import('../checkpoints/store.ts');
  const { sendLast, startCheckpointSync } = await import('../checkpoints/sync.ts');
  const { historyBytes, readHistory, upTo } = await import('../checkpoints/travelling-history.ts');
  const store = await openCheckpointStore(place, { name: state.name, work: state.work, env, attempt });
  const { folder } = state.checkpoints!;
  const sync = await startCheckpointSync({
    ...{ folder, store, log },
    history: async (moment) => {
      const seen = await readHistory(folder, state.work);
      return seen && historyBytes(upTo(seen, moment), state.work);
    },
  });
  // Nobody saw how the command ended: only what is proven to be complete is taken.
  await sendLast(sync, { ended: 'killed', withinMs: FLUSH_MS }, { place, log });
  await sync.stop();
  store.close();
}
