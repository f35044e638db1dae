import type { TrainingJobRecord } from '../../../../shared/records/training-run.ts';
import type { TrainingOutcome } from '../backend.ts';
import type { JobDescription } from './service.ts';

/** SIGTERM's, as shells say it: how the service ends what it stops. */
const STOPPED_CODE = 143;

export const hasEnded = ({ TrainingJobStatus: status }: JobDescription): boolean =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

/** What came of a job that has ended. Stopped is no success, whatever the SDK's waiter says. */
export function outcomeOf(job: JobDescription, region: string, wasCancelled: boolean): TrainingOutcome {
  const { TrainingJobStatus: status, SecondaryStatus: secondary } = job;
  const record = jobRecord(job, region);
  const isTimedOut = status === 'Stopped' && secondary === 'MaxRuntimeExceeded';
  const isWithoutMachine = status === 'Stopped' && secondary === 'MaxWaitTimeExceeded';
  const isStopped = status === 'Stopped' && !isTimedOut && !isWithoutMachine;
  return {
    exitCode: status === 'Completed' ? 0 : status === 'Failed' ? failedCode(job.FailureReason) : STOPPED_CODE,
    exitSignal: status === 'Stopped' ? 'SIGTERM' : null,
    timedOut: isTimedOut,
    cancelled: isStopped && wasCancelled,
    interrupted: isWithoutMachine,
    durationSeconds: record.trainingSeconds ?? 0,
    failure: failureOf(job, { isTimedOut, isWithoutMachine, isStopped }),
    job: record,
    cpuSeconds: null,
  };
}

function failureOf(
  job: JobDescription,
  is: { isTimedOut: boolean; isWithoutMachine: boolean; isStopped: boolean },
): string | undefined {
  const { MaxRuntimeInSeconds: longest, MaxWaitTimeInSeconds: longestWait } = job.StoppingCondition ?? {};
  if (is.isTimedOut) return `SageMaker ended the training after its longest time of ${longest} s.`;
  if (is.isWithoutMachine) {
    const came = job.TrainingStartTime ? 'was taken away and none came back' : 'never came';
    return `The spot machine ${came} within the ${longestWait} s of max-wait.`;
  }
  if (is.isStopped) return 'The training job was stopped before its command ended.';
  if (job.TrainingJobStatus === 'Failed') return job.FailureReason || 'SageMaker does not say why it failed.';
  return undefined;
}

/** The command's exit status, where it came to that. */
function failedCode(reason = ''): number {
  const [, code = '1'] = [...reason.matchAll(/exit ?code:? *(\d+)/gi)].at(-1) ?? [];
  return Number(code) || 1;
}

export function jobRecord(job: JobDescription, region: string): TrainingJobRecord {
  const { TrainingJobName: name = '', TrainingStartTime: start, TrainingEndTime: end } = job;
  const between = start && end ? (end.getTime() - start.getTime()) / 1000 : null;
  return {
    name,
    arn: job.TrainingJobArn ?? '',
    region,
    url: consoleUrl(job.TrainingJobArn ?? '', name, region),
    machine: job.ResourceConfig?.InstanceType ?? '',
    count: job.ResourceConfig?.InstanceCount ?? 1,
    spot: job.EnableManagedSpotTraining === true,
    trainingSeconds: job.TrainingTimeInSeconds ?? between,
    billableSeconds: job.BillableTimeInSeconds ?? null,
    interruptions: (job.SecondaryStatusTransitions ?? []).filter(({ Status }) => Status === 'Interrupted')
      .length,
  };
}

/** The console of other partitions has other addresses. */
const consoleUrl = (arn: string, name: string, region: string): string | null =>
  arn.startsWith('arn:aws:')
    ? `https://${region}.console.aws.amazon.com/sagemaker/home?region=${region}#/jobs/${name}`
    : null;
