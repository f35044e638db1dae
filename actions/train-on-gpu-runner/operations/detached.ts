/** Trainings that outlive the job which submits them: another collects or cancels them, by the name of the job alone. */
import { UserError } from '../../../shared/errors.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { ActionResult } from '../../../shared/runtime/definition.ts';
import { StillRuns } from '../backends/backend.ts';
import {
  type DescribedJob,
  openSageMakerBackend,
  type SageMakerBackend,
} from '../backends/sagemaker/sagemaker-backend.ts';
import { estimatedCost } from '../cost/cost.ts';
import type { Given } from '../inputs.ts';
import { readMetricDefinitions } from '../watch/metric-definitions.ts';
import { collectedCost, takeUpTracking } from './around.ts';
import { type Followed, follow } from './follow.ts';
import { preparedAgain, unfinished } from './job-record.ts';
import { beginJob, collected, type JobDeps, keepLiveCheck, surroundings, workOf } from './jobs.ts';
import { trackedBy } from './result.ts';

/** `operation: submit`: the training goes on when this job has ended, and its credentials with it. */
export async function submit(given: Given, deps: JobDeps): Promise<ActionResult> {
  requireService(given);
  refuseWatched(given);
  const { prepared, backend, tracking } = await beginJob(given, deps);
  return trackedBy(tracking, deps, async () => {
    const { work, about } = await workOf(given, prepared, tracking, deps);
    const name = await backend.submit(work);
    const described = await backend.describe(name);
    const begun = described.work.about.tracking ?? null;
    // The job of an earlier step of this attempt has a run of its own.
    if (begun?.runId !== tracking?.record?.runId)
      await tracking?.finish({ outcome: 'cancelled', metrics: {} });
    const cost = prepared.money ? estimatedCost(prepared.money) : null;
    const more = { ...about, tracking: begun, cost };
    const record = unfinished(given, prepared, deps, { ...described, outcome: 'submitted', more });
    return { record, outputs: { job: name } };
  });
}

/**
 * `operation: collect`: waits for a job that was submitted, as long as it may, and brings its model. It never ends the
 * job: whoever looks after it next does the same again.
 */
export async function collect(given: Given, deps: JobDeps): Promise<ActionResult> {
  requireService(given);
  const name = requireJob(given);
  const backend = await openSageMakerBackend(undefined, surroundings(deps));
  const described = await backend.describe(name);
  const { work, image, metricDefinitions } = described;
  const asked = askedOf(given, described);
  const { definitions } = await readMetricDefinitions(JSON.stringify(metricDefinitions));
  const prepared = preparedAgain(work, given, deps, definitions);
  const tracking = await takeUpTracking(given, prepared, deps, work.about.tracking);
  const about = { ...work.about, tracking: tracking?.record ?? work.about.tracking ?? null };
  let followed: Followed;
  try {
    const options = { given: asked, prepared, deps, tracking, folders: undefined };
    const leaving = leavingAfter(given.maxWait, backend, deps.signal);
    followed = await follow(leaving, name, { ...options, onLiveCheck: keepLiveCheck(deps) });
  } catch (error) {
    if (!(error instanceof StillRuns)) throw error;
    if (deps.signal.aborted) throw collectedLater(name);
    const reason = `The training job ${name} still runs; operation: collect brings its model once it has ended.`;
    const record = unfinished(asked, prepared, deps, {
      ...described,
      ...{ outcome: 'submitted', reason, more: about },
    });
    return { record, outputs: { job: name } };
  }
  const cost = (metrics: TrainingRun['metrics']) =>
    collectedCost(name, followed.ended, metrics, deps.records);
  return collected({
    given: asked,
    prepared,
    deps,
    backend,
    job: name,
    image,
    followed,
    tracking,
    cost,
    about,
  });
}

/** `operation: cancel`. What has ended already is done. */
export async function cancel(given: Given, deps: JobDeps): Promise<ActionResult> {
  requireService(given);
  const name = requireJob(given);
  const backend = await openSageMakerBackend(undefined, surroundings(deps));
  const before = await backend.describe(name);
  const { work } = before;
  const prepared = preparedAgain(work, given, deps);
  if (before.hasEnded) {
    const reason = `The training job ${name} had ended before it was cancelled.`;
    const about = { ...before, outcome: 'cancelled' as const, reason, more: work.about };
    return { record: unfinished(askedOf(given, before), prepared, deps, about), outputs: { job: name } };
  }
  await backend.cancel(name);
  const tracking = await takeUpTracking(given, prepared, deps, work.about.tracking);
  await tracking?.finish({ outcome: 'cancelled', metrics: {} });
  const described = await backend.describe(name);
  const about = { ...described, outcome: 'cancelled' as const, more: work.about };
  return { record: unfinished(askedOf(given, described), prepared, deps, about), outputs: { job: name } };
}

/** The inputs as the job was submitted with them. */
const askedOf = (given: Given, { work }: DescribedJob): Given => ({
  ...given,
  ...{ timeout: work.timeoutMs ?? undefined, checkpointStore: work.checkpointStore ?? undefined },
});

/** Watches and never stops. @param waitMs undefined waits for the end. */
function leavingAfter(
  waitMs: number | undefined,
  backend: SageMakerBackend,
  cancelling: AbortSignal,
): Pick<SageMakerBackend, 'watch'> {
  const over = waitMs === undefined ? [] : [AbortSignal.timeout(waitMs)];
  const leave = AbortSignal.any([cancelling, ...over]);
  const never = new AbortController().signal;
  return { watch: (job, watcher) => backend.watch(job, watcher, never, leave) };
}

const collectedLater = (job: string): UserError =>
  new UserError(`The training job ${job} goes on: collecting it was cancelled, not the training.`, {
    fix: `Collect it later by operation: collect with job: ${job}, or end it by operation: cancel.`,
  });

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
function refuseWatched({ stallTimeout, earlyStop }: Given): void {
  const given = Object.entries({ 'stall-timeout': stallTimeout, 'early-stop': earlyStop }).find(
    ([, value]) => value !== undefined,
  );
  if (!given) return;
  throw new UserError(
    `${given[0]} needs a job that watches the training, and operation: submit does not wait.`,
    {
      where: { key: given[0] },
      fix: 'Leave it out, or use operation: run.',
    },
  );
}
