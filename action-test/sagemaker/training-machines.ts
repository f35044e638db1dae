/**
 * Runs training jobs as the service does, with the user's real command: a folder of its own stands for a machine's
 * /opt/ml, and that prefix is replaced in the entry point, its arguments and the environment. There is no image: the
 * command finds the programs of this machine. The status follows the real process; limits of time go by the fake's
 * clock, which moves with each request.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineSplitter } from '../../shared/programs/lines.ts';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';
import type { FakeAwsOptions } from './interface.ts';
import { TRAINING_LOGS, writeLog } from './logs.ts';
import type { SageMakerState, SageMakerWorld } from './state.ts';
import { warmFor } from './training-description.ts';
import { finalMetrics } from './training-metrics.ts';
import { copyCheckpoints, layOut, pack } from './training-objects.ts';
import {
  type Ending,
  fieldsOf,
  type Machine,
  type TrainingJob,
  type TrainingMachines,
} from './training-shapes.ts';

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 120_000;
const LONGEST_REASON = 1024;
/** The variable by which the processes of a machine are known. */
const MARK = 'FAKE_TRAINING_MACHINE';

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
  for (const machine of machines.running.values()) kill(machine);
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
  const root = mkdtempSync(join(tmpdir(), 'fake-training-'));
  try {
    turn(job, 'Downloading', 'Downloading input data', world);
    layOut(root, job, machines.s3);
    if (machines.isClosed) return;
    const { code, lines } = await runContainer(root, job, world);
    copyCheckpoints(root, job, machines.s3);
    if (job.ending === 'interrupted') return taken(job, world);
    await finish(root, job, { code, lines }, world);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function runContainer(
  root: string,
  job: TrainingJob,
  world: SageMakerWorld,
): Promise<{ code: number; lines: string[] }> {
  const { AlgorithmSpecification: algorithm, Environment = {} } = fieldsOf(job);
  const there = (text: string) => text.replace(/^\/opt\/ml(?=\/|$)/, root);
  const [program, ...words] = [
    ...(algorithm.ContainerEntrypoint ?? []),
    ...(algorithm.ContainerArguments ?? []),
  ].map(there);
  if (program === undefined) throw new Error('The fake knows no entry point of an image');
  const variables = Object.entries(Environment).map(([name, value]) => [name, there(value)]);
  const stream = {
    group: TRAINING_LOGS,
    name: `${job.name}/algo-1-${Math.floor(world.now() / 1000)}-${job.machines}`,
  };
  const lines: string[] = [];
  turn(job, 'Training', 'Training image download completed. Training in progress.', world);
  job.trainingStartedAt ??= world.now();
  // Both outputs in one, since two pipes lose the order of the lines.
  const container = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', program, ...words], {
    ...{ cwd: root, detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
    env: {
      ...world.machines.image,
      ...{ TRAINING_JOB_NAME: job.name, [MARK]: root },
      ...Object.fromEntries(variables),
    },
  });
  world.machines.running.set(job.name, { root, container, stream: stream.name, isKilled: false });
  const splitter = new LineSplitter((line) => {
    lines.push(line);
    writeLog(world.state, stream, line, world.now());
  });
  container.stdout!.on('data', (chunk: Buffer) => splitter.push(chunk));
  container.stdout!.on('end', () => splitter.end());
  if (job.ending) container.kill('SIGTERM');
  return new Promise((resolve, reject) => {
    container.once('error', reject);
    // A container dies with its first process.
    container.once('exit', () => killAll(root));
    container.once('close', (code, signal) => {
      world.machines.running.delete(job.name);
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), lines });
    });
  });
}

/** The spot instance is gone: another one begins with what was copied, or none comes. */
function taken(job: TrainingJob, world: SageMakerWorld): void {
  turn(job, 'Interrupted', 'The managed spot training instance was interrupted', world);
  job.ending = undefined;
  job.askedToEndAt = undefined;
  if (job.returns) begin(job, world);
}

async function finish(
  root: string,
  job: TrainingJob,
  { code, lines }: { code: number; lines: string[] },
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
    await pack(join(root, 'model'), 'model.tar.gz', job, s3);
  }
  await pack(join(root, 'output/data'), 'output.tar.gz', job, s3);
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
  if (running) running.container.kill('SIGTERM');
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
    if (running) copyCheckpoints(running.root, job, world.machines.s3);
    if (running && !job.ending && at > (job.trainingStartedAt ?? at) + MaxRuntimeInSeconds * 1000)
      askToEnd(job, 'max-runtime', world);
    if (running && at >= (job.askedToEndAt ?? Infinity) + GRACE_MS) kill(running);
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

function kill(machine: Machine): void {
  if (machine.isKilled) return;
  machine.isKilled = true;
  killAll(machine.root);
}

/** Everything that a container started dies with it, in whatever session or group it is: it has the mark. */
function killAll(root: string): void {
  const mark = `${MARK}=${root}\0`;
  for (let found = true; found; ) {
    found = false;
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)) continue;
        process.kill(Number(name), 'SIGKILL');
        // It may have started another in the meantime.
        found = true;
      } catch {
        // It has ended by itself, or is somebody else's.
      }
    }
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
