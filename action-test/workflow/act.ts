import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../scripts/bundle.ts';
import { compiledSources } from '../../shared/testing/fake-runner.ts';

export interface ActOptions {
  act: string;
  repository: string;
  /** Scratch of this run. */
  folder: string;
  /** What the cache service keeps, from one run to the next. */
  cacheFolder: string;
  workflow: string;
  event: string;
  payload: unknown;
  /** `owner/name@ref` to a folder. */
  actions: Record<string, string>;
  env: Record<string, string>;
  variables: Record<string, string>;
  token: string;
  python: string;
  /** The run is cancelled as soon as this is true. */
  cancelWhen?: () => boolean;
}

export interface ActRun {
  exitCode: number | null;
  /** Everything that was printed, for messages of failing tests. */
  log: string;
  /** Command lines of the processes that outlived the run; they are ended. */
  leftRunning: string[];
}

interface ActLine {
  msg?: string;
  job?: string;
}

/** Runs one workflow by act on this machine, without containers and with nothing of the test's own environment. */
export async function runAct(options: ActOptions): Promise<ActRun> {
  const home = join(options.folder, 'home');
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const eventFile = join(options.folder, 'event.json');
  writeFileSync(eventFile, JSON.stringify(options.payload));
  const words = [
    options.event,
    ...['--eventpath', eventFile],
    ...['--workflows', join('.github/workflows', options.workflow)],
    ...['--platform', 'ubuntu-latest=-self-hosted'],
    ...['--secret', `GITHUB_TOKEN=${options.token}`],
    ...Object.entries({ ...compiledSources(), ...options.env }).flatMap(([name, value]) => [
      '--env',
      `${name}=${value}`,
    ]),
    ...Object.entries(options.variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]),
    ...Object.entries(options.actions).flatMap(([name, folder]) => [
      '--local-repository',
      `${name}=${folder}`,
    ]),
    ...['--cache-server-path', options.cacheFolder],
    '--json',
  ];
  const child = spawn(options.act, words, {
    cwd: options.repository,
    env: {
      HOME: home,
      PATH: [dirname(process.execPath), options.python, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const watch = setInterval(() => {
    if (!options.cancelWhen?.()) return;
    clearInterval(watch);
    child.kill('SIGINT');
  }, 50);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(watch);
  const leftRunning = endWhatRunsIn(home);
  return { ...readOutput(output, exitCode), leftRunning };
}

/** act's own result of a job of a matrix is that of all its legs, so what was done is read from what was left. */
function readOutput(output: string, exitCode: number | null): Omit<ActRun, 'leftRunning'> {
  const lines = output.split('\n').filter(Boolean);
  const shown = lines.map((text) => {
    const line = parseLine(text);
    return `${line.job ? `[${line.job.trim()}] ` : ''}${(line.msg ?? text).trimEnd()}`;
  });
  return { exitCode, log: shown.join('\n') };
}

function parseLine(text: string): ActLine {
  try {
    return JSON.parse(text) as ActLine;
  } catch {
    return {};
  }
}

/** act leaves detached processes running, which a hosted runner ends with the job: they have this home folder. */
function endWhatRunsIn(home: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!environment.includes(`HOME=${home}`)) continue;
      found.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to somebody else.
    }
  }
  return found;
}

const PINNED = /uses: ((actions\/[\w-]+)@[0-9a-f]{40})/g;

/** The stand-ins under the very references that the examples pin. */
export function pinned(repository: string, standIns: Record<string, string>): Record<string, string> {
  const text = readdirSync(join(repository, '.github/workflows'))
    .map((file) => readFileSync(join(repository, '.github/workflows', file), 'utf8'))
    .join('\n');
  const found = [...text.matchAll(PINNED)].flatMap(([, reference, name]) => {
    const standIn = standIns[name!];
    return standIn ? [[reference!, standIn] as const] : [];
  });
  return Object.fromEntries(found);
}

/** The engine that the tests have installed; on a runner the action fetches it once. */
export function duckdbFolder(): string {
  const packages = join(root, 'node_modules/@duckdb');
  const bindings = readdirSync(packages).find((name) => /^node-bindings-(linux|darwin)-/.test(name));
  return join(packages, bindings ?? 'node-bindings');
}
