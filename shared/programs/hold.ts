/** Holding a program: all of its processes stand still (SIGSTOP) until they are let go on (SIGCONT). */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { groupStillLives, groupWithDescendants, processIdentity, sendSignal } from './process-group.ts';

export interface ProgramHold {
  /**
   * Holds the group and, on Linux, all that it has started, and waits until they stand still. The first signal is sent
   * before this returns its promise. @returns false where there is nothing to hold any more.
   * @throws Error when nobody would let it go on should this process be killed.
   */
  hold(): Promise<boolean>;
  /** Lets all of it go on. What is not held is left alone. */
  release(): void;
  /** Lets it go on, for good. */
  end(): void;
}

/** A process in an uninterruptible wait (a network disk, a driver) stands still, and does not say so, for a while. */
const STANDS_WITHIN_MS = 1_000;
const LOOK_MS = 2;

/** Keeps what is held now, one line each time; when the pipe closes it lets that go on. */
const WATCH =
  'held=; while IFS= read -r line; do held=$line; done; if [ -n "$held" ]; then kill -s CONT -- $held; fi';

/**
 * Makes ready for holding a group. A shell of its own waits for the end of this process, so that a program is not left
 * standing when this process is killed while it holds it.
 * @param group number of its first process, which lives. Not on Windows, which knows no such signal.
 */
export function holdGroup(group: number): ProgramHold {
  const identity = processIdentity(group) ?? '';
  const watcher = spawn('/bin/sh', ['-c', WATCH], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const isWatched = followWatcher(watcher);
  /** Numbers of processes, and of the group with a minus before it. */
  let held: number[] = [];
  let isOver = false;
  const note = (): void => {
    if (isWatched()) watcher.stdin?.write(`${held.join(' ')}\n`);
  };
  const release = (): void => {
    const all = held;
    held = [];
    for (const id of all) signal(id, 'SIGCONT');
    if (all.length > 0) note();
  };
  return {
    async hold() {
      if (isOver || !groupStillLives(group, identity)) return false;
      if (!isWatched()) throw new Error('The command cannot be held: /bin/sh could not be started.');
      held = [-group];
      note();
      if (!sendSignal(group, 'SIGSTOP')) {
        release();
        return false;
      }
      const until = performance.now() + STANDS_WITHIN_MS;
      while (process.platform === 'linux' && held.length > 0 && performance.now() < until) {
        const members = groupWithDescendants(group);
        const others = members.filter((each) => each.group !== group && !held.includes(each.pid));
        held.push(...others.map(({ pid }) => pid));
        if (others.length > 0) note();
        for (const { pid } of others) signal(pid, 'SIGSTOP');
        if (others.length === 0 && members.every(({ state }) => /[Tt]/.test(state))) break;
        await delay(LOOK_MS);
      }
      return held.length > 0;
    },
    release,
    end() {
      release();
      if (isOver) return;
      isOver = true;
      watcher.stdin?.end();
    },
  };
}

/** @returns whether it still waits. */
function followWatcher(watcher: ChildProcess): () => boolean {
  let isThere = watcher.pid !== undefined;
  watcher.on('error', () => {
    isThere = false;
  });
  watcher.on('exit', () => {
    isThere = false;
  });
  watcher.stdin?.on('error', () => undefined);
  watcher.unref();
  // A pipe is a socket here, which would keep this process waiting.
  const { stdin } = watcher;
  if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return () => isThere;
}

function signal(id: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(id, name);
  } catch {
    // It has ended, or belongs to somebody else.
  }
}
