import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import { MODEL_MANIFEST_TYPE } from '../../models/media-types.ts';
import { isAliasTag } from '../alias.ts';
import type { BlobSource, Descriptor, StoredManifest } from '../manifest.ts';
import type { ModelLocation } from '../model-uri.ts';
import type { RegistryOptions } from '../registry-interface.ts';
import { removedMeanwhile } from '../removal-mark.ts';
import { findCredentials } from './docker-config.ts';
import { RegistryHttpClient } from './http-client.ts';
import { RemoteManifests } from './remote-manifests.ts';
import { RemoteReferrers } from './remote-referrers.ts';
import { RemoteRemoval, type RemovalOptions, type TagBefore, versionTag } from './remote-removal.ts';
import { RemoteUploads } from './remote-uploads.ts';
import type { OciStore, TagMove } from './store.ts';

const VERSION_TAG = /^version-([0-9a-f]{64})$/;

/** Opens one repository of a registry. Nothing is sent until a method is called. */
export function openRemoteStore(location: ModelLocation, options: RegistryOptions): OciStore {
  const [host = '', ...namespace] = location.path.split('/');
  const repository = [...namespace, location.name].join('/');
  const wait =
    options.wait ?? ((milliseconds: number) => delay(milliseconds, undefined, { signal: options.signal }));
  const client = new RegistryHttpClient({
    host,
    repository,
    credentials: remember(() =>
      findCredentials({ host, repository }, { env: options.env, githubToken: options.githubToken }),
    ),
    fetch: options.fetch ?? fetch,
    wait,
    signal: options.signal,
  });
  const { signal, now = () => new Date() } = options;
  return new RemoteStore(client, { signal, now, wait });
}

function remember<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/**
 * A registry over the distribution specification. Every version gets a tag `version-<digest>`, since a registry
 * lists tags only and some remove what has none. A removal that meets a registration of the very same bytes may
 * take away from it: nothing in the specification could prevent that.
 */
class RemoteStore implements OciStore {
  readonly atomicTags = false;
  readonly atomicRemove = false;
  readonly freesBytes = false;
  readonly place: { host: string; repository: string };
  readonly #client: RegistryHttpClient;
  readonly #signal: AbortSignal | undefined;
  readonly #manifests: RemoteManifests;
  readonly #referrers: RemoteReferrers;
  readonly #uploads: RemoteUploads;
  readonly #removal: RemoteRemoval;
  #listedTags: string[] | undefined;

  constructor(client: RegistryHttpClient, options: RemovalOptions & { signal: AbortSignal | undefined }) {
    this.#client = client;
    this.#signal = options.signal;
    this.place = client.place;
    this.#manifests = new RemoteManifests(client);
    this.#referrers = new RemoteReferrers(client, this.#manifests);
    this.#uploads = new RemoteUploads(client);
    const parts = { manifests: this.#manifests, referrers: this.#referrers, uploads: this.#uploads };
    this.#removal = new RemoteRemoval(parts, options);
  }

  async putBlobs(blobs: BlobSource[], onStart?: (blob: BlobSource) => void): Promise<void> {
    const unique = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
    await inParallel(unique, async (blob) => {
      this.#signal?.throwIfAborted();
      onStart?.(blob);
      await this.#uploads.put(blob);
    });
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

  mend(digest: string): string {
    const { host, repository } = this.place;
    return `The registry ${host} sends other bytes than it says it has: delete the blob ${digest} of ${repository} there, or remove the version and let the registry collect its garbage; then register the model again.`;
  }

  getManifest(reference: string): Promise<StoredManifest | undefined> {
    return this.#manifests.get(reference);
  }

  async publishVersion(manifest: StoredManifest): Promise<boolean> {
    const { digest, mediaType } = manifest.descriptor;
    const isNew = (await this.#manifests.digestOf(digest)) === undefined;
    if (isNew) await this.#manifests.put(digest, manifest.bytes, mediaType);
    const tag = versionTag(digest);
    if ((await this.#manifests.digestOf(tag)) !== digest)
      await this.#manifests.put(tag, manifest.bytes, mediaType);
    await this.#referrers.mend(digest);
    return isNew;
  }

  putReferrers(subject: Descriptor, manifests: StoredManifest[]): Promise<void> {
    return this.#referrers.put(subject, manifests);
  }

  referrers(digest: string, isListed = false): Promise<Descriptor[]> {
    return this.#referrers.list(digest, isListed ? this.#listedTags : undefined);
  }

  async listVersions(): Promise<Descriptor[]> {
    const tags = await this.#manifests.tags();
    this.#listedTags = tags;
    const published = tags.flatMap((tag) => VERSION_TAG.exec(tag)?.[1] ?? []);
    const tagged = Object.values(await this.#resolveAliases(tags));
    const digests = new Set([...published.map((hex) => `sha256:${hex}`), ...tagged]);
    return [...digests].map((digest) => ({ mediaType: MODEL_MANIFEST_TYPE, digest, size: 0 }));
  }

  async listTags(): Promise<Record<string, string>> {
    return this.#resolveAliases(await this.#manifests.tags());
  }

  async moveTags(
    names: string[],
    decide: (current: Record<string, string | undefined>) => Promise<TagMove[]>,
  ): Promise<void> {
    const current: Record<string, string | undefined> = Object.create(null);
    for (const name of names) current[name] = await this.#manifests.digestOf(name);
    const moves = await decide(current);
    const watched: { before: TagBefore; moved: string; stays: () => Promise<boolean> }[] = [];
    for (const { tag, manifest, mustBePresent } of moves) {
      const { digest: moved } = manifest.descriptor;
      if (!mustBePresent) continue;
      watched.push({
        before: { tag, digest: current[tag] },
        moved,
        stays: await this.#removal.watch(moved),
      });
    }
    for (const { tag, manifest } of moves) {
      await this.#manifests.put(tag, manifest.bytes, manifest.descriptor.mediaType);
    }
    for (const { before, moved, stays } of watched) {
      if (await stays()) continue;
      if (await this.#removal.takeBack(before, moved)) throw removedMeanwhile(before.tag, moved);
      throw new UserError(`The alias ${before.tag} now points to ${moved}, which another job is removing.`, {
        fix: 'Look whether the version is still there when that job has ended, and move the alias elsewhere if not.',
      });
    }
    for (const { tag, manifest } of moves) {
      const found = await this.#manifests.digestOf(tag);
      if (found === manifest.descriptor.digest) continue;
      throw new UserError(
        `The tag ${tag} was moved to ${found ?? 'nothing'} by another job at the same moment.`,
        {
          fix: 'Let one job at a time move an alias (a concurrency group), and run this one again.',
        },
      );
    }
  }

  async removeVersion(digest: string): Promise<void> {
    await this.#removal.remove(digest, () => this.listTags());
  }

  async #resolveAliases(tags: string[]): Promise<Record<string, string>> {
    const found: Record<string, string> = Object.create(null);
    await inParallel(tags.filter(isAliasTag), async (tag) => {
      const digest = await this.#manifests.digestOf(tag);
      if (digest) found[tag] = digest;
    });
    return found;
  }
}
