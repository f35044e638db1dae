import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import {
  ageOf,
  isAlive,
  isOfEarlierBoot,
  ownIdentity,
  removeAbandoned,
  temporaryName,
} from './process-identity.ts';

/**
 * A lock in a folder that outlives kill -9 without ever being stolen from a living holder.
 *
 * The lock is a row of generations, files `1`, `2`, `3` …, each created once by a hard link (which fails when the
 * name exists). Generation N+1 may be taken when N says "released" or its process is dead. Two waiters that both
 * see a dead holder reach for the same next file and one of them gets it, so there is no moment in which a lock is
 * removed by one and a fresh one is removed by another.
 */
const RELEASED = 'released';
const KEPT_GENERATIONS = 16;
/** The lock is held for milliseconds; a folder copied from another machine may bring the lock of a dead job. */
const FOREIGN_HOLD_MS = 60_000;
const PATIENCE_MS = 120_000;

/** Runs `work` while no other process or task that uses the same folder does. */
export async function withLock<Result>(
  folder: string,
  work: () => Promise<Result>,
  options: { signal?: AbortSignal } = {},
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const generation = await acquire(folder, options.signal);
  try {
    return await work();
  } finally {
    await release(folder, generation);
  }
}

/**
 * Takes the lock for as long as the caller likes, or says at once that somebody has it. For a folder that one machine
 * uses: what was held before that machine was started again is free.
 * @param foreignHoldMs how long the lock of a job on another machine counts: nobody can be asked whether it lives.
 * @returns what gives the lock back; undefined when it is held.
 */
export async function tryLock(
  folder: string,
  foreignHoldMs: number,
): Promise<(() => Promise<void>) | undefined> {
  await mkdir(folder, { recursive: true });
  const claim = await makeClaim(folder);
  const holds: Holds = (holder, ageMs) => !isOfEarlierBoot(holder) && isAlive(holder, ageMs, foreignHoldMs);
  try {
    // A second look, since one that lost a race for a free lock may have been overtaken by one that is done already.
    for (let tries = 0; tries < 5; tries++) {
      const generation = await tryNext(folder, claim, holds);
      if (generation !== undefined) return () => release(folder, generation);
      await delay(2 + Math.random() * 10);
    }
    return undefined;
  } finally {
    await rm(claim, { force: true });
  }
}

async function makeClaim(folder: string): Promise<string> {
  removeAbandoned(folder, 'claim-');
  const claim = join(folder, temporaryName('claim-'));
  await writeFile(claim, ownIdentity());
  return claim;
}

async function acquire(folder: string, signal: AbortSignal | undefined): Promise<number> {
  const claim = await makeClaim(folder);
  const holds: Holds = (holder, ageMs) => isAlive(holder, ageMs, FOREIGN_HOLD_MS);
  const start = performance.now();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const generation = await tryNext(folder, claim, holds);
      if (generation !== undefined) return generation;
      if (performance.now() - start > PATIENCE_MS) {
        throw new UserError(
          `Another process has held the registry folder's lock for ${PATIENCE_MS / 1000} s.`,
          {
            where: { file: folder },
            fix: 'Let the other job end, or end it, and run this one again.',
          },
        );
      }
      await delay(2 + Math.random() * 10);
    }
  } finally {
    await rm(claim, { force: true });
  }
}

/** Whether the process with an identity, whose lock is so old, still has it. */
type Holds = (holder: string, ageMs: number) => boolean;

async function tryNext(folder: string, claim: string, holds: Holds): Promise<number | undefined> {
  const last = Math.max(0, ...(await generations(folder)));
  if (last > 0 && (await isHeld(join(folder, String(last)), holds))) return undefined;
  const next = last + 1;
  try {
    await createOnce(claim, join(folder, String(next)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const present = await generations(folder);
  if (Math.max(...present) > next) {
    // We were slow: others have come and gone, and our number was free only because it had been tidied away.
    await rm(join(folder, String(next)), { force: true });
    return undefined;
  }
  const old = present.filter((generation) => generation <= next - KEPT_GENERATIONS);
  await Promise.all(old.map((generation) => rm(join(folder, String(generation)), { force: true })));
  return next;
}

/** Creates a file with its content at once, or fails with EEXIST. */
async function createOnce(claim: string, path: string): Promise<void> {
  try {
    await link(claim, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    // No hard links here. Killed between the two steps of this write, the lock stays until it is old.
    await writeFile(path, await readFile(claim), { flag: 'wx' });
  }
}

async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
}

async function isHeld(path: string, holds: Holds): Promise<boolean> {
  const holder = await readFile(path, 'utf8').catch(() => undefined);
  // Gone means tidied away by a later holder, so there is a later generation to look at.
  if (holder === undefined) return true;
  if (holder === RELEASED) return false;
  return holds(holder, ageOf(path) ?? 0);
}

async function release(folder: string, generation: number): Promise<void> {
  const note = join(folder, `${temporaryName('claim-')}${randomBytes(2).toString('hex')}`);
  await writeFile(note, RELEASED);
  await rename(note, join(folder, String(generation)));
}
