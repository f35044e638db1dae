/** The operations on training jobs. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import {
  arnOf,
  isVisible,
  listed,
  type OperationHandler,
  pageOf,
  type SageMakerWorld,
  seconds,
  tagNew,
  validationError,
} from './state.ts';
import { describeJob, warmPoolOf } from './training-description.ts';
import { askToEnd, begin } from './training-machines.ts';
import { objectsUnder } from './training-objects.ts';
import { fieldsOf, type TrainingFields, type TrainingJob } from './training-shapes.ts';

export const trainingOperations: Record<string, OperationHandler> = {
  CreateTrainingJob(input, world) {
    const name = String(input.TrainingJobName);
    const arn = arnOf(world, `training-job/${name}`);
    if (world.state.trainingJobs.has(name)) {
      const text = `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`;
      throw new AwsFault('ResourceInUse', text);
    }
    const { Tags, ...fields } = input;
    check(fields as unknown as TrainingFields, world);
    const at = world.now();
    const job: TrainingJob = {
      ...{ name, arn, createdAt: at, lastModified: at, fields, status: 'InProgress' },
      ...{ transitions: [], finalMetrics: [], machines: 0, returns: true },
    };
    world.state.trainingJobs.set(name, job);
    tagNew(arn, Tags, world);
    begin(job, world);
    return { TrainingJobArn: arn };
  },
  DescribeTrainingJob(input, world) {
    return describeJob(jobOf(input.TrainingJobName, world), world);
  },
  StopTrainingJob(input, world) {
    const job = jobOf(input.TrainingJobName, world);
    if (job.status !== 'InProgress')
      throw validationError(`The request was rejected because the training job is in status ${job.status}.`);
    askToEnd(job, 'stopped', world);
    return undefined;
  },
  ListTrainingJobs(input, world) {
    const found = listed(world.state.trainingJobs.values(), input, world).filter(
      ({ status }) => (input.StatusEquals ?? status) === status,
    );
    const { page, NextToken } = pageOf(found, input, world.pageSize);
    const TrainingJobSummaries = page.map((job) => ({
      ...{ TrainingJobName: job.name, TrainingJobArn: job.arn, TrainingJobStatus: job.status },
      ...{ SecondaryStatus: job.transitions.at(-1)?.status, WarmPoolStatus: warmPoolOf(job, world) },
      ...{ CreationTime: seconds(job.createdAt), LastModifiedTime: seconds(job.lastModified) },
      TrainingEndTime: job.endedAt === undefined ? undefined : seconds(job.endedAt),
    }));
    return { TrainingJobSummaries, NextToken };
  },
};

/** @throws AwsFault as SageMaker does when there is none, or when it cannot be seen yet. */
function jobOf(name: unknown, world: SageMakerWorld): TrainingJob {
  const found = world.state.trainingJobs.get(String(name));
  if (found && isVisible(found, world)) return found;
  throw validationError('Requested resource not found.');
}

/** What SageMaker refuses at once. What this fake cannot do is a mistake of the test. */
function check(fields: TrainingFields, world: SageMakerWorld): void {
  const { MaxRuntimeInSeconds = 86_400, MaxWaitTimeInSeconds } = fields.StoppingCondition;
  const isSpot = fields.EnableManagedSpotTraining === true;
  if (isSpot && !(MaxWaitTimeInSeconds !== undefined && MaxWaitTimeInSeconds >= MaxRuntimeInSeconds))
    throw validationError(
      'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds',
    );
  if (!isSpot && MaxWaitTimeInSeconds !== undefined)
    throw validationError('MaxWaitTimeInSeconds is only supported with managed spot training');
  const { InstanceCount, InstanceType, KeepAlivePeriodInSeconds = 0 } = fields.ResourceConfig;
  if (isSpot && KeepAlivePeriodInSeconds > 0)
    throw validationError('KeepAlivePeriodInSeconds is not supported with managed spot training');
  for (const { DataSource } of fields.InputDataConfig ?? []) {
    const { S3DataType, S3Uri } = DataSource.S3DataSource ?? {};
    if (S3DataType !== 'S3Prefix' || !S3Uri) throw new Error('The fake knows channels of S3Prefix only');
    if (objectsUnder(S3Uri, world.machines.s3).length === 0)
      throw validationError(
        `No S3 objects found under S3 URL "${S3Uri}" given in input data source. Please ensure that the bucket exists in the selected region (${world.region}), that objects exist under that S3 prefix, and that the role has "s3:ListBucket" permissions on the bucket.`,
      );
  }
  const used = [...world.state.trainingJobs.values()]
    .filter(({ status }) => status === 'InProgress' || status === 'Stopping')
    .reduce((sum, job) => sum + fieldsOf(job).ResourceConfig.InstanceCount, 0);
  if (used + InstanceCount <= world.instanceLimit) return;
  const usage = isSpot ? 'spot training job usage' : 'training job usage';
  throw new AwsFault(
    'ResourceLimitExceeded',
    `The account-level service limit '${InstanceType} for ${usage}' is ${world.instanceLimit} Instances, with current utilization of ${used} Instances and a request delta of ${InstanceCount} Instances. Please use AWS Service Quotas to request an increase for this quota.`,
  );
}
