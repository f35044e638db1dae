/** Trainings as jobs of SageMaker: waited for, or submitted in one job of a workflow and collected in another. */
import { UserError } from '../../../shared/errors.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import type { TrainingWork } from '../backends/backend.ts';
import {
  openSageMakerBackend,
  type SageMakerBackend,
  type SageMakerSurroundings,
} from '../backends/sagemaker/sagemaker-backend.ts';
import { estimatedCost } from '../cost/cost.ts';
import { budgetMilliseconds } from '../cost/money.ts';
import type { Given } from '../inputs.ts';
import { collectMetrics } from '../results.ts';
import type { RunState } from '../state.ts';
import { readMetricDefinitions } from '../watch/metric-definitions.ts';
import { openWorkspace } from '../workspace.ts';
import { collectedCost, costOf, keepOrigin, openTracking } from './around.ts';
import { type Followed, follow } from './follow.ts';
import { checkpointsOf, machineOf, preparedAgain, unfinished } from './job-record.ts';
import { dataOf, type Prepared, placesIn, prepare } from './prepare.ts';
import { trackingEnd, trainingRecord } from './record.ts';
import { cancelled, collectResult, trackedBy } from './result.ts';

/** `wait` in place of a timer. */
type JobDeps = Deps<RunState> & Pick<SageMakerSurroundings, 'wait'>;

/** `operation: run` on SageMaker. */
export async function trainAsJob(given: Given, deps: JobDeps): Promise<ActionResult> {
  const prepared = await prepare(given, deps as Deps<never>);
  const backend = await openFor(given, prepared, deps);
  // Attempts of one run go on from the checkpoints of the one before.
  const resumes =
    (given.checkpointStore !== undefined || given.spot) && Number(deps.env.GITHUB_RUN_ATTEMPT) > 1;
  const tracking = await openTracking(given, prepared, deps, resumes);
  return trackedBy(tracking, deps, async () => {
    const reproduction = await keepOrigin(given, prepared, deps, { env: deps.env, driver: null });
    const job = await backend.submit(workOf(given, prepared, tracking?.env ?? {}));
    const followed = await follow(backend, job, { given, prepared, deps, tracking, folders: undefined });
    if (followed.ended.cancelled) throw cancelled(given.checkpointStore !== undefined || given.spot);
    const cost = (metrics: TrainingRun['metrics']) => costOf(prepared, followed.ended, metrics, deps.records);
    return collected({ given, prepared, deps, backend, job, followed, tracking, cost, reproduction });
  });
}

/** `operation: submit`: the training goes on when this job has ended, and its credentials with it. */
export async function submit(given: Given, deps: JobDeps): Promise<ActionResult> {
  requireService(given);
  refuseWatched(given);
  const prepared = await prepare(given, deps as Deps<never>);
  const backend = await openFor(given, prepared, deps);
  const reproduction = await keepOrigin(given, prepared, deps, { env: deps.env, driver: null });
  const name = await backend.submit(workOf(given, prepared, {}));
  const { job, image } = await backend.describe(name);
  const cost = prepared.money ? estimatedCost(prepared.money) : null;
  const record = unfinished(given, prepared, deps, { job, image, outcome: 'submitted', reproduction, cost });
  return { record, outputs: { job: name } };
}

/** `operation: collect`: waits for a job that was submitted, and brings its model. */
export async function collect(given: Given, deps: JobDeps): Promise<ActionResult> {
  requireService(given);
  const name = requireJob(given);
  const backend = await openSageMakerBackend(undefined, surroundings(deps));
  const { work, metricDefinitions } = await backend.describe(name);
  const { definitions } = await readMetricDefinitions(JSON.stringify(metricDefinitions));
  const prepared = preparedAgain(work, given, deps, definitions);
  const followed = await follow(backend, name, {
    given,
    prepared,
    deps,
    tracking: undefined,
    folders: undefined,
  });
  if (followed.ended.cancelled) throw cancelled(true);
  const cost = (metrics: TrainingRun['metrics']) =>
    collectedCost(name, followed.ended, metrics, deps.records);
  return collected({ given, prepared, deps, backend, job: name, followed, tracking: undefined, cost });
}

/** `operation: cancel`. What has ended already is done. */
export async function cancel(given: Given, deps: JobDeps): Promise<ActionResult> {
  requireService(given);
  const name = requireJob(given);
  const backend = await openSageMakerBackend(undefined, surroundings(deps));
  await backend.cancel(name);
  const { work, job, image } = await backend.describe(name);
  const prepared = preparedAgain(work, given, deps);
  return {
    record: unfinished(given, prepared, deps, { job, image, outcome: 'cancelled' }),
    outputs: { job: name },
  };
}

