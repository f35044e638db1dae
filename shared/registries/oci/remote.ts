import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { MODEL_MANIFEST_TYPE } from '../../models/media-types.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { isAliasTag } from '../alias.ts';
import type { ModelLocation } from '../model-uri.ts';
import type { RegistryOptions } from '../registry-interface.ts';
import { readLimited, streamFile } from './bodies.ts';
import { findCredentials } from './docker-config.ts';
import { RegistryHttpClient } from './http-client.ts';
import { nextPage } from './next-page.ts';
import { RemoteReferrers } from './remote-referrers.ts';
import {
  type BlobSource,
  type Descriptor,
  INDEX_TYPE,
  type OciStore,
  type StoredManifest,
  type TagMove,
} from './types.ts';

const MANIFEST_TYPES = [
  MODEL_MANIFEST_TYPE,
  INDEX_TYPE,
  'application/vnd.docker.distribution.manifest.v2+json',
];
const LARGEST_MANIFEST = 16 * 1024 * 1024;
const VERSION_TAG = /^version-([0-9a-f]{64})$/;

/** Opens one repository of a registry. Nothing is sent until a method is called. */
export function openRemoteStore(location: ModelLocation, options: RegistryOptions): OciStore {
  const [host = '', ...namespace] = location.path.split('/');
  const client = new RegistryHttpClient({
    host,
    repository: [...namespace, location.name].join('/'),
    credentials: remember(() => findCredentials(host, options.env, options.githubToken)),
    fetch: options.fetch ?? fetch,
    wait: options.wait ?? ((milliseconds) => delay(milliseconds, undefined, { signal: options.signal })),
    signal: options.signal,
  });
  return new RemoteStore(client);
}

function remember<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/**
 * A registry over the distribution specification. Each blob is sent whole in one PUT (several registries refuse
 * chunks). Every version gets a tag `version-<digest>`, since a registry lists tags only and some remove what has
 * none.
 */
export class RemoteStore implements OciStore {
  readonly atomicTags = false;
  readonly #client: RegistryHttpClient;
  readonly #referrers: RemoteReferrers;

