/**
 * train-on-gpu-runner runs a training command and turns what it wrote into a model with a digest and a record of
 * how it came about. This file is the whole run in order; each step has a file of its own.
 */
import { join, resolve } from 'node:path';
import {
  accessOf,
  combineDigests,
  type DataFile,
  localPath,
  publicNames,
  resolveData,
} from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { HashedModel } from '../../shared/models/digest.ts';
import { programEnvironment } from '../../shared/programs/environment.ts';
import { processIdentity } from '../../shared/programs/process-group.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import type { TrainingRun } from '../../shared/records/training-run.ts';
import { type ActionResult, type Deps, defineAction } from '../../shared/runtime/definition.ts';
import { type LocalOutcome, trainLocally } from './backends/local.ts';
import { type CheckpointCache, finishCheckpoints, openCheckpoints, workIdentity } from './checkpoints.ts';
import { commandVariables } from './command-environment.ts';
import { requireGpu } from './gpu-preflight.ts';
import { queryGpus } from './gpu-query.ts';
import { inputs } from './inputs.ts';
import { describeMachine } from './machine.ts';
import { readParams } from './params.ts';
import { report } from './report.ts';
import { collectMetrics, collectModel, fileMark, keepOutput } from './results.ts';
import { secretMask } from './secrets.ts';
import { collect, stateSchema, type TrainingState } from './state.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const loadCache = (): Promise<CheckpointCache> => import('@actions/cache');

export const definition = defineAction({
  id: 'train-on-gpu-runner',
  kind: 'TrainingRun',
  inputs,
  outputs: ['model', 'digest'],
  state: stateSchema,
  run: train,
  report,
  post: (state, deps) => collect(state, { log: deps.log, now: deps.now, loadCache }),
});

interface Given {
  name: string;
  records: string;
  githubToken?: string;
  command: string;
  backend: 'local';
  params?: string;
  data?: string[];
  modelDir: string;
  metricsFile?: string;
  requireGpu: boolean;
  timeout?: number;
  grace: number;
  checkpointDir?: string;
}

async function train(given: Given, deps: Deps<TrainingState>): Promise<ActionResult> {
  const gpus = await queryGpus(deps.env);
  if (given.requireGpu) requireGpu(gpus);
  const params = await readParams(given.params);
  const data = given.data
    ? await resolveData(given.data, accessOf(deps))
    : { files: [], digest: combineDigests([]) };
  const work = workIdentity({ command: given.command, params, dataDigest: data.digest });
  const workspace = await openWorkspace(given.modelDir, deps.log.info, [
    given.records,
    ...(given.checkpointDir ? [given.checkpointDir] : []),
    ...data.files.map(localPath),
  ]);
  try {
    const checkpoints = given.checkpointDir
      ? await openCheckpoints({
          folder: given.checkpointDir,
          name: given.name,
          work,
          env: deps.env,
          log: deps.log.info,
          loadCache,
        })
      : undefined;
    const world = {
      model: workspace.model,
      metrics: join(workspace.folder, 'metrics.json'),
      checkpoints: given.checkpointDir ?? join(deps.temporaryFolder, 'checkpoints'),
      output: join(workspace.folder, 'output'),
    };
    const variables = await commandVariables({
      ...world,
      params,
      data: data.files.map((file) => ({ ...file, path: localPath(file) })),
      temporaryFolder: deps.temporaryFolder,
      gpuCount: 'samples' in gpus ? gpus.samples.length : 0,
    });
    const env = programEnvironment(deps.env, variables);
    const machine = await describeMachine(env, gpus);
    const markBefore = await fileMark(given.metricsFile);
    const saveState = stateKeeper(given, workspace, checkpoints?.cacheKey, deps);

    deps.log.info(`Training ${given.name}: ${given.command}`);
    const outcome = await deps.log.group('Output of the command', () =>
      trainLocally({
        command: given.command,
        cwd: process.cwd(),
        env,
        signal: deps.signal,
        timeoutMs: given.timeout,
        graceMs: given.grace,
        gpus,
        onLine: deps.log.info,
        onQuiet: deps.log.progress,
        beforeStart: async (group) => {
          await workspace.noteGroup(group);
          saveState({ group, identity: processIdentity(group) ?? '' });
        },
        onStop: () => saveState({ stoppingAt: deps.now().getTime() }),
      }),
    );
    if (outcome.cancelled) throw cancelled(given.checkpointDir);

    const { metrics, problem } = await collectMetrics(world.metrics, given.metricsFile, markBefore);
    if (problem) deps.log.warning(`Metrics: ${problem}.`);
    const failure = failureOf(outcome, given.timeout);
    const model = failure ?? (await collectModel(workspace.model, deps.signal));
    if (typeof model !== 'string') {
      await workspace.publish();
      if (await keepOutput(world.output, `${resolve(given.modelDir)}.output`)) {
        deps.log.info(`What the command wrote beside the model is in ${given.modelDir}.output.`);
      }
      if (given.checkpointDir) await finishCheckpoints(given.checkpointDir, work);
      saveState({ finished: true });
    }
    const record = buildRecord({
      given,
      deps,
      outcome,
      model,
      params,
      data,
      metrics,
      problem,
      machine,
      resumedFrom: checkpoints?.resumedFrom ?? 'nothing',
    });
    if (typeof model === 'string') return { record };
    return { record, outputs: { model: given.modelDir, digest: model.digest } };
  } finally {
    await workspace.remove();
  }
}

