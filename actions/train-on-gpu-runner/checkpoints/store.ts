import { randomBytes } from 'node:crypto';
import type { ObjectContent } from '../../../shared/aws/objects.ts';
import { inParallel } from '../../../shared/concurrency/parallel.ts';
import { messageOf, UserError } from '../../../shared/errors.ts';
import {
  ATTEMPTS,
  attemptKey,
  attemptNumberOf,
  digits,
  MANIFESTS,
  type Manifest,
  type ManifestEntry,
  manifestKey,
  manifestText,
  objectKey,
} from './manifest.ts';
import type { CheckpointObjects } from './objects.ts';
import { openObjects } from './open-objects.ts';
import { prune } from './prune.ts';
import { type Restored, restore } from './restore.ts';

/**
 * Checkpoints kept beyond this machine. Each attempt at a training claims a number of its own, higher than all before,
 * and writes below that number alone: an attempt that is taken for dead and still lives can neither overwrite nor
 * delete what a later one wrote, and its manifests are older than the later one's, whenever they arrive.
 *
 *     attempts/000002.json                        who claimed the number
 *     objects/000002-9f31c0de/<sha256>            files, by their content
 *     manifests/000002-9f31c0de/000007.json       one complete checkpoint, written after all its objects
 */
export interface CheckpointStoreOptions {
  name: string;
  /** See `workIdentity`: checkpoints of other work are never looked at. */
  work: string;
  env: NodeJS.ProcessEnv;
  /** Of the run whose work is ended, e.g. in `post`; left out, a new number is claimed. */
  attempt?: string;
  now?: () => Date;
  /** In place of the place's own, in tests. */
  objects?: CheckpointObjects;
}

/** What is to be kept: a manifest's entry, and the bytes or where they lie. */
export type SnapshotFile = ManifestEntry & { location: string; bytes?: Uint8Array };

export type Published =
  | {
      state: 'published';
      sequence: number /** What went wrong with clearing up. */;
      problem: string | undefined;
    }
  /** Another attempt at the same work has begun since: this one's checkpoints are not wanted any more. */
  | { state: 'superseded' };

export interface CheckpointStore {
  /** As the user wrote it. */
  readonly place: string;
  /** Give it to whoever ends this run's work in another process. */
  readonly attempt: string;
  /** @see restore */
  restore(folder: string, prepare: () => Promise<void>): Promise<Restored>;
  /**
   * Sends what is not there yet, then the manifest, and removes all but the newest two checkpoints.
   * @throws UserError when the place refuses, or a file is not what it was when it was hashed.
   */
  publish(files: readonly SnapshotFile[], step: number | null): Promise<Published>;
  /** The training ended well: the next one begins anew, and the checkpoints are removed. Nothing is published after. */
  finish(): Promise<Published>;
  /** Ends requests that are under way. */
  close(): void;
}

/** @param place `s3://bucket/prefix` or a folder. @throws UserError when it cannot be read and written. */
export async function openCheckpointStore(
  place: string,
  options: CheckpointStoreOptions,
): Promise<CheckpointStore> {
  const { name, work, env, now = () => new Date() } = options;
  const below = `${name}/${work}`;
  // The signal of the job is not used: a job that is cancelled still has its last checkpoint to send.
  const closing = new AbortController();
  const objects = options.objects ?? (await openObjects(place, below, { env, signal: closing.signal }));
  const attempt = options.attempt ?? (await claim(objects, now));
  const number = attemptNumberOf(`${MANIFESTS}${attempt}/`) ?? 0;
  const sent = new Set<string>();
  let isFinished = false;
  let sequence = options.attempt ? await lastSequence(objects, attempt) : 0;

  const write = async (part: Pick<Manifest, 'finished' | 'step' | 'files'>): Promise<Published> => {
    const isLate = await isSuperseded(objects, number);
    if (isLate || (isFinished && !part.finished)) return { state: 'superseded' };
    for (let tries = 0; tries < 100; tries++) {
      sequence += 1;
      const head = { schemaVersion: 1 as const, work, attempt, sequence, createdAt: now().toISOString() };
      const bytes = Buffer.from(manifestText({ ...head, ...part }));
      if (!(await objects.putIf(manifestKey({ attempt, sequence }), bytes, 'absent'))) continue;
      const problem = await prune(objects, { attempt, number, keep: part.finished ? 1 : 2 }).catch(messageOf);
      return { state: 'published', sequence, problem };
    }
    throw new UserError(`Something else writes manifests below ${objects.uriOf(`${MANIFESTS}${attempt}`)}.`);
  };

  return {
    place,
    attempt,
    restore: (folder, prepare) => restore(objects, work, folder, prepare),
    publish: async (files, step) => {
      const wanted = new Map<string, { key: string } & ObjectContent>();
      for (const file of files) {
        if (!('sha256' in file) || sent.has(file.sha256)) continue;
        const { sha256, size, bytes, location } = file;
        const from = bytes ? { bytes } : { path: location };
        wanted.set(sha256, { key: objectKey(attempt, sha256), digest: `sha256:${sha256}`, size, ...from });
      }
      await inParallel([...wanted], async ([digest, { key, ...content }]) => {
        await objects.put(key, content);
        sent.add(digest);
      });
      return write({ finished: false, step, files: files.map(entryOf) });
    },
    finish: () => {
      isFinished = true;
      return write({ finished: true, step: null, files: [] });
    },
    close: () => closing.abort(),
  };
}

function entryOf(file: SnapshotFile): ManifestEntry {
  if ('link' in file) return { path: file.path, link: file.link };
  return { path: file.path, size: file.size, sha256: file.sha256 };
}

/** Takes the number after the highest that was ever taken. */
async function claim(objects: CheckpointObjects, now: () => Date): Promise<string> {
  const keys = [...(await objects.list(ATTEMPTS)), ...(await objects.list(MANIFESTS))];
  let number = Math.max(0, ...keys.map(({ key }) => attemptNumberOf(key) ?? 0));
  for (let tries = 0; tries < 100; tries++) {
    number += 1;
    const attempt = `${digits(number)}-${randomBytes(4).toString('hex')}`;
    const bytes = Buffer.from(`${JSON.stringify({ attempt, startedAt: now().toISOString() })}\n`);
    if (await objects.putIf(attemptKey(number), bytes, 'absent')) return attempt;
  }
  throw new UserError(`No number is free below ${objects.uriOf(ATTEMPTS)}.`, {
    where: { key: 'checkpoint-store' },
    fix: 'Run one training of the same work at a time.',
  });
}

async function isSuperseded(objects: CheckpointObjects, number: number): Promise<boolean> {
  return (await objects.list(ATTEMPTS)).some(({ key }) => (attemptNumberOf(key) ?? 0) > number);
}

async function lastSequence(objects: CheckpointObjects, attempt: string): Promise<number> {
  const keys = await objects.list(`${MANIFESTS}${attempt}/`);
  return Math.max(0, ...keys.map(({ key }) => Number(/\/(\d{6})\.json$/.exec(key)?.[1] ?? 0)));
}
