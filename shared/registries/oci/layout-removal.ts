import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../durable.ts';
import type { Descriptor } from '../manifest.ts';
import type { LayoutFolder } from './layout-folder.ts';
import { readIndex } from './layout-index.ts';

/**
 * Freeing the bytes of a removed version. Everything here runs under the layout's lock. Before the index forgets
 * the version, the blobs that may go are written down, so that the next change ends what a kill interrupted. A push
 * that found one of them there meanwhile looks again under the lock, and puts it back.
 */
const JOURNAL = '.removing.json';
const NESTED_TYPES = /\.(manifest|index|manifest\.list)\.v\d\+json$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const journalSchema = z.array(z.string().regex(DIGEST));

/** Writes down which blobs may go. */
export async function planRemoval(folder: LayoutFolder, entries: Descriptor[]): Promise<void> {
  const digests = [...(await reachable(folder, entries))];
  const bytes = new TextEncoder().encode(JSON.stringify(digests));
  await writeDurably(join(folder.path, JOURNAL), folder.temporary, bytes);
}

/** Deletes what was written down, except what the index still reaches. */
export async function finishRemoval(folder: LayoutFolder): Promise<void> {
  const path = join(folder.path, JOURNAL);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const planned = journalSchema.parse(JSON.parse(text));
  const kept = await reachable(folder, (await readIndex(folder.path)).manifests);
  for (const digest of planned) if (!kept.has(digest)) await rm(folder.blob(digest), { force: true });
  await rm(path);
}

/** The digests of manifests and of all that they name; a subject is no part of what refers to it. */
async function reachable(folder: LayoutFolder, entries: Descriptor[]): Promise<Set<string>> {
  const found = new Set<string>();
  const waiting = [...entries];
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    if (found.has(entry.digest)) continue;
    found.add(entry.digest);
    if (!NESTED_TYPES.test(entry.mediaType)) continue;
    waiting.push(...descriptorsIn(await readJson(folder.blob(entry.digest))));
  }
  return found;
}

/** Undefined for what is gone, or is no JSON whatever its media type says. */
async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // What only cannot be read now may name what must stay.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Manifests may come from anywhere: what has the shape of a descriptor anywhere in them counts, but by a digest alone. */
function descriptorsIn(value: unknown): Descriptor[] {
  if (value === null || typeof value !== 'object') return [];
  const { digest, mediaType } = value as Partial<Descriptor>;
  const isOne = typeof digest === 'string' && DIGEST.test(digest) && typeof mediaType === 'string';
  const own = isOne ? [value as Descriptor] : [];
  const inner = Object.entries(value).filter(([key]) => key !== 'subject');
  return [...own, ...inner.flatMap(([, part]) => descriptorsIn(part))];
}