  constructor(client: RegistryHttpClient) {
    this.#client = client;
    this.#referrers = new RemoteReferrers(client, {
      get: (reference) => this.getManifest(reference),
      put: async (reference, bytes, mediaType) => void (await this.#putManifest(reference, bytes, mediaType)),
    });
  }

  async putBlob(blob: BlobSource): Promise<void> {
    // As a whole: an upload that was answered with an error, or not at all, may still have taken effect.
    await this.#client.retry(async () => {
      const to = `blobs/${blob.digest}`;
      const head = await this.#client.sendOnce({ method: 'HEAD', to, access: 'push', accept: [200, 404] });
      if (head.status === 200) return;
      const start = await this.#client.sendOnce({
        method: 'POST',
        to: 'blobs/uploads/',
        access: 'push',
        headers: { 'content-length': '0' },
        accept: [201, 202],
      });
      await start.body?.cancel();
      const location = start.headers.get('location');
      if (!location) throw new UserError('The registry began an upload without saying where it goes.');
      await this.#upload(new URL(location, start.url), blob);
    });
  }

  async #upload(location: URL, blob: BlobSource): Promise<void> {
    // By hand: parsing and writing the whole query again could change what the registry has signed.
    location.search += `${location.search ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`;
    const response = await this.#client.sendOnce({
      method: 'PUT',
      to: location,
      access: 'push',
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
      body: () => ('bytes' in blob ? Uint8Array.from(blob.bytes) : streamFile(blob.path)),
      accept: [201, 204],
    });
    await response.body?.cancel();
  }

  async openBlob(digest: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const response = await this.#client.send({
      method: 'GET',
      to: `blobs/${digest}`,
      access: 'pull',
      accept: [200, 404],
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    return response.body ?? (async function* () {})();
  }

  async getManifest(reference: string): Promise<StoredManifest | undefined> {
    const response = await this.#client.send({
      method: 'GET',
      to: `manifests/${reference}`,
      access: 'pull',
      headers: { accept: MANIFEST_TYPES.join(', ') },
      accept: [200, 404],
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    const bytes = await readLimited(response, LARGEST_MANIFEST);
    const digest = sha256(bytes);
    if (reference.startsWith('sha256:') && digest !== reference) {
      throw new UserError(`The registry answered ${reference} with other bytes (${digest}).`);
    }
    const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim() || MODEL_MANIFEST_TYPE;
    return { bytes, descriptor: { mediaType, digest, size: bytes.length } };
  }

  async publishVersion(manifest: StoredManifest): Promise<boolean> {
    const { digest, mediaType } = manifest.descriptor;
    const isNew = (await this.#digestOf(digest)) === undefined;
    if (isNew) await this.#putManifest(digest, manifest.bytes, mediaType);
    const tag = `version-${digest.slice('sha256:'.length)}`;
    if ((await this.#digestOf(tag)) !== digest) await this.#putManifest(tag, manifest.bytes, mediaType);
    return isNew;
  }

  async putReferrers(subject: Descriptor, manifests: StoredManifest[]): Promise<void> {
    const unlisted: Descriptor[] = [];
    for (const { bytes, descriptor } of manifests) {
      const response = await this.#putManifest(descriptor.digest, bytes, descriptor.mediaType);
      // A registry that knows referrers says so; for any other the list is kept by hand.
      if (!response.headers.get('oci-subject')) unlisted.push(descriptor);
    }
    if (unlisted.length > 0) await this.#referrers.addByTag(subject.digest, unlisted);
  }

  referrers(digest: string): Promise<Descriptor[]> {
    return this.#referrers.list(digest);
  }

  async listVersions(): Promise<Descriptor[]> {
    const published = (await this.#allTags()).flatMap((tag) => VERSION_TAG.exec(tag)?.[1] ?? []);
    const tagged = Object.values(await this.listTags());
    const digests = new Set([...published.map((hex) => `sha256:${hex}`), ...tagged]);
    return [...digests].map((digest) => ({ mediaType: MODEL_MANIFEST_TYPE, digest, size: 0 }));
  }

  async listTags(): Promise<Record<string, string>> {
    const tags: Record<string, string> = Object.create(null);
    for (const tag of (await this.#allTags()).filter(isAliasTag)) {
      const digest = await this.#digestOf(tag);
      if (digest) tags[tag] = digest;
    }
    return tags;
  }

  async moveTags(
    names: string[],
    decide: (current: Record<string, string | undefined>) => Promise<TagMove[]>,
  ): Promise<void> {
    const current: Record<string, string | undefined> = Object.create(null);
    for (const name of names) current[name] = await this.#digestOf(name);
    const moves = await decide(current);
    for (const { tag, manifest } of moves) {
      await this.#putManifest(tag, manifest.bytes, manifest.descriptor.mediaType);
    }
    for (const { tag, manifest } of moves) {
      const found = await this.#digestOf(tag);
      if (found === manifest.descriptor.digest) continue;
      throw new UserError(
        `The tag ${tag} was moved to ${found ?? 'nothing'} by another job at the same moment.`,
        {
          fix: 'Let one job at a time move an alias (a concurrency group), and run this one again.',
        },
      );
    }
  }

  async #putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<Response> {
    const response = await this.#client.send({
      method: 'PUT',
      to: `manifests/${reference}`,
      access: 'push',
      headers: { 'content-type': mediaType },
      body: () => Uint8Array.from(bytes),
      accept: [200, 201, 202],
    });
    await response.body?.cancel();
    return response;
  }

  async #digestOf(reference: string): Promise<string | undefined> {
    const response = await this.#client.send({
      method: 'HEAD',
      to: `manifests/${reference}`,
      access: 'pull',
      headers: { accept: MANIFEST_TYPES.join(', ') },
      accept: [200, 404],
    });
    if (response.status === 404) return undefined;
    const digest = response.headers.get('docker-content-digest');
    if (digest?.startsWith('sha256:')) return digest;
    return (await this.getManifest(reference))?.descriptor.digest;
  }

  async #allTags(): Promise<string[]> {
    const tags: string[] = [];
    let next: string | URL | undefined = 'tags/list?n=1000';
    while (next !== undefined) {
      const response: Response = await this.#client.send({
        method: 'GET',
        to: next,
        access: 'pull',
        accept: [200, 404],
      });
      const body = (await response.json().catch(() => undefined)) as { tags?: unknown } | undefined;
      if (response.status === 404) return tags;
      if (Array.isArray(body?.tags)) tags.push(...body.tags.filter((tag) => typeof tag === 'string'));
      next = nextPage(response);
    }
    return tags;
  }
}
