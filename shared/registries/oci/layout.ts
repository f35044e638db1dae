import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../../concurrency/lock.ts';
import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import { MODEL_ARTIFACT_TYPE } from '../../models/media-types.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { writeBlobDurably, writeDurably } from '../durable.ts';
import {
  type BlobSource,
  type Descriptor,
  describedByItself,
  isManifest,
  parseManifest,
  REF_NAME_ANNOTATION,
  type StoredManifest,
} from '../manifest.ts';
import { missing, refuseAliased } from '../refusals.ts';
import { LayoutFolder } from './layout-folder.ts';
import { readIndex, taggedDescriptor, tagOf, tagsOf } from './layout-index.ts';
import { finishRemoval, planRemoval } from './layout-removal.ts';
import type { OciIndex, OciStore, TagMove } from './store.ts';

/**
 * An OCI image layout in a folder, readable by skopeo and oras. Blobs are written once under their digest; all
 * that can change is `index.json`, which is replaced whole under a lock.
 */
export class LayoutStore implements OciStore {
  readonly atomicTags = true;
  readonly atomicRemove = true;
  readonly freesBytes = true;
  readonly #folder: LayoutFolder;
  readonly #signal: AbortSignal | undefined;
  /** By digest, which is why it never grows old: what a manifest refers to. */
  readonly #referring = new Map<string, { subject?: string; descriptor: Descriptor }>();

  constructor(folder: string, signal?: AbortSignal) {
    this.#folder = new LayoutFolder(folder);
    this.#signal = signal;
  }

  async putBlobs(blobs: BlobSource[], onStart?: (blob: BlobSource) => void): Promise<void> {
    const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
    await this.#folder.write(() =>
      inParallel(unique, async (blob) => {
        this.#signal?.throwIfAborted();
        onStart?.(blob);
        const path = this.#folder.blob(blob.digest);
        const present = await stat(path).catch(() => undefined);
        if (present?.size === blob.size) return;
        await writeBlobDurably(path, this.#folder.temporary, blob, this.#signal);
      }),
    );
  }

  async openBlob(digest: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.#folder.blob(digest);
    const present = await stat(path).catch(() => undefined);
    return present ? createReadStream(path, { highWaterMark: 1 << 20, signal: this.#signal }) : undefined;
  }

  mend(digest: string): string {
    return `Delete ${this.#folder.blob(digest)} and register the model again: what is missing is stored anew.`;
  }

  async getManifest(reference: string): Promise<StoredManifest | undefined> {
    const isDigest = reference.startsWith('sha256:');
    const find = (index: OciIndex) =>
      index.manifests.find((entry) => (isDigest ? entry.digest : tagOf(entry)) === reference);
    const entry = find(await readIndex(this.#folder.path));
    return entry && this.#readManifest(entry, find);
  }

  async publishVersion(manifest: StoredManifest, blobs: BlobSource[]): Promise<boolean> {
    let isNew = false;
    await this.#changeIndex(async (index) => {
      await this.putBlobs([...blobs, blobOf(manifest)]);
      const { digest } = manifest.descriptor;
      isNew = !index.manifests.some((entry) => entry.digest === digest);
      if (index.manifests.some((entry) => entry.digest === digest && tagOf(entry) === undefined))
        return undefined;
      return [...index.manifests, manifest.descriptor];
    });
    return isNew;
  }

  async putReferrers(_subject: Descriptor, manifests: StoredManifest[], blobs: BlobSource[]): Promise<void> {
    await this.#changeIndex(async (index) => {
      await this.putBlobs([...blobs, ...manifests.map(blobOf)]);
      const present = new Set(index.manifests.map((entry) => entry.digest));
      const added = manifests
        .map((manifest) => manifest.descriptor)
        .filter((entry) => !present.has(entry.digest));
      return added.length > 0 ? [...index.manifests, ...added] : undefined;
    });
  }

  async referrers(digest: string): Promise<Descriptor[]> {
    return this.#referrersIn(await readIndex(this.#folder.path), digest);
  }

