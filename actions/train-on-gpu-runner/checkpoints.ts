import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/**
 * Checkpoints that outlive the attempt that wrote them. On GitHub they travel from one attempt of a run to the
 * next through the cache service; elsewhere the folder itself stays.
 *
 * A note in the folder says to which work (command, parameters, data) the checkpoints belong and whether it was
 * finished: a new training must not go on from another one's end.
 */

const NOTE = '.mlops-checkpoints.json';
const noteSchema = z.strictObject({ work: z.string(), finished: z.boolean() });

/** What is used of `@actions/cache`. */
export interface CheckpointCache {
  isFeatureAvailable(): boolean;
  restoreCache(paths: string[], key: string, restoreKeys?: string[]): Promise<string | undefined>;
  saveCache(paths: string[], key: string): Promise<number>;
}

export interface CheckpointOptions {
  /** As the user gave it: the cache finds entries by the very text of the path. */
  folder: string;
  name: string;
  /** Identifies what is trained: see `workIdentity`. */
  work: string;
  env: NodeJS.ProcessEnv;
  log: (message: string) => void;
  /** Loaded only when there is a runner that may have the service. */
  loadCache: () => Promise<CheckpointCache>;
}

export interface OpenCheckpoints {
  resumedFrom: 'nothing' | 'folder' | 'cache';
  /** Under which the next attempt will look; undefined when the cache service is not available. */
  cacheKey: string | undefined;
}

/** A short text that is the same only for the same command, parameters and data. */
export function workIdentity(work: { command: string; params: unknown; dataDigest: string }): string {
  const text = JSON.stringify([work.command, work.params, work.dataDigest]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Makes the folder ready, with the checkpoints of an unfinished attempt at the same work if there are any. */
export async function openCheckpoints(options: CheckpointOptions): Promise<OpenCheckpoints> {
  const { folder, log } = options;
  await mkdir(folder, { recursive: true });
  let resumedFrom: OpenCheckpoints['resumedFrom'] = await judgeFolder(options);
  const restored = await restore(options, resumedFrom === 'nothing');
  if (restored?.hit) resumedFrom = 'cache';
  if (resumedFrom !== 'nothing')
    log(`Training goes on from the checkpoints in ${folder} (from the ${resumedFrom}).`);
  await note(folder, { work: options.work, finished: false });
  return { resumedFrom, cacheKey: restored?.key };
}

/** Marks the work as done: the next training begins anew. */
export async function finishCheckpoints(folder: string, work: string): Promise<void> {
  await note(folder, { work, finished: true });
}

/** Gives the checkpoints to the cache service for the next attempt. Nothing to save is nothing to do. */
export async function saveCheckpoints(
  folder: string,
  key: string,
  cache: CheckpointCache,
  log: (message: string) => void,
): Promise<void> {
  if ((await contents(folder)).length === 0) return;
  const saved = await cache.saveCache([folder], key);
  if (saved !== -1) log(`The checkpoints in ${folder} are kept for the next attempt.`);
}

async function judgeFolder({ folder, work, log }: CheckpointOptions): Promise<'nothing' | 'folder'> {
  if ((await contents(folder)).length === 0) return 'nothing';
  const found = await readNote(folder);
  // Without a note of ours the files were put there by somebody on purpose, to begin from them.
  if (!found || (found.work === work && !found.finished)) return 'folder';
  const aside = `${folder.replace(/\/+$/, '')}.previous`;
  const why = found.finished
    ? 'a training that was finished'
    : 'another command, other parameters or other data';
  log(`The checkpoints in ${folder} belong to ${why}; they are moved to ${aside}.`);
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside);
  await mkdir(folder, { recursive: true });
  return 'nothing';
}

async function restore(
  { folder, name, work, env, log, loadCache }: CheckpointOptions,
  empty: boolean,
): Promise<{ key: string; hit: boolean } | undefined> {
  const cache = env.GITHUB_ACTIONS === 'true' ? await loadCache() : undefined;
  if (!cache?.isFeatureAvailable()) {
    log(`There is no cache service here: checkpoints stay in the folder ${folder}.`);
    return undefined;
  }
  const prefix = `mlops-checkpoints-${name}-${work}-${env.GITHUB_RUN_ID ?? ''}-`;
  const key = `${prefix}${env.GITHUB_RUN_ATTEMPT ?? '1'}`;
  if (!empty) return { key, hit: false };
  const hit = await cache.restoreCache([folder], key, [prefix]);
  return { key, hit: hit !== undefined && (await contents(folder)).length > 0 };
}

async function contents(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith(NOTE));
}

async function readNote(folder: string): Promise<z.infer<typeof noteSchema> | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(join(folder, NOTE), 'utf8')));
  } catch {
    return undefined;
  }
}

async function note(folder: string, content: z.infer<typeof noteSchema>): Promise<void> {
  const draft = join(folder, `${NOTE}.draft`);
  await writeFile(draft, JSON.stringify(content));
  await rename(draft, join(folder, NOTE));
}
