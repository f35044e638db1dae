import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { MODEL_ARTIFACT_TYPE } from '../../models/media-types.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { removeAbandoned } from '../process-identity.ts';
import { parseManifest, storedManifest } from './artifacts.ts';
import { PARTIAL_STEM, writeBlobDurably, writeDurably } from './durable.ts';
import { withLock } from './lock.ts';
import {
  type BlobSource,
  type Descriptor,
  INDEX_TYPE,
  indexSchema,
  type OciIndex,
  type OciStore,
  REF_NAME_ANNOTATION,
  type StoredManifest,
  type TagMove,
} from './types.ts';

const LAYOUT_VERSION = '1.0.0';
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);
const OWN_ENTRIES = new Set(['oci-layout', 'index.json', 'blobs']);

/**
 * An OCI image layout in a folder, readable by skopeo and oras. Blobs are written once under their digest; all
 * that can change is `index.json`, which is replaced whole under a lock.
 */
export class LayoutStore implements OciStore {
  readonly atomicTags = true;
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  #isPrepared = false;

  constructor(folder: string, signal?: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  async putBlob(blob: BlobSource): Promise<void> {
    await this.#writing(async () => {
      await this.#prepare();
      const path = this.#blobPath(blob.digest);
      const present = await stat(path).catch(() => undefined);
      if (present?.size === blob.size) return;
      await writeBlobDurably(path, this.#temporaryFolder, blob, this.#signal);
    });
  }

  async openBlob(digest: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.#blobPath(digest);
    const present = await stat(path).catch(() => undefined);
    return present ? createReadStream(path, { highWaterMark: 1 << 20, signal: this.#signal }) : undefined;
  }

  async getManifest(reference: string): Promise<StoredManifest | undefined> {
    const index = await this.#readIndex();
    const isDigest = reference.startsWith('sha256:');
    const entry = index.manifests.find((descriptor) =>
      isDigest ? descriptor.digest === reference : tagOf(descriptor) === reference,
    );
    return entry ? this.#readManifest(entry) : undefined;
  }

  async publishVersion(manifest: StoredManifest): Promise<boolean> {
    await this.putBlob({ ...manifest.descriptor, bytes: manifest.bytes });
    let isNew = false;
    await this.#changeIndex(async (index) => {
      const { digest } = manifest.descriptor;
      isNew = !index.manifests.some((entry) => entry.digest === digest);
      if (index.manifests.some((entry) => entry.digest === digest && tagOf(entry) === undefined))
        return undefined;
      return [...index.manifests, manifest.descriptor];
    });
    return isNew;
  }

