/** The request that starts a job, and its name. */
import { canonicalJson, sha256 } from '../../../../shared/records/canonical-json.ts';
import type { RecordSource } from '../../../../shared/records/envelope.ts';
import type { TrainingWork } from '../backend.ts';
import { CHANNELS, hyperparameterTexts, SCRIPT } from './job-files.ts';
import type { JobRequest } from './service.ts';
import type { JobSettings } from './settings.ts';

/** Where what a job reads lies, as `s3://…/`. */
export interface JobPlaces {
  source: string;
  job: string;
  data: string | undefined;
  /** The service puts `<job>/output` below it. */
  results: string;
  checkpoints: string | undefined;
}

/** Which attempt at the training this is. */
export interface Attempt {
  run: string;
  attempt: string;
}

const LONGEST_NAME = 63;
const DIGEST_CHARACTERS = 12;
/** The service's own limits of what it shows; PARAMS_FILE holds all of them, whole. */
const MOST_HYPERPARAMETERS = 100;
const LONGEST_HYPERPARAMETER = { name: 256, value: 2500 };
/** Only after failures of the service itself. */
const SERVICE_RETRIES = 2;
const LONGEST_TAG = 256;

/** The run and its attempt; of a run outside of GitHub the moment, since nothing else tells it from the next. */
export function attemptOf(env: NodeJS.ProcessEnv, now: () => Date): Attempt {
  const run = env.GITHUB_RUN_ID;
  if (run) return { run, attempt: env.GITHUB_RUN_ATTEMPT || '1' };
  return { run: now().toISOString().replace(/\D/g, '').slice(0, 14), attempt: '1' };
}

/**
 * Equal for the same work in the same attempt: a second request for it finds the job of the first.
 * @param content all that tells one job of an attempt from another.
 */
export function jobName(name: string, content: unknown, { run, attempt }: Attempt): string {
  const end = `-${digestOf(content)}-${run}-${attempt}`;
  return `${name.slice(0, LONGEST_NAME - end.length).replace(/-+$/, '')}${end}`;
}

export const digestOf = (content: unknown): string =>
  sha256(canonicalJson(content)).slice('sha256:'.length).slice(0, DIGEST_CHARACTERS);

export function trainingRequest(
  job: string,
  work: TrainingWork,
  settings: JobSettings,
  { places, source }: { places: JobPlaces; source: RecordSource },
): JobRequest {
  const channel = (ChannelName: string, S3Uri: string) => ({
    ChannelName,
    InputMode: 'File' as const,
    DataSource: {
      S3DataSource: {
        S3DataType: 'S3Prefix' as const,
        S3DataDistributionType: 'FullyReplicated' as const,
        S3Uri,
      },
    },
  });
  const { keepAliveSeconds, maxWaitSeconds, metricDefinitions, checkpoints } = { ...settings, ...places };
  return {
    TrainingJobName: job,
    RoleArn: settings.executionRole,
    AlgorithmSpecification: {
      TrainingImage: settings.image,
      TrainingInputMode: 'File',
      ContainerEntrypoint: ['bash', `/opt/ml/input/data/${CHANNELS.job}/${SCRIPT}`],
      ...(metricDefinitions.length > 0 ? { MetricDefinitions: [...metricDefinitions] } : {}),
    },
    HyperParameters: shownHyperparameters(work),
    InputDataConfig: [
      channel(CHANNELS.source, places.source),
      channel(CHANNELS.job, places.job),
      ...(places.data === undefined ? [] : [channel(CHANNELS.data, places.data)]),
    ],
    OutputDataConfig: { S3OutputPath: places.results },
    ResourceConfig: {
      InstanceType: settings.instanceType as NonNullable<JobRequest['ResourceConfig']>['InstanceType'],
      InstanceCount: settings.instanceCount,
      VolumeSizeInGB: settings.volumeGigabytes,
      ...(keepAliveSeconds === undefined ? {} : { KeepAlivePeriodInSeconds: keepAliveSeconds }),
    },
    StoppingCondition: {
      MaxRuntimeInSeconds: settings.maxRuntimeSeconds,
      ...(maxWaitSeconds === undefined ? {} : { MaxWaitTimeInSeconds: maxWaitSeconds }),
    },
    ...(maxWaitSeconds === undefined ? {} : { EnableManagedSpotTraining: true }),
    ...(checkpoints === undefined
      ? {}
      : // The service takes all that begins so: without the slash also the checkpoints of run 770 for run 77.
        { CheckpointConfig: { S3Uri: `${checkpoints}/`, LocalPath: '/opt/ml/checkpoints' } }),
    RetryStrategy: { MaximumRetryAttempts: SERVICE_RETRIES },
    Tags: tags({
      'mlops:name': work.name,
      'mlops:repository': source.repository,
      'mlops:commit': source.commit,
      'mlops:run': source.runUrl,
    }),
  };
}

/** What the service can show of the parameters. */
function shownHyperparameters({ params }: TrainingWork): Record<string, string> {
  const { name: longestName, value: longestValue } = LONGEST_HYPERPARAMETER;
  const shown = Object.entries(hyperparameterTexts(params)).filter(
    ([name, value]) =>
      name.length <= longestName && value.length <= longestValue && !/[\r\n]/.test(name + value),
  );
  return Object.fromEntries(shown.slice(0, MOST_HYPERPARAMETERS));
}

function tags(wanted: Record<string, string | null>): { Key: string; Value: string }[] {
  return Object.entries(wanted).flatMap(([Key, value]) => {
    if (value === null) return [];
    // Tags hold letters, digits, spaces and these signs.
    return { Key, Value: value.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(0, LONGEST_TAG) };
  });
}
