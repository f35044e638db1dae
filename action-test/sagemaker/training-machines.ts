/**
 * Runs training jobs as the service does, with the user's real command: a folder of its own stands for each instance's
 * /opt/ml, and that prefix is replaced in the entry point, its arguments and the environment. There is no image: the
 * command finds the programs of this machine. The status follows the real process; limits of time go by the fake's
 * clock, which moves with each request.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';
import type { FakeAwsOptions } from './interface.ts';
import type { SageMakerState, SageMakerWorld } from './state.ts';
import { kill, type Run, runContainers } from './training-containers.ts';
import { warmFor } from './training-description.ts';
import { finalMetrics } from './training-metrics.ts';
import { copyCheckpoints, layOut, pack } from './training-objects.ts';
import { type Ending, fieldsOf, type TrainingJob, type TrainingMachines } from './training-shapes.ts';

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 120_000;
const LONGEST_REASON = 1024;

export const newMachines = (
  s3: S3World,
  { trainingImage = { PATH: process.env.PATH ?? '' }, logDelayMs = 0 }: FakeAwsOptions,
  mistake: (text: string) => void,
): TrainingMachines => ({
  ...{ s3, image: trainingImage, logDelayMs, mistake },
  ...{ running: new Map(), underWay: new Set(), isClosed: false },
});

/** Kills what runs and waits for its end. */
export async function endMachines(state: SageMakerState, machines: TrainingMachines): Promise<void> {
  machines.isClosed = true;
  for (const job of state.trainingJobs.values()) job.returns = false;
  for (const machine of [...machines.running.values()].flat()) kill(machine);
  await Promise.all(machines.underWay);
}

/** Starts a job's first or next machine. */
export function begin(job: TrainingJob, world: SageMakerWorld): void {
  const { machines } = world;
  const way = machine(job, world).catch((error) => machines.mistake(String(error)));
  machines.underWay.add(way);
  way.finally(() => machines.underWay.delete(way));
}

async function machine(job: TrainingJob, world: SageMakerWorld): Promise<void> {
  const { machines } = world;
  turn(job, 'Starting', 'Starting the training job', world);
  // The answer to CreateTrainingJob goes out before anything runs.
  await Promise.resolve();
  const warm = warmFor(job, world);
  if (warm) warm.reusedBy = job.name;
  else turn(job, 'Starting', 'Preparing the instances for training', world);
  job.machines++;
  const hosts = Array.from(
    { length: fieldsOf(job).ResourceConfig.InstanceCount },
    (_, index) => `algo-${index + 1}`,
  );
  const instances = hosts.map((host) => ({ host, root: mkdtempSync(join(tmpdir(), 'fake-training-')) }));
  const roots = instances.map(({ root }) => root);
  try {
    turn(job, 'Downloading', 'Downloading input data', world);
    for (const instance of instances) layOut(instance, hosts, job, machines.s3);
    if (machines.isClosed) return;
    turn(job, 'Training', 'Training image download completed. Training in progress.', world);
    job.trainingStartedAt ??= world.now();
    const run = await runContainers(instances, job, world);
    for (const root of roots) copyCheckpoints(root, job, machines.s3);
    if (job.ending === 'interrupted') return taken(job, world);
    await finish(roots, job, run, world);
  } finally {
    for (const root of roots) rmSync(root, { recursive: true, force: true });
  }
}

/** The spot instance is gone: another one begins with what was copied, or none comes. */
function taken(job: TrainingJob, world: SageMakerWorld): void {
  turn(job, 'Interrupted', 'The managed spot training instance was interrupted', world);
  job.ending = undefined;
  job.askedToEndAt = undefined;
  if (job.returns) begin(job, world);
}

