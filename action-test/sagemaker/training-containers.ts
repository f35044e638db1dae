/** The containers of a training job, one on each of its instances: the user's real command. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { LineSplitter } from '../../shared/programs/lines.ts';
import { TRAINING_LOGS, writeLog } from './logs.ts';
import type { SageMakerWorld } from './state.ts';
import { fieldsOf, type Machine, type TrainingJob } from './training-shapes.ts';

/** The variable by which the processes of a machine are known. */
const MARK = 'FAKE_TRAINING_MACHINE';

/** An instance: its name in the job, and the folder that stands for its /opt/ml. */
export interface Instance {
  host: string;
  root: string;
}

export interface Run {
  /** Of the first container that failed, else 0. */
  code: number;
  /** Of the instance that decided so. */
  root: string;
  lines: string[];
}

/** Runs the command on every instance, to the end of all; one that fails ends the others. */
export async function runContainers(
  instances: readonly Instance[],
  job: TrainingJob,
  world: SageMakerWorld,
): Promise<Run> {
  const lines: string[] = [];
  const started = instances.map((instance) => start(instance, job, world, lines));
  world.machines.running.set(
    job.name,
    started.map(({ machine }) => machine),
  );
  let failed: { code: number; root: string } | undefined;
  await Promise.all(
    started.map(async ({ machine, ended }) => {
      const code = await ended;
      if (code === 0 || failed) return;
      failed = { code, root: machine.root };
      for (const other of started) if (other.machine !== machine) kill(other.machine);
    }),
  ).finally(() => world.machines.running.delete(job.name));
  return { code: 0, root: instances[0]!.root, ...failed, lines };
}

function start(
  { host, root }: Instance,
  job: TrainingJob,
  world: SageMakerWorld,
  lines: string[],
): { machine: Machine; ended: Promise<number> } {
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
    name: `${job.name}/${host}-${Math.floor(world.now() / 1000)}-${job.machines}`,
  };
  // Both outputs in one, since two pipes lose the order of the lines.
  const container = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', program, ...words], {
    ...{ cwd: root, detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
    env: {
      ...world.machines.image,
      ...{ TRAINING_JOB_NAME: job.name, [MARK]: root },
      ...Object.fromEntries(variables),
    },
  });
  const splitter = new LineSplitter((line) => {
    lines.push(line);
    writeLog(world.state, stream, line, world.now());
  });
  container.stdout!.on('data', (chunk: Buffer) => splitter.push(chunk));
  container.stdout!.on('end', () => splitter.end());
  if (job.ending) container.kill('SIGTERM');
  return {
    machine: { root, container, stream: stream.name, isKilled: false },
    ended: endOf(container, root),
  };
}

function endOf(container: ChildProcess, root: string): Promise<number> {
  return new Promise((resolve, reject) => {
    container.once('error', reject);
    // A container dies with its first process.
    container.once('exit', () => killAll(root));
    container.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
}

export function kill(machine: Machine): void {
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