interface Collecting {
  given: Given;
  prepared: Pick<Prepared, 'command' | 'params' | 'data' | 'inputs' | 'mask'>;
  deps: JobDeps;
  backend: SageMakerBackend;
  job: string;
  followed: Followed;
  tracking: Awaited<ReturnType<typeof openTracking>>;
  cost: (metrics: TrainingRun['metrics']) => Promise<TrainingRun['cost']>;
  reproduction?: TrainingRun['reproduction'];
}

async function collected(what: Collecting): Promise<ActionResult> {
  const { given, deps, backend, job, followed, tracking } = what;
  const workspace = await openWorkspace(given.modelDir, deps.log.info, [given.records]);
  try {
    const places = placesIn(workspace);
    await backend.collect(job, places);
    const read = await collectMetrics(places.metrics, given.metricsFile, undefined);
    const model = await collectResult(given, followed, { workspace, deps });
    const { image } = await backend.describe(job);
    const record = trainingRecord(
      {
        ...{ given, prepared: what.prepared, ...followed, model, read },
        environment: machineOf(followed.ended.job, image),
        checkpoints: checkpointsOf(given, followed.ended.job),
        more: {
          cost: await what.cost(read.metrics),
          tracking: tracking?.record ?? null,
          ...(what.reproduction && { reproduction: what.reproduction }),
        },
      },
      deps,
    );
    await tracking?.finish(trackingEnd(record));
    if (typeof model === 'string') return { record, outputs: { job } };
    return { record, outputs: { model: given.modelDir, digest: model.digest, job } };
  } finally {
    await workspace.remove();
  }
}

function openFor(given: Given, prepared: Prepared, deps: JobDeps): Promise<SageMakerBackend> {
  return openSageMakerBackend(
    {
      ...{ instanceType: given.instanceType, instanceCount: given.instanceCount, spot: given.spot },
      ...{ maxWaitMs: given.maxWait, keepAliveMs: given.keepAlive, image: given.image },
      ...{ executionRole: given.executionRole, sourceDir: given.sourceDir, artifacts: given.artifacts },
      ...{ volumeBytes: given.volumeSize, metricDefinitions: prepared.writtenDefinitions },
      without: [given.records, given.modelDir, `${given.modelDir}.output`, given.metricsFile ?? []].flat(),
    },
    surroundings(deps),
  );
}

const surroundings = ({ env, source, now, temporaryFolder, log, wait }: JobDeps) => ({
  ...{ env, source, now, temporaryFolder, log: log.info },
  ...(wait && { wait }),
});

function workOf(given: Given, prepared: Prepared, env: Record<string, string>): TrainingWork {
  const { timeout, name, seed, checkpointStore } = given;
  // The service keeps to the budget even where nobody watches.
  const paid = prepared.money && budgetMilliseconds(prepared.money);
  const limits = [timeout, paid].filter((limit) => limit !== undefined);
  return {
    ...{ name, seed, checkpointStore, checkpointFolder: undefined, env },
    ...{ command: prepared.command, params: prepared.params, data: dataOf(prepared.data) },
    timeoutMs: limits.length > 0 ? Math.min(...limits) : undefined,
  };
}

function requireService({ backend, operation }: Given): void {
  if (backend === 'sagemaker') return;
  throw new UserError(
    `operation: ${operation} is for trainings that outlive this job, and a local one does not.`,
    {
      where: { key: 'backend' },
      fix: 'Set backend: sagemaker, or operation: run.',
    },
  );
}

function requireJob({ job, operation }: Given): string {
  if (job !== undefined) return job;
  throw new UserError(`operation: ${operation} needs the name of a training job.`, {
    where: { key: 'job' },
    fix: 'Give the output job of the step that submitted it, e.g. job: ${{ needs.submit.outputs.job }}.',
  });
}

/** What needs somebody who watches. */
function refuseWatched({ stallTimeout, earlyStop, trackingUri, experiment }: Given): void {
  const given = Object.entries({
    'stall-timeout': stallTimeout,
    'early-stop': earlyStop,
    'tracking-uri': trackingUri,
    experiment,
  }).find(([, value]) => value !== undefined);
  if (!given) return;
  throw new UserError(
    `${given[0]} needs a job that watches the training, and operation: submit does not wait.`,
    {
      where: { key: given[0] },
      fix: 'Leave it out, or use operation: run.',
    },
  );
}
