/** `operation: run` on this machine. */
import { join } from 'node:path';
import { localPath } from '../../../shared/data/source.ts';
import { processIdentity } from '../../../shared/programs/process-group.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import { LocalBackend } from '../backends/local.ts';
import type { Given } from '../inputs.ts';
import { describeMachine, pythonVersion } from '../machine.ts';
import { describeMig, readMigGpus } from '../preflight/mig.ts';
import { preflight } from '../preflight/preflight.ts';
import { type Requirements, readRequirements } from '../preflight/requirements.ts';
import { collectMetrics, fileMark } from '../results.ts';
import type { RunState, TrainingState } from '../state.ts';
import type { TrackingRun } from '../tracking/tracking-run.ts';
import { type GpuAnswer, queryGpus } from '../watch/gpu-query.ts';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { costOf, keepOrigin, openTracking, rulesOf } from './around.ts';
import { type Checkpointing, openCheckpointing } from './checkpointing.ts';
import { follow } from './follow.ts';
import { dataOf, type Prepared, placesIn, prepare } from './prepare.ts';
import { trackingEnd, trainingRecord } from './record.ts';
import { cancelled, collectResult, trackedBy } from './result.ts';

const NO_CHECKPOINTS: TrainingRun['checkpoints'] = { kept: false, resumedFrom: 'nothing' };

export async function train(given: Given, deps: Deps<RunState>): Promise<ActionResult> {
  const gpus = await queryGpus(deps.env);
  const requires = await readRequirements(given.requires);
  const prepared = await prepare(given, deps as Deps<never>);
  await checkMachine(given, { requires, prepared, gpus }, deps);
  const workspace = await openWorkspace(given.modelDir, deps.log.info, [
    given.records,
    ...(given.checkpointDir ? [given.checkpointDir] : []),
    ...prepared.data.files.map(localPath),
  ]);
  let checkpoints: Checkpointing | undefined;
  try {
    checkpoints = await openCheckpointing(given, prepared.work, deps);
    const tracking = await openTracking(given, prepared, deps, checkpoints?.resumes ?? false);
    const around = { prepared, workspace, checkpoints, tracking, gpus };
    return await trackedBy(tracking, deps, () => trainHere(given, around, deps));
  } finally {
    await checkpoints?.close();
    await workspace.remove();
  }
}

/** @throws UserError that lists what this machine lacks, in seconds and not after an hour. */
async function checkMachine(
  given: Given,
  { requires, prepared, gpus }: { requires: Requirements; prepared: Prepared; gpus: GpuAnswer },
  { env, log, now }: Deps<RunState>,
): Promise<void> {
  const { requireGpu, modelDir, checkpointDir, checkpointStore = '', data = [] } = given;
  const mig = 'samples' in gpus ? await readMigGpus(gpus.samples, env) : [];
  for (const line of describeMig(mig)) log.info(line);
  const warnings = await preflight({
    ...{ requires, requireGpu, gpus, mig, env, python: () => pythonVersion(env), now: now() },
    ...{ data: dataOf(prepared.data), expectedTimeMs: given.expectedTime },
    folders: [modelDir, ...(checkpointDir ? [checkpointDir] : [])],
    usesAws: [checkpointStore, ...data].some((place) => place.startsWith('s3://')),
  });
  for (const warning of warnings) log.warning(warning);
}

interface Around {
  prepared: Prepared;
  workspace: Workspace;
  checkpoints: Checkpointing | undefined;
  tracking: TrackingRun | undefined;
  gpus: GpuAnswer;
}

async function trainHere(given: Given, around: Around, deps: Deps<RunState>): Promise<ActionResult> {
  const { prepared, workspace, checkpoints, tracking, gpus } = around;
  const saveState = stateKeeper(given, around, deps);
  const places = placesIn(workspace);
  const backend = new LocalBackend({
    ...{ env: deps.env, cwd: process.cwd(), temporaryFolder: deps.temporaryFolder, gpus, log: deps.log },
    places: { ...places, checkpoints: given.checkpointDir ?? join(deps.temporaryFolder, 'checkpoints') },
    graceMs: given.grace,
    beforeStart: async (group) => {
      await workspace.noteGroup(group);
      saveState({ group, identity: processIdentity(group) ?? '' });
      checkpoints?.commandBegins(group);
    },
    onStop: () => {
      checkpoints?.commandEnds();
      saveState({ stoppingAt: deps.now().getTime() });
    },
    onRebalance: () => void checkpoints?.bringAway(),
  });
  const job = await backend.submit({
    ...{ name: given.name, command: prepared.command, params: prepared.params, seed: given.seed },
    ...{ data: dataOf(prepared.data), timeoutMs: given.timeout },
    ...{ checkpointStore: given.checkpointStore, checkpointFolder: given.checkpointDir },
    env: tracking?.env ?? {},
  });
  const environment = await describeMachine(backend.env, gpus);
  const driver = environment.gpus[0]?.driverVersion ?? null;
  const reproduction = await keepOrigin(given, prepared, deps, { env: backend.env, driver });
  const markBefore = await fileMark(given.metricsFile);

  deps.log.info(`Training ${given.name}: ${prepared.command}`);
  const followed = await follow(backend, job, {
    ...{ given, prepared, deps, tracking },
    folders: [workspace.folder, ...(given.checkpointDir ? [given.checkpointDir] : [])],
    history: checkpoints?.history,
    begin: async (watch) =>
      checkpoints?.start(watch, () => deps.log.warning('What this run trains from here on is not kept.')),
    onLiveCheck: (liveCheck) => saveState({}, liveCheck),
  });
  if (followed.ended.cancelled) {
    await checkpoints?.flush(followed.ended);
    throw cancelled(checkpoints !== undefined);
  }
  const read = await collectMetrics(places.metrics, given.metricsFile, markBefore);
  const model = await collectResult(given, followed, { workspace, deps });
  if (typeof model === 'string') {
    await checkpoints?.flush(followed.ended);
  } else {
    await checkpoints?.finish();
    saveState({ finished: true });
  }
  const record = trainingRecord(
    {
      ...{ given, prepared, ...followed, model, read, environment },
      checkpoints: checkpoints?.record() ?? NO_CHECKPOINTS,
      more: {
        cost: await costOf(prepared, followed.ended, read.metrics, deps.records),
        tracking: tracking?.record ?? null,
        rules: rulesOf(given, prepared),
        reproduction,
      },
    },
    deps,
  );
  await tracking?.finish(trackingEnd(record));
  if (typeof model === 'string') return { record };
  return { record, outputs: { model: given.modelDir, digest: model.digest } };
}

/** Saves the whole state each time that a part of it changes: of the training once there is a command to be ended. */
function stateKeeper(
  given: Given,
  { prepared, workspace, checkpoints, tracking }: Around,
  deps: Deps<RunState>,
): (change: Partial<TrainingState>, liveCheck?: RunState['liveCheck']) => void {
  let training: TrainingState = {
    ...{
      name: given.name,
      work: prepared.work,
      group: 0,
      identity: '',
      graceMs: given.grace,
      stoppingAt: null,
    },
    ...{ workspace: workspace.folder, modelDir: given.modelDir, checkpoints: checkpoints?.state ?? null },
    tracking: tracking?.record ? { server: tracking.record.server, runId: tracking.record.runId } : null,
    finished: false,
  };
  let check: RunState['liveCheck'] = null;
  return (change, liveCheck = check) => {
    training = { ...training, ...change };
    check = liveCheck;
    deps.saveState({ training: training.group === 0 ? null : training, launch: null, liveCheck });
  };
}
