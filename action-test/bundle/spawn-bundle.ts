/** Spawns a committed bundle as the runner does: inputs as variables, files for outputs, state and summary. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/bundle.ts';
import type { ActionId } from '../../shared/records/envelope.ts';
import { createFakeRunner, type FakeRunner, parseCommandFile } from '../../shared/testing/fake-runner.ts';

export interface BundleRun {
  exitCode: number | null;
  /** Standard output and standard error together, as a log shows them. */
  log: string;
  outputs: Record<string, string>;
  summary: string;
}

export interface BundleOptions {
  env?: Record<string, string>;
  /** Called with the process once it runs, for tests that kill it. */
  started?: (child: ChildProcess) => void;
}

/** A runner whose workspace is a copy of the tiny model with its data made, and whose tool cache outlives the test. */
export async function tinyModelRunner(
  options: Parameters<typeof createFakeRunner>[0] = {},
): Promise<FakeRunner> {
  const toolCache = join(homedir(), '.cache/mlops-actions');
  const runner = await createFakeRunner({
    ...options,
    env: { RUNNER_TOOL_CACHE: toolCache, ...options.env },
  });
  cpSync(join(root, 'action-test/fixtures/tiny-model'), runner.workspace, { recursive: true });
  execFileSync('python3', ['make_data.py', 'data'], { cwd: runner.workspace });
  return runner;
}

/** Runs one step in the runner's workspace; each step has files of its own, as on GitHub. */
export async function runBundle(
  runner: FakeRunner,
  id: ActionId,
  inputs: Record<string, string>,
  options: BundleOptions = {},
): Promise<BundleRun> {
  const step = await createFakeRunner();
  const files = {
    GITHUB_OUTPUT: step.env.GITHUB_OUTPUT!,
    GITHUB_STATE: step.env.GITHUB_STATE!,
    GITHUB_STEP_SUMMARY: step.env.GITHUB_STEP_SUMMARY!,
  };
  const child = spawn(process.execPath, [join(root, 'dist', id, 'index.mjs')], {
    cwd: runner.workspace,
    env: { ...runner.env, ...files, ...runner.inputs(inputs), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (log += text));
  options.started?.(child);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const outputs = parseCommandFile(await readFile(files.GITHUB_OUTPUT, 'utf8'));
  const summary = await step.summary();
  await step.close();
  return { exitCode, log, outputs, summary };
}