/** Saves the whole state each time that a part of it changes. */
function stateKeeper(
  given: Given,
  workspace: Workspace,
  cacheKey: string | undefined,
  deps: Deps<TrainingState>,
): (change: Partial<TrainingState>) => void {
  let state: TrainingState = {
    group: 0,
    identity: '',
    graceMs: given.grace,
    stoppingAt: null,
    workspace: workspace.folder,
    modelDir: given.modelDir,
    checkpoints: given.checkpointDir && cacheKey ? { folder: given.checkpointDir, cacheKey } : null,
    finished: false,
  };
  return (change) => {
    state = { ...state, ...change };
    deps.saveState(state);
  };
}

function cancelled(checkpointDir: string | undefined): UserError {
  return new UserError('The training was cancelled.', {
    fix: checkpointDir
      ? 'Run the job again: it goes on from the checkpoints.'
      : 'Run the job again; with checkpoint-dir it could go on from where it was.',
  });
}

function failureOf(outcome: LocalOutcome, timeout: number | undefined): string | undefined {
  if (outcome.timedOut)
    return `The command was ended after its time of ${Math.round((timeout ?? 0) / 1000)} s.`;
  if (outcome.exitSignal)
    return `The command was ended by ${outcome.exitSignal}${memoryHint(outcome.exitCode)}.`;
  if (outcome.exitCode !== 0)
    return `The command ended with exit status ${outcome.exitCode}${memoryHint(outcome.exitCode)}.`;
  return undefined;
}

function memoryHint(exitCode: number): string {
  return exitCode === 137 ? ' (killed, often because the memory was full)' : '';
}

function buildRecord(parts: {
  given: Given;
  deps: Deps<TrainingState>;
  outcome: LocalOutcome;
  /** The model, or why there is none. */
  model: HashedModel | string;
  params: TrainingRun['params'];
  data: { files: DataFile[]; digest: string };
  metrics: TrainingRun['metrics'];
  problem: string;
  machine: TrainingRun['environment'];
  resumedFrom: TrainingRun['checkpoints']['resumedFrom'];
}): TrainingRun {
  const { given, deps, outcome, model, data } = parts;
  const mask = secretMask(deps.env, [given.githubToken]);
  const failed = typeof model === 'string';
  const reason = failed ? model : `The command succeeded and wrote a model of ${model.files.length} files.`;
  return {
    ...recordHead('TrainingRun', {
      name: given.name,
      source: deps.source,
      createdAt: deps.now(),
      subject: failed ? data.digest : model.digest,
      inputs:
        data.files.length > 0
          ? [{ role: 'data', name: publicNames(given.data ?? []), digest: data.digest }]
          : [],
      verdict: failed ? 'fail' : 'pass',
      reason: mask(reason),
    }),
    backend: given.backend,
    command: mask(given.command),
    params: maskParams(parts.params, mask),
    outcome: outcome.timedOut ? 'timed-out' : failed ? 'failed' : 'succeeded',
    exitCode: outcome.exitCode,
    exitSignal: outcome.exitSignal,
    durationSeconds: outcome.durationSeconds,
    timeoutSeconds: given.timeout === undefined ? null : given.timeout / 1000,
    model: failed
      ? null
      : {
          digest: model.digest,
          path: given.modelDir,
          bytes: model.files.reduce((sum, file) => sum + file.size, 0),
          fileCount: model.files.length,
        },
    metrics: parts.metrics,
    metricsProblem: parts.problem,
    data: data.files.map(({ path, bytes, sha256 }) => ({ path, bytes, digest: `sha256:${sha256}` })),
    checkpoints: { kept: given.checkpointDir !== undefined, resumedFrom: parts.resumedFrom },
    environment: parts.machine,
    resources: outcome.resources,
    outputTail: outcome.tail.map(mask),
  };
}

function maskParams(params: TrainingRun['params'], mask: (text: string) => string): TrainingRun['params'] {
  return JSON.parse(JSON.stringify(params), (_key, value) =>
    typeof value === 'string' ? mask(value) : value,
  );
}
