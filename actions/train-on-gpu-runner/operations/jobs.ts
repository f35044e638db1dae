/** Trainings as jobs of SageMaker, from the work that is asked for to the record of what came of it. */
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import type { AboutWork, TrainingWork } from '../backends/backend.ts';
import {
  openSageMakerBackend,
  type SageMakerBackend,
  type SageMakerSurroundings,
} from '../backends/sagemaker/sagemaker-backend.ts';
import { budgetMilliseconds } from '../cost/money.ts';
import type { Given } from '../inputs.ts';
import { collectMetrics } from '../results.ts';
import type { RunState } from '../state.ts';
import type { TrackingRun } from '../tracking/tracking-run.ts';
import { openWorkspace } from '../workspace.ts';
import { costOf, keepOrigin, openTracking, rulesOf } from './around.ts';
import { type Followed, follow } from './follow.ts';
import { checkpointsOf, machineOf } from './job-record.ts';
import { dataOf, type Prepared, placesIn, prepare } from './prepare.ts';
import { trackingEnd, trainingRecord } from './record.ts';
import { cancelled, collectResult, trackedBy } from './result.ts';

/** `wait` in place of a timer. */
export type JobDeps = Deps<RunState> & Pick<SageMakerSurroundings, 'wait'>;

/** `operation: run` on SageMaker. */
export async function trainAsJob(given: Given, deps: JobDeps): Promise<ActionResult> {
  const { prepared, backend, tracking } = await beginJob(given, deps);
  return trackedBy(tracking, deps, async () => {
    const { work, about } = await workOf(given, prepared, tracking, deps);
    const job = await backend.submit(work);
    const options = { given, prepared, deps, tracking, folders: undefined };
    const followed = await follow(backend, job, { ...options, onLiveCheck: keepLiveCheck(deps) });
    if (followed.ended.cancelled) throw cancelled(given.checkpointStore !== undefined || given.spot);
    const cost = (metrics: TrainingRun['metrics']) => costOf(prepared, followed.ended, metrics, deps.records);
    const image = given.image ?? '';
    return collected({ given, prepared, deps, backend, job, image, followed, tracking, cost, about });
  });
}

/** What precedes a job, whoever waits for it. */
export async function beginJob(
  given: Given,
  deps: JobDeps,
): Promise<{ prepared: Prepared; backend: SageMakerBackend; tracking: TrackingRun | undefined }> {
  const prepared = await prepare(given, deps as Deps<never>);
  const backend = await openFor(given, prepared, deps);
  // Attempts of one run go on from the checkpoints of the one before.
  const resumes =
    (given.checkpointStore !== undefined || given.spot) && Number(deps.env.GITHUB_RUN_ATTEMPT) > 1;
  return { prepared, backend, tracking: await openTracking(given, prepared, deps, resumes) };
}

/** So that `post` concludes it, should this run be killed. */
export const keepLiveCheck =
  ({ saveState }: Pick<JobDeps, 'saveState'>) =>
  (liveCheck: RunState['liveCheck']): void =>
    saveState({ training: null, launch: null, liveCheck });

export interface Collecting {
  given: Given;
  prepared: Pick<Prepared, 'command' | 'params' | 'data' | 'inputs' | 'mask'>;
  deps: JobDeps;
  backend: SageMakerBackend;
  job: string;
  image: string;
  followed: Followed;
  tracking: TrackingRun | undefined;
  cost: (metrics: TrainingRun['metrics']) => Promise<TrainingRun['cost']>;
  about: AboutWork;
}

/** Brings the results of a job that has ended. */
export async function collected(what: Collecting): Promise<ActionResult> {
  const { given, deps, backend, job, followed, tracking } = what;
  const workspace = await openWorkspace(given.modelDir, deps.log.info, [given.records]);
  try {
    const places = placesIn(workspace);
    await backend.collect(job, places);
    const read = await collectMetrics(places.metrics, given.metricsFile, undefined);
    const model = await collectResult(given, followed, { workspace, deps });
    const record = trainingRecord(
      {
        ...{ given, prepared: what.prepared, ...followed, model, read },
        environment: machineOf(followed.ended.job, what.image),
        checkpoints: checkpointsOf(given, followed.ended.job),
        more: {
          ...what.about,
          cost: await what.cost(read.metrics),
          // One that could not be reached when the job began may be there now.
          tracking: tracking?.record ?? what.about.tracking ?? null,
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

export const surroundings = ({ env, source, now, temporaryFolder, log, wait }: JobDeps) => ({
  ...{ env, source, now, temporaryFolder, log: log.info },
  ...(wait && { wait }),
});

/** What is to be trained, with all that whoever collects it needs for its record. */
export async function workOf(
  given: Given,
  prepared: Prepared,
  tracking: TrackingRun | undefined,
  deps: JobDeps,
): Promise<{ work: TrainingWork; about: AboutWork }> {
  const { timeout, name, seed, checkpointStore } = given;
  const reproduction = await keepOrigin(given, prepared, deps, { env: deps.env, driver: null });
  const about = { reproduction, rules: rulesOf(given, prepared), tracking: tracking?.record ?? null };
  // The service keeps to the budget even where nobody watches.
  const paid = prepared.money && budgetMilliseconds(prepared.money);
  const limits = [timeout, paid].filter((limit) => limit !== undefined);
  const work = {
    ...{ name, seed, checkpointStore, checkpointFolder: undefined, env: tracking?.env ?? {}, about },
    ...{ command: prepared.command, params: prepared.params, data: dataOf(prepared.data) },
    timeoutMs: limits.length > 0 ? Math.min(...limits) : undefined,
  };
  return { work, about };
}
