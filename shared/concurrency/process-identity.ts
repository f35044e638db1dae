import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * A process that is killed leaves its locks and temporary files behind. Each carries the identity of the process
 * that made it (number, start time, place), so that the next one can tell what is abandoned.
 */

/** Of a process on another machine nothing can be asked; after a day its temporary files are taken for abandoned. */
const FOREIGN_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** `<process number>.<start time>.<place>`, fit for a file name. */
export function ownIdentity(): string {
  return `${process.pid}.${ownStart()}.${place()}`;
}

/**
 * Whether the process with this identity still runs.
 * @param ageMs how long ago it gave a sign, and @param foreignLifetimeMs how long such a sign is good for: these
 * decide only for processes on other machines.
 */
export function isAlive(identity: string, ageMs: number, foreignLifetimeMs = FOREIGN_LIFETIME_MS): boolean {
  const [pid, started, itsPlace] = identity.split('.');
  if (itsPlace !== place()) return ageMs < foreignLifetimeMs;
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    // EPERM: it runs under another account.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startTime(number);
  return now === undefined || started === 'x' || now === started;
}

/**
 * Whether this machine was started again since the process with this identity ran: then it is gone, whoever has its
 * number now. Machines are told apart by their name and `/etc/machine-id`, which copies of one image may share; so this
 * is for what only one machine uses.
 */
export function isOfEarlierBoot(identity: string): boolean {
  const [machine, boot, namespace] = (identity.split('.')[2] ?? '').split('-');
  const [ownMachine, ownBoot] = place().split('-');
  return namespace !== undefined && machine === ownMachine && boot !== ownBoot;
}

/** A name for something temporary: `<stem><identity>.<random>`. */
export function temporaryName(stem: string): string {
  return `${stem}${ownIdentity()}.${randomBytes(6).toString('hex')}`;
}

/** Removes what processes that no longer run left in a folder under names of {@link temporaryName}. */
export function removeAbandoned(folder: string, stem: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names.filter((entry) => entry.startsWith(stem))) {
    const path = join(folder, name);
    const age = ageOf(path);
    if (age !== undefined && !isAlive(name.slice(stem.length), age))
      rmSync(path, { recursive: true, force: true });
  }
}

/** Milliseconds since a file was last written; undefined when it is gone. */
export function ageOf(path: string): number | undefined {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

let ownStartText: string | undefined;

function ownStart(): string {
  ownStartText ??= startTime(process.pid) ?? 'x';
  return ownStartText;
}

/**
 * Process numbers are used again, so the start time tells two processes apart: clock ticks since boot, or the date
 * where there is no /proc. Undefined where the system does not say.
 */
function startTime(pid: number): string | undefined {
  if (process.platform === 'darwin') return startDate(pid);
  const fields = tryRead(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ');
  return fields?.[19];
}

function startDate(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.trim().replaceAll(/\W+/g, '-') || undefined;
}

let placeText: string | undefined;

/** `<machine>-<boot>-<process namespace>`: process numbers mean the same only within all three. */
function place(): string {
  placeText ??= [
    `${hostname()}\n${tryRead('/etc/machine-id')}`,
    tryRead('/proc/sys/kernel/random/boot_id'),
    processNamespace(),
  ]
    .map((text) => createHash('sha256').update(text).digest('hex').slice(0, 12))
    .join('-');
  return placeText;
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
