/** What goes on around a training whatever its backend: its origin, its run in MLflow, and what it cost. */
import type { Cost, Reproduction, TrainingRun } from '../../../shared/records/training-run.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { TrainingOutcome } from '../backends/backend.ts';
import { estimatedCost, jobCost, localCost, submittedCost } from '../cost/cost.ts';
import { withGain } from '../cost/gain.ts';
import { primaryMetric } from '../cost/primary-metric.ts';
import type { Given } from '../inputs.ts';
import { describeOrigin } from '../reproducibility/describe-origin.ts';
import { openTrackingRun, trackingServer } from '../tracking/open-tracking-run.ts';
import type { TrackingRun } from '../tracking/tracking-run.ts';
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

/** @param resumes whether the command goes on from checkpoints. */
export async function openTracking(
  given: Given,
  { work, params, mask }: Prepared,
  deps: Pick<Deps, 'log' | 'env' | 'signal' | 'now' | 'source'>,
  resumes: boolean,
): Promise<TrackingRun | undefined> {
  const server = trackingServer(given, deps.env);
  if (server === undefined) return undefined;
  const { setTimeout: delay } = await import('node:timers/promises');
  return openTrackingRun({
    ...{ server, experiment: given.experiment ?? given.name, name: given.name, work, params, mask, resumes },
    ...{ source: deps.source, env: deps.env, log: deps.log, now: deps.now, signal: deps.signal },
    wait: (milliseconds) => delay(milliseconds),
  });
}

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
