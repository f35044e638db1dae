/**
 * Training as a job of SageMaker: the same command, with its source and data brought through S3, on a machine that the
 * service starts and ends. The job outlives the workflow's job that submitted it, and its credentials.
 */

import { parseS3Uri } from '../../../../shared/aws/s3-uri.ts';
import { UserError } from '../../../../shared/errors.ts';

/** The inputs of a job. */
export interface JobInputs {
  instanceType: string | undefined;
  instanceCount: number;
  spot: boolean;
  /** Waiting for spot machines and running together. */
  maxWaitMs: number | undefined;
  /** How long the machine waits for the next job like this. */
  keepAliveMs: number | undefined;
  image: string | undefined;
  executionRole: string | undefined;
  /** The command runs in a copy of this folder. */
  sourceDir: string;
  /** `s3://bucket/prefix`: source, data and results. */
  artifacts: string | undefined;
  volumeBytes: number;
  /** In SageMaker's own words. */
  metricDefinitions: readonly { Name: string; Regex: string }[];
  /** Files and folders of this machine that are no part of the source. */
  without: readonly string[];
}

/** What was given, as the service wants it. */
export interface JobSettings {
  instanceType: string;
  instanceCount: number;
  image: string;
  executionRole: string;
  artifacts: string;
  volumeGigabytes: number;
  maxRuntimeSeconds: number;
  /** Undefined where no spot machine is wanted. */
  maxWaitSeconds: number | undefined;
  keepAliveSeconds: number | undefined;
  metricDefinitions: readonly { Name: string; Regex: string }[];
}

const DAY = 86_400;
/** SageMaker's own limits. */
const LONGEST_SECONDS = 28 * DAY;
const LONGEST_KEEP_ALIVE_SECONDS = 21_600;
const MOST_METRICS = 40;
const LONGEST_METRIC = { Name: 255, Regex: 500 };
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/?[\w+=,.@/-]+$/;
const LONGEST_IMAGE = 255;

/** @throws UserError for the first input that is missing or that SageMaker would refuse. */
export function jobSettings(given: JobInputs, timeoutMs: number | undefined): JobSettings {
  const { instanceCount, spot, maxWaitMs, keepAliveMs } = given;
  const instanceType = needed(
    given.instanceType,
    'instance-type',
    'Name a machine of SageMaker, e.g. ml.g5.xlarge.',
  );
  if (!instanceType.startsWith('ml.'))
    refuse(
      `SageMaker has no machine called ${instanceType}.`,
      'instance-type',
      'Its machines begin with ml., e.g. ml.g5.xlarge.',
    );
  const image = needed(
    given.image,
    'image',
    "Name an image in ECR that holds bash, tar and the command's programs, e.g. one of the AWS Deep Learning Containers.",
  );
  if (image.length > LONGEST_IMAGE)
    refuse(`The image has more than ${LONGEST_IMAGE} characters.`, 'image', 'Use a shorter name.');
  const executionRole = needed(
    given.executionRole,
    'execution-role',
    'Give the ARN of the IAM role as which the job runs.',
  );
  if (!ROLE.test(executionRole))
    refuse(
      `${JSON.stringify(executionRole)} is no ARN of an IAM role.`,
      'execution-role',
      'Write it as arn:aws:iam::123456789012:role/training.',
    );
  const artifacts = needed(
    given.artifacts,
    'artifacts',
    'Name a place in S3 for source, data and results, e.g. s3://my-team/training.',
  );
  parseS3Uri(artifacts, 'artifacts');

  const maxRuntimeSeconds = timeoutMs === undefined ? DAY : Math.max(1, Math.ceil(timeoutMs / 1000));
  if (maxRuntimeSeconds > LONGEST_SECONDS)
    refuse('SageMaker lets a training run for 28 days at most.', 'timeout', 'Give a shorter timeout.');
  if (maxWaitMs !== undefined && !spot)
    refuse(
      'max-wait is for spot machines, and spot is false.',
      'max-wait',
      'Leave it out, or set spot: true.',
    );
  if (maxWaitMs !== undefined && maxWaitMs < maxRuntimeSeconds * 1000)
    refuse(
      `max-wait is shorter than the ${maxRuntimeSeconds} s that the training may run.`,
      'max-wait',
      'It counts waiting and running: make it longer, or give a shorter timeout.',
    );
  if (keepAliveMs !== undefined && spot)
    refuse(
      'SageMaker keeps no spot machine for the next job.',
      'keep-alive',
      'Leave it out, or set spot: false.',
    );
  const keepAliveSeconds = keepAliveMs === undefined ? undefined : Math.ceil(keepAliveMs / 1000);
  if ((keepAliveSeconds ?? 0) > LONGEST_KEEP_ALIVE_SECONDS)
    refuse('SageMaker keeps a machine for 6 hours at most.', 'keep-alive', 'Give a shorter time.');
  checkMetrics(given.metricDefinitions);
  return {
    ...{ instanceType, instanceCount, image, executionRole, artifacts, maxRuntimeSeconds, keepAliveSeconds },
    volumeGigabytes: Math.max(1, Math.ceil(given.volumeBytes / 2 ** 30)),
    maxWaitSeconds: spot ? Math.ceil((maxWaitMs ?? 2 * maxRuntimeSeconds * 1000) / 1000) : undefined,
    metricDefinitions: given.metricDefinitions,
  };
}

function checkMetrics(definitions: JobInputs['metricDefinitions']): void {
  const key = 'metric-definitions';
  if (definitions.length > MOST_METRICS)
    refuse(
      `There are ${definitions.length} metric definitions.`,
      key,
      `SageMaker takes ${MOST_METRICS} at most.`,
    );
  for (const definition of definitions)
    for (const part of ['Name', 'Regex'] as const)
      if (
        definition[part].length > LONGEST_METRIC[part] ||
        /[\r\n]/.test(definition[part]) ||
        definition[part] === ''
      )
        refuse(
          `The ${part} of the metric ${JSON.stringify(definition.Name)} is not one line of 1 to ${LONGEST_METRIC[part]} characters.`,
          key,
          'Shorten it.',
        );
}

function needed(text: string | undefined, key: string, fix: string): string {
  return text || refuse(`A training on SageMaker needs the input ${key}.`, key, fix);
}

function refuse(what: string, key: string, fix: string): never {
  throw new UserError(what, { where: { key }, fix });
}
