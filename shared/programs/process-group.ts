import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Looking at and ending a whole process group. A training script starts data loaders, a shell and launchers;
 * ending only the first process leaves the others holding the GPU.
 */

interface ProcessStat {
  pid: number;
  parent: number;
  group: number;
  /** One letter of /proc/PID/stat: R, S, D, Z (ended but not yet collected), … */
  state: string;
  userTicks: number;
  systemTicks: number;
  /** User and system time of children that ended and were collected, and of theirs. */
  childrenTicks: number;
  startTicks: number;
  residentPages: number;
}

/** Reads /proc/PID/stat. Undefined when the process is gone or the system has no /proc. */
export function readProcessStat(pid: number | string): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The program's name stands in parentheses and may itself contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  return {
    pid: Number(pid),
    state: fields[0] ?? '',
    parent: number(1),
    group: number(2),
    userTicks: number(11),
    systemTicks: number(12),
    childrenTicks: number(13) + number(14),
    startTicks: number(19),
    residentPages: number(21),
  };
}

/** The living members of a group on Linux (those that ended and wait to be collected do not count). */
export function groupMembers(group: number): ProcessStat[] {
  return livingProcesses().filter((stat) => stat.group === group);
}

function livingProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(readProcessStat)
    .filter((stat) => stat !== undefined)
    .filter((stat) => stat.state !== 'Z' && stat.state !== 'X');
}

/**
 * On Linux: the group and all that its members have started, in whatever group that is. Launchers of several processes
 * (torchrun among them) give each a session of its own.
 */
export function groupWithDescendants(group: number): ProcessStat[] {
  const living = livingProcesses();
  const found = new Map(living.filter((stat) => stat.group === group).map((stat) => [stat.pid, stat]));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const stat of living) if (found.has(stat.parent)) found.set(stat.pid, stat);
  }
  return [...found.values()];
}

/** Whether any process of the group still lives. */
export function groupIsAlive(group: number): boolean {
  // kill(-group, 0) also succeeds for processes that ended and that nobody collects, as in a container
  // whose first process is no init; /proc tells them apart.
  if (process.platform === 'linux') return groupMembers(group).length > 0;
  return sendSignal(group, 0);
}

/**
 * A text that changes when the system gives the same number to another process (its start time), or undefined
 * when there is no such process. A number alone may belong to a stranger after a restart.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readProcessStat(pid);
    if (!stat || stat.state === 'Z' || stat.state === 'X') return undefined;
    return `${bootIdentity()}:${stat.startTicks}`;
  }
  if (process.platform === 'win32') return sendSignal(pid, 0) ? 'unknown' : undefined;
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the group that was started by the process `identity` (see `processIdentity`) still has members. False
 * when the number has gone to a stranger since.
 */
export function groupStillLives(group: number, identity: string): boolean {
  const leader = processIdentity(group);
  if (leader !== undefined) return leader === identity;
  // The first process is gone. As long as members of its group live, the system gives its number to nobody.
  const sameBoot = process.platform !== 'linux' || identity.startsWith(`${bootIdentity()}:`);
  return sameBoot && groupIsAlive(group);
}

function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Sends a signal to every process of the group; false when there was none. Signal 0 only asks. */
export function sendSignal(group: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === 'win32') return sendSignalOnWindows(group, signal);
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    // EPERM: every member that is left belongs to someone else. There is nothing that could be done.
    if (isErrno(error, 'EPERM')) return signal === 0;
    throw error;
  }
}

function sendSignalOnWindows(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    // Windows knows neither groups nor SIGINT for another console: a tree can only be ended.
    if (signal === 0) process.kill(pid, 0);
    else execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a group: SIGINT at once, SIGTERM after three quarters of the grace time, SIGKILL at its end (the
 * proportions in which GitHub cancels a step). Resolves as soon as no member lives.
 * @param graceMs milliseconds, ≥ 0; 0 kills at once. @param options.asked SIGINT was already sent by someone:
 * a second one would interrupt the program's own saving.
 */
export async function endGroup(
  group: number,
  graceMs: number,
  options: { asked?: boolean; onSignal?: (signal: NodeJS.Signals) => void } = {},
): Promise<void> {
  const send = (signal: NodeJS.Signals) => {
    if (sendSignal(group, signal)) options.onSignal?.(signal);
  };
  if (graceMs > 0) {
    if (!options.asked) send('SIGINT');
    // What is held (SIGSTOP) hears of a signal only when it goes on.
    if (process.platform !== 'win32') sendSignal(group, 'SIGCONT');
    if (await goneWithin(group, graceMs * 0.75)) return;
    send('SIGTERM');
    if (await goneWithin(group, graceMs * 0.25)) return;
  }
  if (!groupIsAlive(group)) return;
  send('SIGKILL');
  // A process in an uninterruptible wait (a hanging network disk, a driver) can outlive even this for a while.
  await goneWithin(group, 10_000);
}

async function goneWithin(group: number, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  for (let pause = 10; groupIsAlive(group); pause = Math.min(pause * 1.5, 250)) {
    const left = end - performance.now();
    if (left <= 0) return false;
    await delay(Math.min(pause, left));
  }
  return true;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
