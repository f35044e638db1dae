import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseS3Uri } from '../../../../shared/aws/s3-uri.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { RecordSource } from '../../../../shared/records/envelope.ts';
import type { TrainingJobRecord } from '../../../../shared/records/training-run.ts';
import type { TrainingBackend, TrainingOutcome, TrainingWork, Watcher } from '../backend.ts';
import { CHANNELS, METRICS_NAME, readWork, type SubmittedWork, WORK } from './job-files.ts';
import { JobObjects } from './job-objects.ts';
import { hasEnded, jobRecord } from './outcome.ts';
import { type JobDescription, openTrainingService, type TrainingService } from './service.ts';
import { type JobInputs, jobSettings } from './settings.ts';
import { packSource } from './source-archive.ts';
import { attemptOf, digestOf, jobName, trainingRequest } from './training-request.ts';
import { noSuchJob, watchJob } from './watch-job.ts';

export interface SageMakerSurroundings {
  env: NodeJS.ProcessEnv;
  source: RecordSource;
  now: () => Date;
  /** For the archive of the source. */
  temporaryFolder: string;
  log: (message: string) => void;
  /** In place of a timer. */
  wait?: (milliseconds: number) => Promise<void>;
}

export interface DescribedJob {
  work: SubmittedWork;
  image: string;
  metricDefinitions: { Name: string; Regex: string }[];
  job: TrainingJobRecord;
  hasEnded: boolean;
}

/** @param inputs undefined where no job is started, only an earlier one is collected or cancelled. */
export async function openSageMakerBackend(
  inputs: JobInputs | undefined,
  surroundings: SageMakerSurroundings,
): Promise<SageMakerBackend> {
  return new SageMakerBackend(inputs, surroundings, await openTrainingService(surroundings.env));
}

/** {@link TrainingBackend} by training jobs of SageMaker. */
export class SageMakerBackend implements TrainingBackend {
  readonly name = 'sagemaker';
  readonly #inputs: JobInputs | undefined;
  readonly #around: SageMakerSurroundings;
  readonly #service: TrainingService;
  readonly #objects: JobObjects;

  constructor(inputs: JobInputs | undefined, around: SageMakerSurroundings, service: TrainingService) {
    this.#inputs = inputs;
    this.#around = around;
    this.#service = service;
    this.#objects = new JobObjects(around);
  }

