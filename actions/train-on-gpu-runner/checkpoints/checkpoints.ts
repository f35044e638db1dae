import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptHistory } from '../watch/history.ts';
import { contents, type FolderNote, PREVIOUS, readNote, writeNote } from './folder-note.ts';
import type { CheckpointStore } from './store.ts';
import { momentOf, readHistory, removeHistory, upTo } from './travelling-history.ts';

/**
 * Checkpoints that outlive the attempt that wrote them. With a store they travel by it, to whatever machine trains
 * next; without one, on GitHub, from one attempt of a run to the next through the cache service; elsewhere the folder
 * itself stays.
 */

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
  /** Loaded only when there is a runner that may have the service, and no store. */
  loadCache: () => Promise<CheckpointCache>;
  /** Where they are kept beyond this machine. */
  store?: Pick<CheckpointStore, 'restore' | 'place'>;
}

export interface OpenCheckpoints {
  resumedFrom: 'nothing' | 'folder' | 'cache' | 'store';
  /** Of the checkpoint that came from the store, where its files say it. */
  resumedStep: number | null;
  /** Under which the next attempt will look; undefined when the cache service is not available or not used. */
  cacheKey: string | undefined;
  /** Metrics of the steps before the checkpoint; undefined where none came with it. */
  history: KeptHistory | undefined;
}

/** A short text that is the same only for the same command, parameters and data. */
export function workIdentity(work: { command: string; params: unknown; dataDigest: string }): string {
  const text = JSON.stringify([work.command, work.params, work.dataDigest]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Makes the folder ready, with the checkpoints of an unfinished attempt at the same work if there are any. What is in
 * the store counts more than what lies in the folder: it is known to be whole.
 * @throws UserError when the store cannot be read.
 */
export async function openCheckpoints(options: CheckpointOptions): Promise<OpenCheckpoints> {
  const { folder, work, log, store } = options;
  await mkdir(folder, { recursive: true });
  const stored = store && (await fromStore(store, options));
  let resumedFrom: OpenCheckpoints['resumedFrom'] =
    stored?.state === 'restored' ? 'store' : await judgeFolder(options, stored?.state === 'finished');
  const restored = store ? undefined : await restoreCached(options, resumedFrom === 'nothing');
  if (restored?.hit) resumedFrom = 'cache';
  const resumedStep = stored?.step ?? null;
  const step = resumedStep === null ? '' : `, step ${resumedStep}`;
  if (resumedFrom !== 'nothing')
    log(`Training goes on from the checkpoints in ${folder} (from the ${resumedFrom}${step}).`);
  const history = await historyOf(folder, work, resumedFrom);
  await writeNote(folder, { work, finished: false });
  return { resumedFrom, resumedStep, cacheKey: restored?.key, history };
}

async function historyOf(
  folder: string,
  work: string,
  resumedFrom: OpenCheckpoints['resumedFrom'],
): Promise<KeptHistory | undefined> {
  if (resumedFrom === 'nothing') await removeHistory(folder);
  const history = await readHistory(folder, work);
  // Of a checkpoint in the store it was cut when it was sent, and the files are as old as their arrival here.
  return history && resumedFrom !== 'store' ? upTo(history, await momentOf(folder)) : history;
}

/** Marks the work as done: the next training begins anew. */
export async function finishCheckpoints(folder: string, work: string): Promise<void> {
  await writeNote(folder, { work, finished: true });
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

async function fromStore(
  store: Pick<CheckpointStore, 'restore' | 'place'>,
  { folder, work, log }: CheckpointOptions,
): Promise<Awaited<ReturnType<CheckpointStore['restore']>>> {
  const restored = await store.restore(folder, async () => {
    if ((await contents(folder)).length > 0 && !(await readNote(folder))?.restoring) {
      const aside = await moveAside(folder);
      log(`The checkpoint in ${store.place} is used; what lay in ${folder} is moved to ${aside}.`);
    }
    await writeNote(folder, { work, finished: false, restoring: true });
    await removeHistory(folder);
    for (const name of await contents(folder)) await rm(join(folder, name), { recursive: true, force: true });
  });
  for (const reason of restored.skipped) log(`A newer checkpoint is not used: ${reason}.`);
  return restored;
}

/** @param isOver the store says that the same work was finished. */
async function judgeFolder(
  { folder, work, log }: CheckpointOptions,
  isOver: boolean,
): Promise<'nothing' | 'folder'> {
  const found = await readNote(folder);
  if (found?.restoring) {
    for (const name of await contents(folder)) await rm(join(folder, name), { recursive: true, force: true });
    return 'nothing';
  }
  if ((await contents(folder)).length === 0) return 'nothing';
  // Without a note of ours the files were put there by somebody on purpose, to begin from them.
  if (!found || (found.work === work && !found.finished && !isOver)) return 'folder';
  const aside = await moveAside(folder);
  log(`The checkpoints in ${folder} belong to ${describeOther(found, work)}; they are moved to ${aside}.`);
  return 'nothing';
}

function describeOther(found: FolderNote, work: string): string {
  const isSame = found.work === work || found.finished;
  return isSame ? 'a training that was finished' : 'another command, other parameters or other data';
}

async function moveAside(folder: string): Promise<string> {
  const aside = `${folder.replace(/\/+$/, '')}.previous`;
  await rm(aside, { recursive: true, force: true });
  try {
    await rename(folder, aside);
  } catch (error) {
    if (!/^(EBUSY|EXDEV|EPERM|EACCES)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return moveInside(folder);
  }
  await mkdir(folder, { recursive: true });
  return aside;
}

/** Of a folder that is a mount, only what is in it can be moved. */
async function moveInside(folder: string): Promise<string> {
  const aside = join(folder, PREVIOUS);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside);
  for (const name of await contents(folder)) await rename(join(folder, name), join(aside, name));
  return aside;
}

async function restoreCached(
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