  async listVersions(): Promise<Descriptor[]> {
    return uniqueEntries(await readIndex(this.#folder.path));
  }

  async listTags(): Promise<Record<string, string>> {
    return tagsOf(await readIndex(this.#folder.path));
  }

  async moveTags(
    names: string[],
    decide: (current: Record<string, string | undefined>) => Promise<TagMove[]>,
  ): Promise<void> {
    await this.#changeIndex(async (index) => {
      const tags = tagsOf(index);
      const moves = await decide(Object.fromEntries(names.map((name) => [name, tags[name]])));
      for (const { manifest, mustBePresent } of moves) {
        const { digest } = manifest.descriptor;
        const isPresent = index.manifests.some((entry) => entry.digest === digest);
        if (mustBePresent && !isPresent) throw missing(`model version ${digest}: it was just removed`);
      }
      await this.putBlobs(moves.map(({ manifest }) => blobOf(manifest)));
      const moved = new Set(moves.map((move) => move.tag));
      const kept = index.manifests.filter((entry) => !moved.has(tagOf(entry) ?? ''));
      return [...kept, ...moves.map(taggedDescriptor)];
    });
  }

  async removeVersion(digest: string): Promise<void> {
    if (!(await stat(this.#folder.path).catch(() => undefined))) return;
    await this.#changeIndex(async (index) => {
      refuseAliased(tagsOf(index), digest);
      const going = new Set([digest]);
      for (const subject of going) {
        for (const entry of await this.#referrersIn(index, subject)) going.add(entry.digest);
      }
      const removed = index.manifests.filter((entry) => going.has(entry.digest));
      if (removed.length === 0) return undefined;
      await planRemoval(this.#folder, removed);
      return index.manifests.filter((entry) => !going.has(entry.digest));
    });
  }

  async #referrersIn(index: OciIndex, digest: string): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    for (const entry of uniqueEntries(index)) {
      if (entry.artifactType === MODEL_ARTIFACT_TYPE || !isManifest({ descriptor: entry })) continue;
      const known = this.#referring.get(entry.digest) ?? (await this.#readReferring(entry));
      if (known?.subject === digest) found.push(known.descriptor);
    }
    return found;
  }

  async #readReferring(entry: Descriptor): Promise<{ subject?: string; descriptor: Descriptor } | undefined> {
    const stored = await this.#readManifest(entry, (index) =>
      index.manifests.find((other) => other.digest === entry.digest),
    );
    if (!stored) return undefined;
    const subject = parseManifest(stored.bytes, entry.digest).subject?.digest;
    const referring = { ...(subject ? { subject } : {}), descriptor: describedByItself(stored) };
    this.#referring.set(entry.digest, referring);
    return referring;
  }

  /** @param find looks for the same entry again: a version may be removed between reading the index and this. */
  async #readManifest(
    entry: Descriptor,
    find: (index: OciIndex) => Descriptor | undefined,
  ): Promise<StoredManifest | undefined> {
    const path = this.#folder.blob(entry.digest);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      const again = find(await readIndex(this.#folder.path));
      if (!again) return undefined;
      if (again.digest !== entry.digest) return this.#readManifest(again, find);
      throw new UserError(`The registry folder lacks the manifest ${entry.digest} that its index names.`, {
        where: { file: this.#folder.path },
        fix: 'Restore the folder from a copy, or remove it and register its models again.',
        cause,
      });
    }
    if (sha256(bytes) !== entry.digest) {
      throw new UserError(`The manifest ${entry.digest} in the registry folder is damaged.`, {
        where: { file: path },
        fix: 'Restore the folder from a copy.',
      });
    }
    const { [REF_NAME_ANNOTATION]: _tag, ...annotations } = entry.annotations ?? {};
    return { bytes, descriptor: { ...entry, annotations } };
  }

  async #changeIndex(change: (index: OciIndex) => Promise<Descriptor[] | undefined>): Promise<void> {
    const { path, temporary } = this.#folder;
    const work = async () => {
      await finishRemoval(this.#folder);
      const index = await readIndex(path);
      const manifests = await change(index);
      if (!manifests) return;
      const bytes = new TextEncoder().encode(`${JSON.stringify({ ...index, manifests }, null, 2)}\n`);
      await writeDurably(join(path, 'index.json'), temporary, bytes);
      await finishRemoval(this.#folder);
    };
    await this.#folder.write(() => withLock(join(path, '.lock'), work, { signal: this.#signal }));
  }
}

function blobOf({ bytes, descriptor }: StoredManifest): BlobSource {
  return { digest: descriptor.digest, size: descriptor.size, bytes };
}

function uniqueEntries(index: OciIndex): Descriptor[] {
  return [...new Map(index.manifests.map((entry) => [entry.digest, entry])).values()];
}
