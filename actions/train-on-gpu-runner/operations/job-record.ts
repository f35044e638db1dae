/** Records of training jobs: of one that another run waits for, and what of a service's machine is known. */

import { combineDigests } from '../../../shared/data/source.ts';
import { recordHead } from '../../../shared/records/envelope.ts';
import type { TrainingJobRecord, TrainingRun } from '../../../shared/records/training-run.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { SubmittedWork } from '../backends/sagemaker/job-files.ts';
import { workIdentity } from '../checkpoints/checkpoints.ts';
import type { Given } from '../inputs.ts';
import { secretMask } from '../secrets.ts';
import type { MetricDefinition } from '../watch/metric-definitions.ts';
import { TrainingWatch } from '../watch/watch.ts';
import type { Prepared } from './prepare.ts';
import { trainingRecord } from './record.ts';

/** What was asked for, as the job itself keeps it. */
export function preparedAgain(
  work: SubmittedWork,
  { githubToken }: Given,
  { env }: Pick<Deps, 'env'>,
  definitions: MetricDefinition[] = [],
): Omit<Prepared, 'writtenDefinitions'> {
  const { command, params, seed } = work;
  const files = [...work.data];
  const digest = combineDigests(files.map(({ sha256 }) => sha256));
  const name = files.map(({ path }) => path).join(', ');
  return {
    ...{ command, params, data: { files, digest }, mask: secretMask(env, [githubToken]) },
    inputs: files.length > 0 ? [{ role: 'data', name, digest }] : [],
    work: workIdentity({ command, params: seed === null ? params : { params, seed }, dataDigest: digest }),
    ...{ definitions, earlyStop: undefined, money: undefined },
  };
}

/** The record of a job that this run does not wait for. */
export function unfinished(
  given: Given,
  prepared: Pick<Prepared, 'command' | 'params' | 'data' | 'inputs' | 'mask'>,
  deps: Pick<Deps, 'source' | 'now'>,
  about: {
    job: TrainingJobRecord;
    image: string;
    outcome: 'submitted' | 'cancelled';
    /** Of `outcome`, where it is not the obvious one. */
    reason?: string;
    more: Partial<Pick<TrainingRun, 'cost' | 'tracking' | 'reproduction' | 'rules'>>;
  },
): TrainingRun {
  const { job, image, outcome, more } = about;
  const isSubmitted = outcome === 'submitted';
  const nothing = new TrainingWatch({ onLine: noop, onProgress: noop, onWarning: noop, space: undefined });
  const record = trainingRecord(
    {
      ...{ given, prepared, watched: nothing.results(null), read: { metrics: {}, problem: '' } },
      ended: {
        ...{ exitCode: 0, exitSignal: null, timedOut: false, cancelled: !isSubmitted, interrupted: false },
        ...{ durationSeconds: job.trainingSeconds ?? 0, failure: undefined, job, cpuSeconds: null },
      },
      model: about.reason ?? REASONS[outcome](job.name),
      ...{ environment: machineOf(job, image), checkpoints: checkpointsOf(given, job) },
      more: { cost: null, tracking: null, ...more },
    },
    deps,
  );
  return {
    ...record,
    ...recordHead('TrainingRun', {
      ...{ name: given.name, source: deps.source, createdAt: deps.now(), inputs: prepared.inputs },
      ...{ subject: prepared.data.digest, verdict: isSubmitted ? 'pass' : 'warn', reason: record.reason },
    }),
    outcome,
  };
}

const REASONS = {
  submitted: (job: string) => `The training job ${job} runs; operation: collect brings its model.`,
  cancelled: (job: string) => `The training job ${job} was cancelled.`,
};
const noop = () => undefined;

/** Of the machine of a service only what the job says is known. */
export function machineOf(job: TrainingJobRecord | null, image: string): TrainingRun['environment'] {
  return {
    ...{ platform: 'SageMaker', architecture: '', release: image, node: '', python: null },
    ...{ cpuModel: job?.machine ?? '', cpuCount: 0, memoryBytes: 0, gpus: [], gpuProblem: '' },
  };
}

export const checkpointsOf = (
  { checkpointStore, spot }: Given,
  job: TrainingJobRecord | null,
): TrainingRun['checkpoints'] => ({
  kept: checkpointStore !== undefined || spot || (job?.spot ?? false),
  resumedFrom: (job?.interruptions ?? 0) > 0 ? 'store' : 'nothing',
  store: checkpointStore ?? null,
});