  async putReferrers(_subject: Descriptor, manifests: StoredManifest[]): Promise<void> {
    for (const manifest of manifests) await this.putBlob({ ...manifest.descriptor, bytes: manifest.bytes });
    await this.#changeIndex(async (index) => {
      const present = new Set(index.manifests.map((entry) => entry.digest));
      const added = manifests
        .map((manifest) => manifest.descriptor)
        .filter((entry) => !present.has(entry.digest));
      return added.length > 0 ? [...index.manifests, ...added] : undefined;
    });
  }

  async referrers(digest: string): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    for (const entry of await this.#uniqueEntries()) {
      if (entry.artifactType === MODEL_ARTIFACT_TYPE) continue;
      const stored = await this.#readManifest(entry);
      const manifest = parseManifest(stored.bytes, entry.digest);
      if (manifest.subject?.digest === digest) found.push(storedManifest(stored.bytes, manifest).descriptor);
    }
    return found;
  }

  async listVersions(): Promise<Descriptor[]> {
    return this.#uniqueEntries();
  }

  async listTags(): Promise<Record<string, string>> {
    return tagsOf(await this.#readIndex());
  }

  async moveTags(
    names: string[],
    decide: (current: Record<string, string | undefined>) => Promise<TagMove[]>,
  ): Promise<void> {
    await this.#changeIndex(async (index) => {
      const tags = tagsOf(index);
      const moves = await decide(Object.fromEntries(names.map((name) => [name, tags[name]])));
      for (const { manifest } of moves) await this.putBlob({ ...manifest.descriptor, bytes: manifest.bytes });
      const moved = new Set(moves.map((move) => move.tag));
      const kept = index.manifests.filter((entry) => !moved.has(tagOf(entry) ?? ''));
      return [...kept, ...moves.map(taggedDescriptor)];
    });
  }

  get #temporaryFolder(): string {
    return join(this.#folder, '.partial');
  }

  #blobPath(digest: string): string {
    return join(this.#folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
  }

  async #uniqueEntries(): Promise<Descriptor[]> {
    const index = await this.#readIndex();
    return [...new Map(index.manifests.map((entry) => [entry.digest, entry])).values()];
  }

  async #readManifest(entry: Descriptor): Promise<StoredManifest> {
    const bytes = await readFile(this.#blobPath(entry.digest)).catch((cause) => {
      throw new UserError(`The registry folder lacks the manifest ${entry.digest} that its index names.`, {
        where: { file: this.#folder },
        fix: 'Restore the folder from a copy, or remove it and register its models again.',
        cause,
      });
    });
    if (sha256(bytes) !== entry.digest) {
      throw new UserError(`The manifest ${entry.digest} in the registry folder is damaged.`, {
        where: { file: this.#blobPath(entry.digest) },
        fix: 'Restore the folder from a copy.',
      });
    }
    const { [REF_NAME_ANNOTATION]: _tag, ...annotations } = entry.annotations ?? {};
    return { bytes, descriptor: { ...entry, annotations } };
  }

  async #readIndex(): Promise<OciIndex> {
    const path = join(this.#folder, 'index.json');
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw new UserError(`${path} cannot be read (${error.code}).`, {
        where: { file: path, key: 'registry' },
      });
    });
    if (text === undefined) return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] };
    try {
      return indexSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError(`${path} is not an OCI index.`, {
        where: { file: path },
        fix: 'Restore the folder from a copy; this file is never edited by hand.',
        cause,
      });
    }
  }

  async #changeIndex(change: (index: OciIndex) => Promise<Descriptor[] | undefined>): Promise<void> {
    const work = async () => {
      const index = await this.#readIndex();
      const manifests = await change(index);
      if (!manifests) return;
      const bytes = new TextEncoder().encode(`${JSON.stringify({ ...index, manifests }, null, 2)}\n`);
      await writeDurably(join(this.#folder, 'index.json'), this.#temporaryFolder, bytes);
    };
    await this.#writing(async () => {
      await this.#prepare();
      await withLock(join(this.#folder, '.lock'), work, { signal: this.#signal });
    });
  }

  /** What the system refuses is told as what it means for the registry. */
  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const { code = '', message } = cause as NodeJS.ErrnoException;
      if (!REFUSALS.has(code)) throw cause;
      throw new UserError(`The registry folder ${this.#folder} cannot be written: ${message}.`, {
        where: { file: this.#folder, key: 'registry' },
        fix: 'Give a folder that this account may write to and that has room left.',
        cause,
      });
    }
  }

  /** Makes the folder a layout (it may be new) and clears away what killed processes left. */
  async #prepare(): Promise<void> {
    if (this.#isPrepared) return;
    await mkdir(this.#folder, { recursive: true });
    await this.#checkFolder();
    const marker = new TextEncoder().encode(JSON.stringify({ imageLayoutVersion: LAYOUT_VERSION }));
    const markerPath = join(this.#folder, 'oci-layout');
    if (!(await stat(markerPath).catch(() => undefined))) {
      await writeDurably(markerPath, this.#temporaryFolder, marker);
    }
    removeAbandoned(this.#temporaryFolder, PARTIAL_STEM);
    this.#isPrepared = true;
  }

  async #checkFolder(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('.'));
    if (!names.includes('oci-layout')) {
      const foreign = names.find((name) => !OWN_ENTRIES.has(name));
      if (foreign === undefined) return;
      throw new UserError(`${this.#folder} is no registry: it holds ${foreign} and no oci-layout file.`, {
        where: { file: this.#folder },
        fix: 'Give a folder of its own to the registry, e.g. oci-layout:mlops-registry.',
      });
    }
    const marker = await readFile(join(this.#folder, 'oci-layout'), 'utf8');
    if (!marker.includes(`"${LAYOUT_VERSION}"`)) {
      throw new UserError(`${this.#folder} is an image layout of an unknown version.`, {
        where: { file: join(this.#folder, 'oci-layout') },
        fix: `This version reads image layout ${LAYOUT_VERSION}.`,
      });
    }
  }
}

function tagOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[REF_NAME_ANNOTATION];
}

function tagsOf(index: OciIndex): Record<string, string> {
  const tags: Record<string, string> = Object.create(null);
  for (const entry of index.manifests) {
    const tag = tagOf(entry);
    if (tag !== undefined) tags[tag] = entry.digest;
  }
  return tags;
}

function taggedDescriptor({ tag, manifest }: TagMove): Descriptor {
  const { descriptor } = manifest;
  return { ...descriptor, annotations: { ...descriptor.annotations, [REF_NAME_ANNOTATION]: tag } };
}
