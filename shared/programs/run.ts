/**
 * This folder runs the programs that users bring: training commands, prediction commands, model servers. Each
 * runs in a process group of its own, so that it can be ended with everything it started.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { bindToThisProcess } from './bound-to-parent.ts';
import { LineSplitter } from './lines.ts';
import { ownOutputWritten } from './pace.ts';
import { endGroup, groupIsAlive } from './process-group.ts';

export interface ProgramOptions {
  /** Run by `bash -eo pipefail -c` (by `sh -e -c` where there is no bash), as a `run:` step would be. */
  command: string;
  /** The whole environment of the program; see `programEnvironment`. */
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Each line of standard output and standard error, in the order in which they were written. */
  onLine?: (line: string) => void;
  /** Output goes to the end of this file instead of `onLine`. Needed for a program that outlives this process. */
  logFile?: string;
  /** The program may outlive this process, which then does not wait for it. Needs `logFile`. */
  detached?: boolean;
  /** Should this process be killed, so is the program with all it started. Not together with `detached`. */
  endsWithParent?: boolean;
  /**
   * Awaited with the group's number before the first command of the program runs. If this process dies in
   * between, the program never starts: there is no moment in which it runs and nobody has written down so.
   */
  beforeStart?: (group: number) => Promise<void>;
}

export interface Exit {
  /** The exit status; 128 + n when ended by signal n, as shells say it. */
  code: number;
  signal: NodeJS.Signals | null;
}

export interface Program {
  /** The first process; also the number of the process group. */
  pid: number;
  /** Resolves when the first process has ended and its output is read. */
  exited: Promise<Exit>;
  /** Ends the whole group: SIGINT, SIGTERM, SIGKILL within `graceMs` milliseconds. */
  stop(graceMs: number): Promise<void>;
  isAlive(): boolean;
}

/** How long output that grandchildren still hold open is read after the program itself has ended. */
const DRAIN_MS = 500;

/** Starts a program in a process group of its own. @throws UserError when there is no shell or no such folder. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  if (options.detached && !options.logFile) throw new TypeError('a detached program needs a logFile');
  if (options.detached && options.endsWithParent)
    throw new TypeError('a detached program outlives its parent');
  const child = await spawnInShell(options);
  const pid = child.pid as number;
  const exited = followOutput(child, options);
  if (options.detached) child.unref();
  if (options.endsWithParent) exited.then(bindToThisProcess(pid));
  if (options.beforeStart) {
    try {
      await options.beforeStart(pid);
    } catch (error) {
      await endGroup(pid, 0);
      throw error;
    }
    openGate(child);
  }
  return {
    pid,
    exited,
    isAlive: () => groupIsAlive(pid),
    stop: async (graceMs) => {
      await endGroup(pid, graceMs);
      if (!options.detached) await exited;
    },
  };
}

async function spawnInShell(options: ProgramOptions): Promise<ChildProcess> {
  // Standard error joins standard output in the shell, since two pipes would lose the order of the lines.
  const shells = [
    { file: 'bash', run: 'exec bash --noprofile --norc -eo pipefail -c "$0" 2>&1' },
    { file: 'sh', run: 'exec sh -e -c "$0" 2>&1' },
  ];
  const gate = options.beforeStart ? 'IFS= read -r _ <&3 || exit 125; exec 3<&-; ' : '';
  const output = options.logFile ? openSync(options.logFile, 'a') : 'pipe';
  try {
    for (const shell of shells) {
      const child = spawnOnce(shell.file, ['-c', gate + shell.run, options.command], {
        cwd: options.cwd,
        env: options.env,
        detached: true,
        windowsHide: true,
        stdio: ['ignore', output, output, ...(options.beforeStart ? ['pipe' as const] : [])],
      });
      const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
        child.once('spawn', () => resolve(undefined));
        child.once('error', resolve);
      });
      if (!problem) return child;
      if (problem.code !== 'ENOENT' && problem.code !== 'ENOTDIR') throw problem;
    }
  } finally {
    if (typeof output === 'number') closeSync(output);
  }
  throw new UserError(`the command could not be started in ${options.cwd ?? process.cwd()}`, {
    fix: 'Check that the folder exists and that bash or sh is on the PATH.',
  });
}

function spawnOnce(file: string, words: string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, words, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'E2BIG') throw error;
    throw new UserError('the command or one of its variables is longer than this system allows', {
      fix: 'Put long values into a file and give its path.',
      cause: error,
    });
  }
}

function openGate(child: ChildProcess): void {
  const gate = child.stdio[3];
  if (!gate || !('end' in gate)) throw new Error('the gate of the program is missing');
  // The program may have been killed while it waited; its exit says so.
  gate.on('error', () => undefined);
  gate.end('\n');
}

function followOutput(child: ChildProcess, options: ProgramOptions): Promise<Exit> {
  const splitter = new LineSplitter(options.onLine ?? (() => undefined));
  // Only the shell itself writes to standard error, before it joins both streams.
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  let drainTimer: NodeJS.Timeout | undefined;
  let giveUp: (() => void) | undefined;
  const waitForMore = () => {
    clearTimeout(drainTimer);
    if (giveUp) drainTimer = setTimeout(giveUp, DRAIN_MS);
  };
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      splitter.push(chunk);
      const written = ownOutputWritten();
      if (!written) return waitForMore();
      clearTimeout(drainTimer);
      stream.pause();
      written.then(() => {
        stream.resume();
        waitForMore();
      });
    });
  }
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const finish = () => {
        clearTimeout(drainTimer);
        splitter.end();
        resolve({ code: code ?? 128 + signalNumber(signal), signal });
      };
      child.once('close', finish);
      // 'close' waits for everyone who holds the pipe, which a forgotten grandchild may do for ever.
      giveUp = () => {
        for (const stream of streams) stream.destroy();
      };
      if (!streams.some((stream) => stream.isPaused())) waitForMore();
    });
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGILL: 4,
    SIGABRT: 6,
    SIGBUS: 7,
    SIGFPE: 8,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return (signal && numbers[signal]) ?? 0;
}

export interface RunOptions extends Omit<ProgramOptions, 'detached'> {
  /** Aborting it ends the group. */
  signal?: AbortSignal;
  /** Milliseconds; undefined waits as long as it takes. */
  timeoutMs?: number;
  /** Milliseconds between asking the program to end and killing it, or tells them when it is asked. Default 10,000. */
  graceMs?: number | (() => number);
  /** Told once when the program is about to be ended, before the first signal. */
  onStop?: (reason: 'cancelled' | 'timed-out') => void;
}

