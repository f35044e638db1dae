import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ActionId, Verdict } from '../../../shared/records/envelope.ts';
import { readActionFile } from './action-file.ts';

/** The part of a workflow that a step is in. */
export interface StepPlace {
  /** Short and unique: it names the log and, on GitHub, would be the step's id. */
  id: string;
  /** Which pull request the step belongs to; its event and commit are what a runner would give. */
  event?: { file: string; name: string; sha: string };
  /** Where GitHub is, and the token of the job. Without it the step is on its own. */
  github?: { url: string; repository: string; token: string };
}

export interface StepResult {
  exitCode: number;
  verdict: Verdict;
  outputs: Record<string, string>;
  /** Undefined when the step broke before it could judge. */
  record: unknown;
  seconds: number;
  logFile: string;
}

export interface RunnerOptions {
  /** Root of the repository. */
  root: string;
  /** For logs and the runner's own files. */
  folder: string;
  cacheFolder: string;
  /** Ends what is running when it is aborted, with the grace that a runner gives. */
  signal: AbortSignal;
}

interface Post {
  action: ActionId;
  env: NodeJS.ProcessEnv;
  program: string;
  files: Record<string, string>;
  logFile: string;
}

/** Starts the committed bundles as GitHub's runner does: inputs as INPUT_…, answers through files, post at the end. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #posts: Post[] = [];
  /** Executables of the Python environment, once it is there. */
  pythonBin = '';

  constructor(options: RunnerOptions) {
    this.#options = options;
    mkdirSync(join(options.folder, 'logs'), { recursive: true });
    writeFileSync(join(options.folder, 'logs', 'steps.txt'), '');
  }

  /** Runs one step. Its exit code is an answer, not an error: refusing is what some steps are for. */
  async run(
    action: ActionId,
    inputs: Record<string, string>,
    place: StepPlace,
    signal = this.#options.signal,
  ): Promise<StepResult> {
    const { root, folder } = this.#options;
    const file = readActionFile(join(root, 'actions', action), place.github?.token ?? '');
    const logFile = join(folder, 'logs', `${place.id}.log`);
    const files = this.#commandFiles(place.id);
    const env = { ...this.#environment(place), ...inputVariables({ ...file.defaults, ...inputs }) };
    writeFileSync(logFile, '');
    if (file.post) this.#posts.push({ action, env, program: file.post, files, logFile });
    const started = performance.now();
    const exitCode = await execute(file.main, { env: { ...env, ...files }, cwd: root, logFile, signal });
    const seconds = (performance.now() - started) / 1000;
    const outputs = readCommandFile(files.GITHUB_OUTPUT!);
    const line = `${new Date().toISOString()}  ${place.id}: ${outputs.verdict} after ${seconds.toFixed(1)} s`;
    appendFileSync(join(folder, 'logs', 'steps.txt'), `${line}\n`);
    return {
      exitCode,
      verdict: (outputs.verdict || 'error') as Verdict,
      outputs,
      record: outputs.record
        ? JSON.parse(readFileSync(resolve(root, EXAMPLE, outputs.record), 'utf8'))
        : undefined,
      seconds,
      logFile,
    };
  }

  /** Runs the posts of all steps, the last step's first, as at the end of a job. */
  async finish(): Promise<void> {
    for (const post of this.#posts.splice(0).reverse()) {
      const state = Object.entries(readCommandFile(post.files.GITHUB_STATE!));
      const env = {
        ...post.env,
        ...post.files,
        ...Object.fromEntries(state.map(([key, value]) => [`STATE_${key}`, value])),
      };
      appendFileSync(post.logFile, `\n--- post of ${post.action}\n`);
      await execute(post.program, { env, cwd: this.#options.root, logFile: post.logFile });
    }
  }

  #commandFiles(id: string): Record<string, string> {
    const names = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'];
    const folder = join(this.#options.folder, 'runner', id);
    mkdirSync(folder, { recursive: true });
    return Object.fromEntries(
      names.map((name) => {
        const path = join(folder, name.toLowerCase());
        writeFileSync(path, '');
        return [name, path];
      }),
    );
  }

  /** Nothing of this process's own environment but what any program needs: a runner starts clean. */
  #environment({ event, github }: StepPlace): NodeJS.ProcessEnv {
    const { root, folder, cacheFolder } = this.#options;
    const kept = Object.entries(process.env).filter(([name]) =>
      /^(HOME|LANG|LC_.*|TZ|TMPDIR|XDG_.*|(https?|no|all)_proxy|npm_config_registry|PIP_.*|SSL_.*|NODE_EXTRA_CA_CERTS)$/i.test(
        name,
      ),
    );
    return {
      ...Object.fromEntries(kept),
      PATH: [this.pythonBin, process.env.PATH].filter(Boolean).join(delimiter),
      ...pythonSettings(cacheFolder),
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: root,
      GITHUB_EVENT_NAME: event?.name ?? 'workflow_dispatch',
      ...(event ? { GITHUB_EVENT_PATH: event.file, GITHUB_SHA: event.sha } : {}),
      ...(github ? { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: github.repository } : {}),
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: process.arch.toUpperCase(),
      RUNNER_TEMP: join(folder, 'runner', 'temp'),
      RUNNER_TOOL_CACHE: cacheFolder,
    };
  }
}

/** For every Python that is started, by an action or by the demo itself. */
export function pythonSettings(cacheFolder: string): Record<string, string> {
  return {
    // The example's folder belongs to the repository and stays as it is.
    PYTHONPYCACHEPREFIX: join(cacheFolder, 'python-compiled'),
    // Some machines forbid it to keep what it compiled; then scikit-learn takes three seconds more at every start.
    PYTHONDONTWRITEBYTECODE: '',
    // Two steps run at a time: with a pool of threads each they would mostly wait for one another.
    OMP_NUM_THREADS: '1',
  };
}

/** The example's folder, which every step works in. */
export const EXAMPLE = 'workflows-examples/flight-delays';

function inputVariables(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

/** @returns the exit code; 128 and more when a signal ended it. */
function execute(
  program: string,
  options: { env: NodeJS.ProcessEnv; cwd: string; logFile: string; signal?: AbortSignal },
): Promise<number> {
  options.signal?.throwIfAborted();
  const log = openSync(options.logFile, 'a');
  // A group of its own: Ctrl-C reaches this process, which ends the step as a runner does and then tidies up.
  const child = spawn(process.execPath, [program], {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', log, log],
    detached: true,
  });
  const timers: NodeJS.Timeout[] = [];
  const cancel = () => {
    child.kill('SIGINT');
    timers.push(
      setTimeout(() => child.kill('SIGTERM'), 7_500),
      setTimeout(() => child.kill('SIGKILL'), 10_000),
    );
  };
  options.signal?.addEventListener('abort', cancel, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', cancel);
      if (options.signal?.aborted) reject(options.signal.reason);
      else resolve(code ?? 128);
    });
  });
}

/** `name=value` lines, or `name<<DELIMITER` and the lines up to the delimiter. */
function readCommandFile(path: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = readFileSync(path, 'utf8').split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [, name, delimiterLine] = /^([^=<]+)<<(.+)$/.exec(lines[index]!) ?? [];
    if (name && delimiterLine) {
      const end = lines.indexOf(delimiterLine, index + 1);
      values[name] = lines.slice(index + 1, end).join('\n');
      index = end;
    } else {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(lines[index]!) ?? [];
      if (key) values[key] = value ?? '';
    }
  }
  return values;
}