async function finish(
  roots: readonly string[],
  job: TrainingJob,
  { code, root, lines }: Run,
  world: SageMakerWorld,
): Promise<void> {
  const { s3 } = world.machines;
  job.finalMetrics = finalMetrics(
    lines,
    fieldsOf(job).AlgorithmSpecification.MetricDefinitions ?? [],
    world.now(),
  );
  // What was asked to end has its model uploaded, too.
  if (code === 0 || job.ending) {
    turn(job, 'Uploading', 'Uploading generated training model', world);
    await pack(
      roots.map((one) => join(one, 'model')),
      'model.tar.gz',
      job,
      s3,
    );
  }
  await pack(
    roots.map((one) => join(one, 'output/data')),
    'output.tar.gz',
    job,
    s3,
  );
  if (job.ending === 'max-runtime')
    return end(
      job,
      'Stopped',
      'MaxRuntimeExceeded',
      'Training job runtime exceeded MaxRuntimeInSeconds provided',
      world,
    );
  if (job.ending === 'stopped') return end(job, 'Stopped', 'Stopped', 'Training job stopped', world);
  if (code === 0) return end(job, 'Completed', 'Completed', 'Training job completed', world);
  job.failureReason = `AlgorithmError: ${failureText(root)}, exit code: ${code}`;
  end(job, 'Failed', 'Failed', 'Training job failed', world);
}

function failureText(root: string): string {
  try {
    return readFileSync(join(root, 'output/failure'), 'utf8').slice(0, LONGEST_REASON).trim();
  } catch {
    return '';
  }
}

/** Asks the container to end; with none running, the job is over. */
export function askToEnd(job: TrainingJob, ending: Ending, world: SageMakerWorld): void {
  job.ending ??= ending;
  job.askedToEndAt ??= world.now();
  if (ending === 'stopped') {
    job.status = 'Stopping';
    turn(job, 'Stopping', 'Stopping the training job', world);
  }
  const running = world.machines.running.get(job.name);
  if (running) for (const { container } of running) container.kill('SIGTERM');
  else if (
    job.transitions.at(-2)?.status === 'Interrupted' ||
    job.transitions.at(-1)?.status === 'Interrupted'
  )
    end(job, 'Stopped', 'Stopped', 'Training job stopped', world);
}

/** Takes the spot instance away. @returns whether one was training. */
export function interrupt(name: string, returns: boolean, world: SageMakerWorld): boolean {
  const job = world.state.trainingJobs.get(name);
  if (!job || job.ending || !world.machines.running.has(name)) return false;
  if (!fieldsOf(job).EnableManagedSpotTraining) throw new Error(`${name} is not on a spot instance`);
  job.returns = returns;
  askToEnd(job, 'interrupted', world);
  return true;
}

/** What time brings: copies of checkpoints, the end of what runs too long, the kill after the grace time. */
export function settleTraining(world: SageMakerWorld): void {
  const at = world.now();
  for (const job of world.state.trainingJobs.values()) {
    if (job.endedAt !== undefined) continue;
    const { MaxRuntimeInSeconds = 86_400, MaxWaitTimeInSeconds = Infinity } = fieldsOf(job).StoppingCondition;
    const running = world.machines.running.get(job.name);
    for (const { root } of running ?? []) copyCheckpoints(root, job, world.machines.s3);
    if (running && !job.ending && at > (job.trainingStartedAt ?? at) + MaxRuntimeInSeconds * 1000)
      askToEnd(job, 'max-runtime', world);
    if (at >= (job.askedToEndAt ?? Infinity) + GRACE_MS) running?.forEach(kill);
    if (
      !running &&
      job.transitions.at(-1)?.status === 'Interrupted' &&
      at > job.createdAt + MaxWaitTimeInSeconds * 1000
    )
      end(
        job,
        'Stopped',
        'MaxWaitTimeExceeded',
        'Training job exceeded MaxWaitTimeInSeconds provided',
        world,
      );
  }
}

function turn(job: TrainingJob, status: string, message: string, world: SageMakerWorld): void {
  const last = job.transitions.at(-1);
  if (last?.status === status) {
    last.message = message;
    return;
  }
  if (last) last.endedAt = world.now();
  job.transitions.push({ status, startedAt: world.now(), message });
  job.lastModified = world.now();
}

function end(
  job: TrainingJob,
  status: TrainingJob['status'],
  secondary: string,
  message: string,
  world: SageMakerWorld,
): void {
  turn(job, secondary, message, world);
  job.status = status;
  job.endedAt = world.now();
  job.transitions.at(-1)!.endedAt = world.now();
}