export interface RunResult {
  exitCode: number;
  exitSignal: NodeJS.Signals | null;
  timedOut: boolean;
  cancelled: boolean;
  durationSeconds: number;
}

/**
 * Runs a program to its end. Whatever it left running in its group is ended too. A non-zero exit, a timeout and
 * a cancellation are results, not errors.
 */
export async function runProgram(options: RunOptions): Promise<RunResult> {
  const given = options.graceMs ?? 10_000;
  const graceMs = (): number => (typeof given === 'number' ? given : given());
  const began = performance.now();
  if (options.signal?.aborted) return result({ code: 130, signal: 'SIGINT' }, 'cancelled', began);
  const program = await startProgram(options);
  let stopped: 'cancelled' | 'timed-out' | undefined;
  let ending: Promise<void> | undefined;
  const stop = (reason: 'cancelled' | 'timed-out') => {
    if (stopped) return;
    stopped = reason;
    options.onStop?.(reason);
    ending = endGroup(program.pid, graceMs());
  };
  const cancel = () => stop('cancelled');
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (options.signal?.aborted) cancel();
  const stopTimer =
    options.timeoutMs === undefined ? undefined : startTimer(options.timeoutMs, () => stop('timed-out'));
  const exit = await program.exited;
  stopTimer?.();
  options.signal?.removeEventListener('abort', cancel);
  if (ending) await ending;
  else await endGroup(program.pid, Math.min(graceMs(), 2_000));
  return result(exit, stopped, began);
}

/** setTimeout holds at most 24.8 days; a longer one would fire at once. */
function startTimer(milliseconds: number, action: () => void): () => void {
  const longest = 2 ** 31 - 1;
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.min(left, longest));
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

function result(exit: Exit, stopped: 'cancelled' | 'timed-out' | undefined, began: number): RunResult {
  return {
    exitCode: exit.code,
    exitSignal: exit.signal,
    timedOut: stopped === 'timed-out',
    cancelled: stopped === 'cancelled',
    durationSeconds: (performance.now() - began) / 1000,
  };
}