  /**
   * Brings source and data to S3, what is there already not again, and starts the job; the same work in the same
   * attempt of a run has one job, however often it is asked for.
   * @returns the job's name.
   * @throws UserError for inputs that are missing or that SageMaker cannot have.
   */
  async submit(work: TrainingWork): Promise<string> {
    if (!this.#inputs) throw new Error('a job is submitted with inputs');
    const { env, source, now, temporaryFolder, log } = this.#around;
    const settings = jobSettings(this.#inputs, work.timeoutMs);
    const checkpointStore = checkpointPlace(work.checkpointStore, settings);
    const folder = await mkdtemp(join(temporaryFolder, 'sagemaker-'));
    try {
      const archive = await packSource(this.#inputs.sourceDir, join(folder, 'source'), {
        without: this.#inputs.without,
        data: work.data.map(({ path }) => path),
      });
      log(`The source of the training is ${archive.files} files.`);
      const attempt = attemptOf(env, now);
      const job = jobName(work.name, { ...identityOf(work), source: archive.digest, settings }, attempt);
      const isThere = `The training job ${job} of this attempt is there already.`;
      // What an earlier request has sent for it is not touched: a spot machine may still read it.
      if (await this.#service.describe(job)) {
        log(isThere);
        return job;
      }
      const places = {
        ...(await this.#objects.sendFiles(work, job, archive, settings.artifacts)),
        checkpoints:
          checkpointStore && `${checkpointStore}/${work.name}/${digestOf(identityOf(work))}-${attempt.run}`,
      };
      const isNew = await this.#service.create(trainingRequest(job, work, settings, { places, source }));
      log(isNew ? `Started the training job ${job}.` : isThere);
      return job;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @param leave ends the watching, not the job. @throws StillRuns then. */
  watch(
    job: string,
    watcher: Watcher,
    signal: AbortSignal,
    leave: AbortSignal = new AbortController().signal,
  ): Promise<TrainingOutcome> {
    const { wait } = this.#around;
    const any = AbortSignal.any([watcher.stop, signal, leave]);
    const pause = wait ?? ((milliseconds: number) => delayUnless(any, milliseconds));
    return watchJob(this.#service, job, { watcher, signal, leave, pause });
  }

  async cancel(job: string): Promise<void> {
    await this.#described(job);
    await this.#service.stop(job);
  }

  /** @throws UserError while the job still runs, and for an archive that is damaged or holds links. */
  async collect(job: string, into: { model: string; metrics: string; output: string }): Promise<void> {
    const found = await this.#described(job);
    if (!hasEnded(found))
      throw new UserError(`The training job ${job} still runs.`, {
        where: { key: 'job' },
        fix: 'Collect it when it has ended.',
      });
    await mkdir(into.model, { recursive: true });
    await mkdir(into.output, { recursive: true });
    const model = found.ModelArtifacts?.S3ModelArtifacts;
    // Of a job that did not complete there may be none.
    if (model) await this.#objects.unpack(model, into.model, found.TrainingJobStatus !== 'Completed');
    const results = found.OutputDataConfig?.S3OutputPath?.replace(/\/+$/, '');
    await this.#objects.unpack(`${results}/${job}/output/output.tar.gz`, into.output, true);
    const metrics = join(into.output, METRICS_NAME);
    if (await stat(metrics).catch(() => undefined)) {
      await mkdir(dirname(into.metrics), { recursive: true });
      await rename(metrics, into.metrics);
    }
    if ((await readdir(into.output)).length === 0) await rm(into.output, { recursive: true });
  }

  /** What a job was asked for and what it is now, by its name alone: on another runner than submitted it. */
  async describe(job: string): Promise<DescribedJob> {
    const found = await this.#described(job);
    const channel = (found.InputDataConfig ?? []).find(({ ChannelName }) => ChannelName === CHANNELS.job);
    const place = channel?.DataSource?.S3DataSource?.S3Uri;
    const { store, key } = await this.#objects.at(place ?? '', `${job} was not started by this action`);
    const text = await store.read(`${key}/${WORK}`);
    if (!text)
      throw new UserError(
        `${store.uriOf(`${key}/${WORK}`)} is gone, which says what ${job} was started for.`,
        {
          where: { key: 'job' },
          fix: 'Check what removes objects there.',
        },
      );
    return {
      work: readWork(new TextDecoder().decode(text.bytes)),
      image: found.AlgorithmSpecification?.TrainingImage ?? '',
      metricDefinitions: (found.AlgorithmSpecification?.MetricDefinitions ?? []).map(
        ({ Name = '', Regex = '' }) => ({ Name, Regex }),
      ),
      job: jobRecord(found, this.#service.region),
      hasEnded: hasEnded(found),
    };
  }

  async #described(job: string): Promise<JobDescription> {
    const found = await this.#service.describe(job);
    if (found) return found;
    throw noSuchJob(job, this.#service.region);
  }
}

/** The same where one training may go on with the checkpoints of the other. */
const identityOf = ({ command, params, data, seed }: TrainingWork) => ({
  ...{ command, params, seed: seed ?? null },
  data: data.map(({ path, sha256: digest }) => [basename(path), digest]),
});

/** Spot machines are taken away: their checkpoints are always kept. */
function checkpointPlace(
  given: string | undefined,
  { artifacts, maxWaitSeconds }: { artifacts: string; maxWaitSeconds: number | undefined },
): string | undefined {
  const wanted =
    given ?? (maxWaitSeconds === undefined ? undefined : `${artifacts.replace(/\/+$/, '')}/checkpoints`);
  if (wanted === undefined) return undefined;
  parseS3Uri(wanted, 'checkpoint-store');
  return wanted.replace(/\/+$/, '');
}

async function delayUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises');
  // Once it is stopping there is nothing to wake up for.
  await delay(milliseconds, undefined, signal.aborted ? {} : { signal }).catch(() => undefined);
}
