/** A built action as a process of its own: what it takes in seconds and in memory. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { bundle } from '../scripts/bundle.ts';

/** As many as a hosted runner of a small repository has. */
export const CORES = 2;

export interface Run {
  /** Where it ran: its records are in `mlops-records`. */
  folder: string;
  seconds: number;
  /** The largest resident set of the process. */
  bytes: number;
}

/** Builds the actions of this checkout into a folder. */
export async function buildInto(folder: string): Promise<void> {
  const { files } = await bundle(false);
  for (const [file, text] of files) {
    const path = join(folder, relative('dist', file));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** Tells the peak of its process when it ends. */
const PEAK = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));`;

/** Node words that tell the peak of the process in the file that PEAK_FILE names. */
export const TELL_PEAK = `--import=data:text/javascript,${encodeURIComponent(PEAK)}`;

/** Keeps a program to as many cores as a hosted runner has. */
export function onCores(words: readonly string[]): string[] {
  if (availableParallelism() <= CORES) return [...words];
  return ['taskset', '-c', `0-${CORES - 1}`, ...words];
}

/** Runs a program to its end. @throws Error when it does not end with 0. */
export function timed(
  words: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): { seconds: number; output: string } {
  const [program, ...rest] = onCores(words);
  const begin = performance.now();
  const { status, stdout, stderr } = spawnSync(program!, rest, { ...options, encoding: 'utf8' });
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0)
    throw new Error(`${words[0]} ended with ${status}:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return { seconds, output: stdout };
}

/** @param build the folder of `buildInto`. @param toolCache where the engine lies, or is put by the first run. */
export async function runAction(
  action: string,
  inputs: Readonly<Record<string, string>>,
  { build, parent, toolCache }: { build: string; parent: string; toolCache: string },
): Promise<Run> {
  const folder = await mkdtemp(join(parent, 'run-'));
  const at = (name: string): string => join(folder, name);
  for (const name of ['output', 'state', 'summary']) await writeFile(at(name), '');
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    RUNNER_TEMP: folder,
    RUNNER_TOOL_CACHE: toolCache,
    GITHUB_OUTPUT: at('output'),
    GITHUB_STATE: at('state'),
    GITHUB_STEP_SUMMARY: at('summary'),
    PEAK_FILE: at('peak'),
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  };
  const words = [process.execPath, TELL_PEAK, join(build, action, 'index.mjs')];
  const { seconds } = timed(words, { cwd: folder, env });
  return { folder, seconds, bytes: Number(await readFile(at('peak'), 'utf8')) * 1024 };
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
