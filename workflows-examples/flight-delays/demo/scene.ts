import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { preparePythonEnvironment } from '../../../shared/programs/python-environment.ts';
import type { ActionId, Verdict } from '../../../shared/records/envelope.ts';
import { type StandIn, startStandIn } from './github.ts';
import { Memory } from './memory.ts';
import { EXAMPLE, pythonSettings, Runner, type StepResult } from './runner.ts';
import { Slots } from './slots.ts';
import type { Terminal } from './terminal.ts';

export const NAME = 'flight-delays';

export interface StoryStep {
  /** Names the log. */
  id: string;
  /** The pull request in which it runs; none for what runs on the main branch. */
  pullRequest?: number;
  /** Whether the next parts of the story wait for it. */
  urgent?: boolean;
}

/** A training step; `again` is false when an earlier run of the demo had made the same. */
export type Trained = StepResult & { again: boolean };

/** Thrown when a step did not come out as the story says; what happened is printed already. */
export class UnexpectedResult extends Error {}

export interface SceneOptions {
  root: string;
  /** Where everything that the demo makes goes. */
  folder: string;
  cacheFolder: string;
  terminal: Terminal;
  signal: AbortSignal;
}

/** The stage: folders, Python, the stand-in for GitHub, and the few processes that may run at once. */
export class Scene {
  readonly terminal: Terminal;
  readonly folder: string;
  readonly #options: SceneOptions;
  readonly #runner: Runner;
  readonly #github: StandIn;
  readonly #slots = new Slots(2);
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<unknown>>();
  readonly #memory: Memory;
  readonly port: number;
  #python: Promise<void> | undefined;
  #serving = false;

  static async open(options: SceneOptions): Promise<Scene> {
    for (const name of ['data', 'models', 'runner/temp'])
      mkdirSync(join(options.folder, name), { recursive: true });
    // Records are those of this run, but for models that are not trained again; the registry keeps what it has.
    const records = join(options.folder, 'mlops-records', NAME);
    for (const name of existsSync(records) ? readdirSync(records) : [])
      if (!name.startsWith('TrainingRun-')) rmSync(join(records, name), { recursive: true });
    const github = await startStandIn(join(options.folder, 'github'), options.root);
    return new Scene(options, github, await freePort());
  }

  private constructor(options: SceneOptions, github: StandIn, port: number) {
    this.#options = options;
    this.terminal = options.terminal;
    this.folder = options.folder;
    this.port = port;
    this.#github = github;
    this.#memory = new Memory(this.made('runner', 'memory'));
    this.#signal = AbortSignal.any([options.signal, this.#ended.signal]);
    this.#runner = new Runner({ ...options, signal: this.#signal });
  }

