import { execFile } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { TrainingRun } from '../../shared/records/training-run.ts';
import { gpuProblem } from './preflight/gpu-preflight.ts';
import type { GpuAnswer } from './watch/gpu-query.ts';

/** What the command ran on, for the record. */
export async function describeMachine(
  env: NodeJS.ProcessEnv,
  gpus: GpuAnswer,
): Promise<TrainingRun['environment']> {
  const processors = cpus();
  return {
    platform: platform(),
    architecture: arch(),
    release: release(),
    node: process.versions.node,
    python: await pythonVersion(env),
    cpuModel: processors[0]?.model.trim() ?? '',
    cpuCount: processors.length,
    memoryBytes: totalmem(),
    gpus:
      'samples' in gpus
        ? gpus.samples.map(({ index, uuid, name, driverVersion, memoryTotalMiB }) => {
            return { index, uuid, name, driverVersion, memoryTotalMiB };
          })
        : [],
    gpuProblem: gpuProblem(gpus, { env })?.reason ?? '',
  };
}

export async function pythonVersion(env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const name of ['python', 'python3']) {
    try {
      const { stdout, stderr } = await promisify(execFile)(name, ['--version'], { env, timeout: 10_000 });
      const version = /Python (\S+)/.exec(stdout + stderr)?.[1];
      if (version) return version;
    } catch {
      // Not every training command is Python's.
    }
  }
  return null;
}
