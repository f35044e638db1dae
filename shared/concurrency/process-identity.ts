import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * A process that is killed leaves its locks and temporary files behind. Each carries the identity of the process
 * that made it (number, start time, machine), so that the next one can tell what is abandoned.
 */

/** Of a process on another machine nothing can be asked; after a day its temporary files are taken for abandoned. */
const FOREIGN_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** `<process number>.<start time>.<machine>`, fit for a file name. */
export function ownIdentity(): string {
  return `${process.pid}.${startTime(process.pid) ?? 'x'}.${machine()}`;
}

/**
 * Whether the process with this identity still runs.
 * @param ageMs how long ago it gave a sign, and @param foreignLifetimeMs how long such a sign is good for: these
 * decide only for processes on other machines.
 */
export function isAlive(identity: string, ageMs: number, foreignLifetimeMs = FOREIGN_LIFETIME_MS): boolean {
  const [pid, started, host] = identity.split('.');
  if (host !== machine()) return ageMs < foreignLifetimeMs;
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

/** Process numbers are used again, so the start time (in clock ticks since boot) tells two processes apart. */
function startTime(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ');
    return fields?.[19];
  } catch {
    return undefined;
  }
}

let machineText: string | undefined;

/** Machine, boot and process namespace: process numbers mean the same only within all three. */
function machine(): string {
  machineText ??= createHash('sha256')
    .update([hostname(), tryRead('/proc/sys/kernel/random/boot_id'), processNamespace()].join('\n'))
    .digest('hex')
    .slice(0, 12);
  return machineText;
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
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