  /** A path in the demo's folder. */
  made(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  get registry(): string {
    return `oci-layout:${this.made('mlops-registry')}`;
  }

  get github(): StandIn {
    return this.#github;
  }

  /** Runs one step of the story. */
  step(action: ActionId, step: StoryStep, inputs: Record<string, string>): Promise<StepResult> {
    const { id, pullRequest } = step;
    const github = this.#github;
    const event = github.event(pullRequest);
    const common = { name: NAME, 'working-directory': EXAMPLE, records: this.made('mlops-records') };
    const work = () => {
      this.terminal.progress(`${action} (${id})`);
      return this.#runner.run(action, { ...common, ...inputs }, { id, event, github });
    };
    if (action !== 'canary-deploy') return this.#follow(this.#slots.run(step.urgent ?? false, work));
    // A rollout mostly waits for its traffic, so it takes no one's place.
    this.#serving = true;
    return this.#follow(work());
  }

  /** Waits for a step, prints it beside what the story says, and stops the story when it is something else. */
  async expect(
    expected: Verdict,
    step: Promise<StepResult>,
    action: ActionId,
    told?: (record: unknown) => string,
  ): Promise<StepResult> {
    const result = await step;
    const { reason } = (result.record ?? { reason: 'it broke before it could judge' }) as { reason: string };
    this.terminal.result(
      SHORT[action],
      expected,
      result.verdict,
      told && result.verdict === expected ? told(result.record) : reason,
    );
    const exit = expected === 'fail' && action !== 'drift-check' ? 1 : 0;
    if (result.verdict === expected && result.exitCode === exit) return result;
    if (result.verdict === expected)
      this.terminal.fact(false, `${action} ends with exit code ${exit}, not ${result.exitCode}`);
    const tail = readFileSync(result.logFile, 'utf8').trim().split('\n').slice(-15);
    this.terminal.text(['', `The last lines of ${result.logFile}:`, ...tail].join('\n'));
    throw new UnexpectedResult(`${action} came out as ${result.verdict} and not as ${expected}`);
  }

  /** Makes the Python environment of the model's requirements, or finds it; the actions use the same one. */
  python(): Promise<void> {
    const { root, cacheFolder } = this.#options;
    this.#python ??= preparePythonEnvironment({
      requirements: join(root, EXAMPLE, 'code/requirements.txt'),
      cacheFolder,
      signal: this.#signal,
      progress: (message) => this.terminal.progress(message),
    }).then(({ bin }) => {
      this.#runner.pythonBin = bin;
    });
    return this.#follow(this.#python);
  }

  /** Trains a model, unless all that it is made from is as it was when it was trained before. */
  async train(
    step: StoryStep,
    inputs: { data: string; 'model-dir': string } & Record<string, string>,
  ): Promise<Trained> {
    await this.python();
    const { root } = this.#options;
    const example = join(root, EXAMPLE);
    const { result, again } = await this.#memory.recall({
      id: step.id,
      from: [
        join(example, 'code'),
        join(example, inputs.data),
        join(root, 'dist/train-on-gpu-runner/index.mjs'),
      ],
      words: [JSON.stringify(inputs), this.#runner.pythonBin],
      make: () => this.step('train-on-gpu-runner', step, inputs),
      outputs: ({ outputs }) => [inputs['model-dir'], outputs.record ?? ''],
      keep: ({ verdict }) => verdict === 'pass',
    });
    return { ...result, again };
  }

  /** Runs one of the demo's own Python scripts, unless it would make what is there already. */
  async script(
    name: string,
    made: string[],
    from: string[] = [],
    env: Record<string, string> = {},
  ): Promise<void> {
    await this.python();
    const { root, cacheFolder } = this.#options;
    const example = join(root, EXAMPLE);
    const data = join(example, 'data');
    const script = join(example, 'demo', name);
    const work = async () => {
      this.terminal.progress(name);
      const words = [script, data, this.made('data')];
      const settings = { ...pythonSettings(cacheFolder), ...env };
      await runScript(join(this.#runner.pythonBin, 'python'), words, settings, this.#signal);
      return null;
    };
    await this.#memory.recall({
      id: name,
      from: [script, join(example, 'code'), data, ...from],
      words: [this.#runner.pythonBin],
      make: () => this.#follow(this.#slots.run(false, work)),
      outputs: () => made.map((file) => this.made('data', file)),
    });
  }

  /** Remembers what runs, so that the end can wait for it. It is awaited later: failing before is no crash. */
  #follow<Value>(work: Promise<Value>): Promise<Value> {
    this.#running.add(work);
    work.catch(() => undefined).finally(() => this.#running.delete(work));
    return work;
  }

  /** Ends everything that still runs: the servers by the action itself, then the posts, then the stand-in. */
  async close(): Promise<void> {
    this.#ended.abort(new Error('the demo has ended'));
    await Promise.allSettled(this.#running);
    const never = new AbortController().signal;
    if (this.#serving) {
      const inputs = { name: NAME, 'working-directory': EXAMPLE, operation: 'stop', comment: 'never' };
      const folders = { records: this.made('mlops-records'), 'serving-dir': this.made('mlops-serving') };
      const place = { id: 'stop', event: this.#github.event() };
      const stopped = await this.#runner.run('canary-deploy', { ...inputs, ...folders }, place, never);
      if (stopped.exitCode !== 0)
        this.terminal.fact(false, `the servers were stopped (see ${stopped.logFile})`);
    }
    await this.#runner.finish();
    await this.#github.close();
  }
}

const SHORT: Record<ActionId, string> = {
  'validate-data': 'validate-data',
  'train-on-gpu-runner': 'train',
  'evaluate-gate': 'evaluate-gate',
  'register-model': 'register-model',
  'canary-deploy': 'canary-deploy',
  'drift-check': 'drift-check',
};

function runScript(
  python: string,
  words: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const child: ChildProcess = spawn(python, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${words[0]} failed:\n${output.trim()}`)),
    );
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
