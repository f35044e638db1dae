/** A runner's environment in a temporary folder: the files that an action writes to, read back as a runner does. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeRunner {
  /** The root of everything below; removed by `close`. */
  folder: string;
  /** An empty working directory. */
  workspace: string;
  /** For spawning a bundle: nothing of the test's own environment but PATH and Node's cache leaks in. */
  env: Record<string, string>;
  /** `INPUT_…` variables as a runner names them: upper case, spaces as underscores, hyphens kept. */
  inputs(values: Record<string, string>): Record<string, string>;
  /** What the action set as outputs. */
  outputs(): Promise<Record<string, string>>;
  /** What the main step saved for post. */
  state(): Promise<Record<string, string>>;
  /** The state as `STATE_…` variables, as the post step sees it. */
  stateEnvironment(): Promise<Record<string, string>>;
  summary(): Promise<string>;
  close(): Promise<void>;
}

/** Where the sources that a child of a test runs are kept compiled, for its environment. */
export const compiledSources = (): Record<string, string> => {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};
};

export interface FakeRunnerOptions {
  event?: unknown;
  eventName?: string;
  env?: Record<string, string>;
}

/** Makes the folder and files. By default there is no repository, so the action is on its own as on a laptop. */
export async function createFakeRunner(options: FakeRunnerOptions = {}): Promise<FakeRunner> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-runner-'));
  const file = (name: string) => join(folder, name);
  await Promise.all(['workspace', 'temporary', 'tool-cache', 'home'].map((name) => mkdir(file(name))));
  await Promise.all(
    ['output', 'state', 'summary.md', 'env', 'path'].map((name) => writeFile(file(name), '')),
  );
  await writeFile(file('event.json'), JSON.stringify(options.event ?? {}));
  return {
    folder,
    workspace: file('workspace'),
    env: {
      PATH: process.env.PATH ?? '',
      ...compiledSources(),
      HOME: file('home'),
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: file('output'),
      GITHUB_STATE: file('state'),
      GITHUB_STEP_SUMMARY: file('summary.md'),
      GITHUB_ENV: file('env'),
      GITHUB_PATH: file('path'),
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_EVENT_NAME: options.eventName ?? 'push',
      GITHUB_WORKSPACE: file('workspace'),
      RUNNER_TEMP: file('temporary'),
      RUNNER_TOOL_CACHE: file('tool-cache'),
      ...options.env,
    },
    inputs: (values) => {
      return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          `INPUT_${name.replace(/ /g, '_').toUpperCase()}`,
          value,
        ]),
      );
    },
    outputs: async () => parseCommandFile(await readFile(file('output'), 'utf8')),
    state: async () => parseCommandFile(await readFile(file('state'), 'utf8')),
    stateEnvironment: async () => {
      const state = parseCommandFile(await readFile(file('state'), 'utf8'));
      return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
    },
    summary: () => readFile(file('summary.md'), 'utf8'),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A runner's command file: `name=value` lines, or `name<<DELIMITER` with the lines up to the delimiter. */
export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]!.replace(/\r$/, '');
    if (line === '') continue;
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line);
    if (!heredoc) {
      const at = line.indexOf('=');
      if (at < 1) throw new Error(`not a line of a command file: ${line}`);
      values[line.slice(0, at)] = line.slice(at + 1);
      continue;
    }
    const end = lines.findIndex((later, at) => at > index && later.replace(/\r$/, '') === heredoc[2]);
    if (end < 0) throw new Error(`the value of ${heredoc[1]} has no end`);
    values[heredoc[1]!] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return values;
}
