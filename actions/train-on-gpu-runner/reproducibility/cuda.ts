import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reproduction } from '../../../shared/records/training-run.ts';
import { wordsOf } from './answer.ts';

/**
 * The CUDA toolkit that a command finds (`nvcc`, the toolkit's own note, or the variable that NVIDIA's images set) and
 * the driver. Packages such as torch bring libraries of their own: those are in the list of packages.
 * @param driver as nvidia-smi says it. @returns null where there is neither.
 */
export async function findCuda(env: NodeJS.ProcessEnv, driver: string | null): Promise<Reproduction['cuda']> {
  const said = await wordsOf('nvcc', ['--version'], { env, cwd: process.cwd(), milliseconds: 5_000 });
  const toolkit = /\bV(\d+(?:\.\d+)+)/.exec(said ?? '')?.[1] ?? (await noted(env)) ?? null;
  return toolkit === null && driver === null ? null : { toolkit, driver };
}

async function noted(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = env.CUDA_HOME || env.CUDA_PATH || '/usr/local/cuda';
  const text = await readFile(join(folder, 'version.json'), 'utf8').catch(() => '{}');
  return (
    /"cuda"\s*:\s*\{[^{}]*"version"\s*:\s*"(\d[\d.]*)"/.exec(text)?.[1] ?? (env.CUDA_VERSION || undefined)
  );
}
