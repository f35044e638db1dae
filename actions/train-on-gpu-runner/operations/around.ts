/** What goes on around a training whatever its backend: its origin, its run in MLflow, and what it cost. */

import { hasAccount } from '../../../shared/mlflow/account.ts';
import type { StopRules } from '../../../shared/records/stop-rules.ts';
import type { Cost, Reproduction, Tracking, TrainingRun } from '../../../shared/records/training-run.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { TrainingOutcome } from '../backends/backend.ts';
import { estimatedCost, jobCost, localCost, submittedCost } from '../cost/cost.ts';
import { withGain } from '../cost/gain.ts';
import { primaryMetric } from '../cost/primary-metric.ts';
import type { Given } from '../inputs.ts';
import { describeOrigin } from '../reproducibility/describe-origin.ts';
import { openTrackingRun, takeUpTrackingRun, trackingServer } from '../tracking/open-tracking-run.ts';
import type { TrackingOptions, TrackingRun } from '../tracking/tracking-run.ts';
import { dataOf, type Prepared } from './prepare.ts';

/** What is needed to do it again; its large parts are written beside the record. */
export async function keepOrigin(
  given: Given,
  prepared: Prepared,
  deps: Pick<Deps, 'log' | 'records' | 'source'>,
  at: { env: NodeJS.ProcessEnv; driver: string | null },
): Promise<Reproduction> {
  const { command, params, mask, data } = prepared;
  const { reproduction, texts, notes } = await describeOrigin({
    ...{ command, params, mask, source: deps.source, seed: given.seed },
    ...{ sources: given.data ?? [], files: dataOf(data).map(({ path }) => path), folder: process.cwd() },
    ...at,
    keepOut: [
      given.records,
      given.modelDir,
      given.metricsFile,
      given.checkpointDir,
      given.checkpointStore,
    ].filter((path) => path !== undefined),
  });
  for (const { bytes, extension } of texts) await deps.records.writeAttachment(bytes, extension);
  for (const note of notes) deps.log.info(note);
  return reproduction;
}

/** The rules that may end it before its command does. */
export const rulesOf = (
  { stallTimeout, budgetUsd, grace, backend }: Given,
  { earlyStop, writtenDefinitions }: Pick<Prepared, 'earlyStop' | 'writtenDefinitions'>,
): StopRules => ({
  ...{ earlyStop: earlyStop ?? null, metricDefinitions: writtenDefinitions, budgetUsd: budgetUsd ?? null },
  stallTimeoutSeconds: stallTimeout === undefined ? null : stallTimeout / 1000,
  graceSeconds: backend === 'local' ? grace / 1000 : null,
});

type TrackingDeps = Pick<Deps, 'log' | 'env' | 'signal' | 'now' | 'source'>;
type Tracked = Pick<Prepared, 'work' | 'params' | 'mask'>;

/** @param resumes whether the command goes on from checkpoints. */
export async function openTracking(
  given: Given,
  prepared: Tracked,
  deps: TrackingDeps,
  resumes: boolean,
): Promise<TrackingRun | undefined> {
  const server = trackingServer(given, deps.env);
  if (server === undefined) return undefined;
  const experiment = given.experiment ?? given.name;
  return openTrackingRun({ ...trackingOptions(given, prepared, deps), server, experiment, resumes });
}

/**
 * The run of a training that another run of the workflow began; undefined where it has none. Where it is, only the job's
 * own files say, which others may write: an account goes only to a server that this step names.
 */
export async function takeUpTracking(
  given: Given,
  prepared: Tracked,
  deps: TrackingDeps,
  begun: Tracking | null | undefined,
): Promise<TrackingRun | undefined> {
  if (!begun) return undefined;
  const { server, experiment, runId } = begun;
  const { trackingUri = deps.env.MLFLOW_TRACKING_URI } = given;
  const named = trackingUri === undefined ? undefined : trackingServer({ trackingUri }, deps.env);
  if (hasAccount(deps.env) && server !== named) {
    deps.log.warning(
      `The run ${runId} of MLflow is on ${server}, which this step does not name, so that its account is not sent there and the run is not brought up to date. Set tracking-uri or MLFLOW_TRACKING_URI to it if it is yours.`,
    );
    return undefined;
  }
  const options = trackingOptions(given, prepared, deps);
  return takeUpTrackingRun({ ...options, server, experiment, runId, resumes: true });
}

const trackingOptions = (
  { name }: Given,
  { work, params, mask }: Tracked,
  { source, env, log, now, signal }: TrackingDeps,
): Omit<TrackingOptions, 'server' | 'experiment' | 'resumes' | 'log'> & { log: Deps['log'] } => ({
  ...{ name, work, params, mask, source, env, log, now, signal },
  wait: async (milliseconds) => {
    const { setTimeout: delay } = await import('node:timers/promises');
    await delay(milliseconds);
  },
});

/** What it cost, and what the metric gained against the training before. */
export async function costOf(
  { money, earlyStop }: Pick<Prepared, 'money' | 'earlyStop'>,
  { job, durationSeconds }: TrainingOutcome,
  metrics: TrainingRun['metrics'],
  records: Deps['records'],
): Promise<Cost | null> {
  if (!money) return null;
  const estimated = estimatedCost(money);
  const cost = job ? jobCost(estimated, job) : localCost(estimated, durationSeconds, money.minimumSeconds);
  return withGain(cost, primaryMetric(metrics, earlyStop), metrics, await records.all());
}

/** The same of a job that an earlier run submitted; null where its record, which has the price, is not here. */
export async function collectedCost(
  name: string,
  { job }: TrainingOutcome,
  metrics: TrainingRun['metrics'],
  records: Deps['records'],
): Promise<Cost | null> {
  const all = await records.all();
  const submitted = submittedCost(all, name);
  return submitted && job ? withGain(jobCost(submitted, job), primaryMetric(metrics), metrics, all) : null;
}
