import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { dataVariable } from './data-folder.ts';
import { programEnvironment } from './environment.ts';
import { Tail } from './lines.ts';
import { type Program, runProgram, startProgram } from './run.ts';

/** Runs the two programs that a model brings with it: the one that predicts a file and the one that serves. */

/** In bytes. */
const LONGEST_TAIL = 16_384;

export interface PredictOptions {
  /** The user's `predict-command`. */
  command: string;
  modelDir: string;
  data: { files: readonly { path: string; fetchedTo?: string }[] };
  /** Must end in `.csv`; replaced when it is there. */
  predictionsPath: string;
  /** The folder of the model's code. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Executables of the environment made from the model's requirements. */
  bin?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
  onLine?: (line: string) => void;
}

/** @throws UserError when the command fails or writes no predictions, with its last lines. */
export async function runPredict(options: PredictOptions): Promise<void> {
  const predictions = resolve(options.predictionsPath);
  // Predictions of an earlier run must not be taken for those of this one.
  await rm(predictions, { force: true });
  await mkdir(dirname(predictions), { recursive: true });
  const links = `${predictions}.data`;
  await rm(links, { recursive: true, force: true });
  const tail = new Tail(20, 4_000);
  try {
    const data = await dataVariable(
      options.data.files.map(({ path, fetchedTo = path }) => ({ path: fetchedTo })),
      links,
    );
    const result = await runProgram({
      command: options.command,
      cwd: options.cwd,
      env: programEnvironment(
        options.env,
        { MODEL_DIR: resolve(options.modelDir), DATA: data, PREDICTIONS: predictions },
        options.bin,
      ),
      endsWithParent: true,
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      graceMs: 2_000,
      onLine: (line) => {
        tail.add(line);
        options.onLine?.(line);
      },
    });
    options.signal?.throwIfAborted();
    if (result.timedOut)
      throw new UserError('the predict-command did not end in time', { where: { key: 'predict-command' } });
    if (result.exitCode !== 0) {
      throw new UserError(
        `the predict-command ended with exit status ${result.exitCode}${lastWords(tail.lines())}`,
        {
          where: { key: 'predict-command' },
          fix: 'Run the command by hand with MODEL_DIR, DATA and PREDICTIONS set.',
        },
      );
    }
  } finally {
    await rm(links, { recursive: true, force: true });
  }
  const written = await stat(predictions).catch(() => undefined);
  if (written && written.size > 0) return;
  throw new UserError('the predict-command ended well but wrote no predictions', {
    where: { key: 'predict-command' },
    fix: 'It must write a header id,y_pred,y_score and one row per id to the path in PREDICTIONS.',
  });
}

export interface ServerOptions {
  /** The user's `serve-command`. */
  command: string;
  modelDir: string;
  /** A free port on the loopback interface. */
  port: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
  bin?: string;
  /** Output of the server; it is appended to. */
  logFile: string;
  /** The server outlives this process. */
  detached?: boolean;
  /** How long it may take until it answers. Default two minutes. */
  startTimeoutMs?: number;
  signal?: AbortSignal;
  beforeStart?: (group: number) => Promise<void>;
}

/** Starts a model server and waits for `GET /ping` to answer 200. @throws UserError with its last lines otherwise. */
export async function startServer(options: ServerOptions): Promise<Program> {
  options.signal?.throwIfAborted();
  await mkdir(dirname(resolve(options.logFile)), { recursive: true });
  const earlier = await stat(options.logFile).then(
    (found) => found.size,
    () => 0,
  );
  const program = await startProgram({
    command: options.command,
    cwd: options.cwd,
    env: programEnvironment(
      options.env,
      { MODEL_DIR: resolve(options.modelDir), PORT: String(options.port) },
      options.bin,
    ),
    logFile: options.logFile,
    detached: options.detached,
    endsWithParent: !options.detached,
    beforeStart: options.beforeStart,
  });
  try {
    await waitForPing(program, options, earlier);
    return program;
  } catch (error) {
    await program.stop(1_000);
    throw error;
  }
}

async function waitForPing(program: Program, options: ServerOptions, earlier: number): Promise<void> {
  const limit = options.startTimeoutMs ?? 120_000;
  const end = performance.now() + limit;
  let ended = false;
  const exited = program.exited.then((exit) => {
    ended = true;
    return exit;
  });
  let answer = 'no answer';
  for (let pause = 20; performance.now() < end; pause = Math.min(pause * 1.3, 250)) {
    options.signal?.throwIfAborted();
    if (ended) {
      const { code } = await exited;
      throw new UserError(
        `the serve-command ended with exit status ${code} before it was ready${lastWords(await logTail(options.logFile, earlier))}`,
        { where: { key: 'serve-command' } },
      );
    }
    const status = await ping(options.port, Math.max(1, Math.min(2_000, end - performance.now())));
    // A stranger may answer on the port; only a server that still lives counts.
    if (status === 200 && program.isAlive() && !ended) return;
    if (status !== undefined) answer = `status ${status}`;
    await Promise.race([delay(pause), exited]);
  }
  throw new UserError(
    `the serve-command was not ready after ${Math.round(limit / 1000)} s: GET /ping on port ${options.port} gave ${answer}${lastWords(await logTail(options.logFile, earlier))}`,
    {
      where: { key: 'serve-command' },
      fix: 'It must listen on 127.0.0.1:$PORT and answer GET /ping with 200.',
    },
  );
}

function ping(port: number, timeoutMs: number): Promise<number | undefined> {
  return new Promise((resolvePromise) => {
    // node:http rather than fetch: the server is on this machine and must not be asked through a proxy.
    const { request } = process.getBuiltinModule('node:http');
    const asked = request(
      { host: '127.0.0.1', port, path: '/ping', timeout: timeoutMs, agent: false },
      (response) => {
        response.resume();
        resolvePromise(response.statusCode);
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolvePromise(undefined));
    asked.end();
  });
}

/** The last lines that a server wrote to its log since it was started; of a long log only its end is read. */
async function logTail(logFile: string, from: number): Promise<string[]> {
  const handle = await open(logFile, 'r').catch(() => undefined);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - LONGEST_TAIL);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - start)), {
      position: start,
    });
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return lines.slice(-20).filter(Boolean);
  } finally {
    await handle.close();
  }
}

function lastWords(lines: string[]): string {
  return lines.length > 0
    ? `. Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
    : ' and it printed nothing';
}
