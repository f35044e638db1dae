/** What DescribeTrainingJob tells of a job. */
import { type SageMakerWorld, seconds } from './state.ts';
import { outputPlace } from './training-objects.ts';
import { fieldsOf, type TrainingJob } from './training-shapes.ts';

/** The share of its time that a spot job is billed for: AWS promises none, this is the fake's own. */
const SPOT_SHARE = 0.3;

export function describeJob(job: TrainingJob, world: SageMakerWorld): Record<string, unknown> {
  const { trainingStartedAt, endedAt } = job;
  const { InputDataConfig, ...fields } = job.fields;
  const isOver = endedAt !== undefined && trainingStartedAt !== undefined;
  // Whole seconds, and at least one: zero is not of the model.
  const trained = isOver ? Math.max(1, Math.round(seconds(endedAt - trainingStartedAt))) : undefined;
  const share = fieldsOf(job).EnableManagedSpotTraining ? SPOT_SHARE : 1;
  return {
    ...fields,
    ...(InputDataConfig ? { InputDataConfig } : {}),
    ...{ TrainingJobArn: job.arn, TrainingJobStatus: job.status },
    SecondaryStatus: job.transitions.at(-1)?.status,
    FailureReason: job.failureReason,
    // The model of the service wants it always: it is where the artifacts will be, whether they are there or not.
    ModelArtifacts: { S3ModelArtifacts: `s3://${outputPlace(job)}/model.tar.gz` },
    SecondaryStatusTransitions: job.transitions.map(({ status, startedAt, endedAt: until, message }) => ({
      ...{ Status: status, StartTime: seconds(startedAt), StatusMessage: message },
      EndTime: until === undefined ? undefined : seconds(until),
    })),
    ...{ CreationTime: seconds(job.createdAt), LastModifiedTime: seconds(job.lastModified) },
    TrainingStartTime: trainingStartedAt === undefined ? undefined : seconds(trainingStartedAt),
    TrainingEndTime: endedAt === undefined ? undefined : seconds(endedAt),
    TrainingTimeInSeconds: trained,
    BillableTimeInSeconds: trained === undefined ? undefined : Math.max(1, Math.round(trained * share)),
    FinalMetricDataList: job.finalMetrics.length > 0 ? job.finalMetrics : undefined,
    WarmPoolStatus: warmPoolOf(job, world),
  };
}

/** Undefined where the job asked for no warm pool. */
export function warmPoolOf(job: TrainingJob, world: SageMakerWorld): Record<string, unknown> | undefined {
  const { KeepAlivePeriodInSeconds: kept } = fieldsOf(job).ResourceConfig;
  if (kept === undefined || kept === 0) return undefined;
  if (job.reusedBy !== undefined) return { Status: 'Reused', ReusedByJob: job.reusedBy };
  if (job.endedAt === undefined) return { Status: 'InUse' };
  const waited = Math.min(kept, Math.floor(seconds(world.now() - job.endedAt)));
  return {
    Status: waited < kept && job.status === 'Completed' ? 'Available' : 'Terminated',
    ResourceRetainedBillableTimeInSeconds: waited,
  };
}

/** The ended job whose machine waits for one like this. */
export function warmFor(job: TrainingJob, world: SageMakerWorld): TrainingJob | undefined {
  const wanted = JSON.stringify([fieldsOf(job).ResourceConfig, job.fields.RoleArn, job.fields.VpcConfig]);
  return [...world.state.trainingJobs.values()].find(
    (other) =>
      warmPoolOf(other, world)?.Status === 'Available' &&
      JSON.stringify([fieldsOf(other).ResourceConfig, other.fields.RoleArn, other.fields.VpcConfig]) ===
        wanted,
  );
}
