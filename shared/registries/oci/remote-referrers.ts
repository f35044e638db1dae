import { UserError } from '../../errors.ts';
import { PageBound } from '../../page-bound.ts';
import { type Descriptor, describedByItself, INDEX_TYPE, type StoredManifest } from '../manifest.ts';
import { readJson } from './bodies.ts';
import type { RegistryHttpClient } from './http-client.ts';
import { nextPage } from './next-page.ts';
import type { RemoteManifests } from './remote-manifests.ts';
import { indexSchema, type OciIndex } from './store.ts';

const ATTEMPTS = 8;
/** Of the digest of what refers, in its own tag: a tag has at most 128 characters. */
const TAG_DIGITS = 24;

/**
 * What refers to a manifest in a remote registry: by its referrers API, or without one by the tag that the
 * specification falls back to. That tag's list can lose an entry when two jobs write it at the same moment, and no
 * reading again is ever enough. So there every referrer has a tag of its own too, which nobody else writes; reading
 * unites both, and each write mends the list for other tools.
 */
export class RemoteReferrers {
  readonly #client: RegistryHttpClient;
  readonly #manifests: RemoteManifests;
  #hasApi: boolean | undefined;

  constructor(client: RegistryHttpClient, manifests: RemoteManifests) {
    this.#client = client;
    this.#manifests = manifests;
  }

  /** @param tags of the repository, where the caller has just read them. */
  async list(digest: string, tags?: string[]): Promise<Descriptor[]> {
    const found = this.#hasApi === false ? undefined : await this.#listByApi(digest);
    const listed = found ?? (await this.#listByTags(digest, tags));
    return Promise.all(listed.map((entry) => this.#complete(entry)));
  }

  async put(subject: Descriptor, manifests: StoredManifest[]): Promise<void> {
    const unlisted: Descriptor[] = [];
    for (const { bytes, descriptor } of manifests) {
      const response = await this.#manifests.put(descriptor.digest, bytes, descriptor.mediaType);
      // A registry that knows referrers says so; some know them and do not say it, and lose nothing by a list.
      if (response.headers.get('oci-subject')) {
        this.#hasApi = true;
        continue;
      }
      unlisted.push(descriptor);
      await this.#manifests.put(ownTag(subject.digest, descriptor.digest), bytes, descriptor.mediaType);
    }
    if (unlisted.length > 0) await this.#addToList(subject.digest, unlisted);
  }

  /** Puts back into the list what another job's write took out of it. */
  async mend(digest: string): Promise<void> {
    if (this.#hasApi) return;
    const entries = await this.#listByTags(digest);
    if (entries.length > 0) await this.#addToList(digest, entries);
  }

  /** Deletes everything that refers to a digest, and the list of it. */
  async deleteAll(digest: string): Promise<void> {
    for (const entry of await this.list(digest)) {
      await this.#manifests.delete(entry.digest);
      await this.#manifests.deleteTag(ownTag(digest, entry.digest));
    }
    const list = await this.#manifests.digestOf(listTag(digest));
    if (list) await this.#manifests.delete(list);
  }

  async #listByApi(digest: string): Promise<Descriptor[] | undefined> {
    const found: Descriptor[] = [];
    const bound = new PageBound(`what refers to ${digest} in ${this.#client.place.host}`);
    let next: string | URL | undefined = `referrers/${digest}`;
    while (next !== undefined) {
      const response: Response = await this.#client.send({
        method: 'GET',
        to: next,
        access: 'pull',
        headers: { accept: INDEX_TYPE },
        accept: [200, 400, 404, 405, 501],
      });
      // Some registries answer this address with a web page.
      const json = await readJson(response);
      const index = response.status === 200 ? indexSchema.safeParse(json) : undefined;
      if (!index?.success) {
        // Nothing was pushed there yet: that says nothing of the API.
        if (!JSON.stringify(json ?? '').includes('NAME_UNKNOWN')) this.#hasApi = false;
        return undefined;
      }
      for (const entry of index.data.manifests) found.push(entry);
      next = nextPage(response);
      bound.turn(index.data.manifests.length, next?.href);
    }
    this.#hasApi = true;
    return found;
  }

  async #listByTags(digest: string, tags?: string[]): Promise<Descriptor[]> {
    const listed = (await this.#readList(digest)).manifests;
    const prefix = ownTag(digest, '');
    const known = new Set(listed.map((entry) => ownTag(digest, entry.digest)));
    const lost = (tags ?? (await this.#manifests.tags())).filter(
      (tag) => tag.startsWith(prefix) && /^[0-9a-f]+$/.test(tag.slice(prefix.length)) && !known.has(tag),
    );
    const found = await Promise.all(lost.map((tag) => this.#manifests.get(tag)));
    return [...listed, ...found.flatMap((stored) => (stored ? [describedByItself(stored)] : []))];
  }

  /** The annotations tell an attachment's age, and not every registry's list has them. */
  async #complete(entry: Descriptor): Promise<Descriptor> {
    if (entry.annotations !== undefined && entry.artifactType !== undefined) return entry;
    const stored = await this.#manifests.get(entry.digest);
    return stored ? describedByItself(stored) : entry;
  }

  /**
   * Adds to the list. The registry cannot compare before it writes, so what was written is read again, and written
   * again when another job overwrote it meanwhile.
   */
  async #addToList(digest: string, added: Descriptor[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const index = await this.#readList(digest);
      const present = new Set(index.manifests.map((entry) => entry.digest));
      const missing = added.filter((entry) => !present.has(entry.digest));
      if (missing.length === 0) return;
      const next: OciIndex = { ...index, manifests: [...index.manifests, ...missing] };
      const bytes = new TextEncoder().encode(JSON.stringify(next));
      await this.#manifests.put(listTag(digest), bytes, INDEX_TYPE);
    }
    throw new UserError(`Other jobs kept changing what is attached to ${digest} at the same moment.`, {
      fix: 'Let one job at a time register a model (a concurrency group), and run this one again.',
    });
  }

  async #readList(digest: string): Promise<OciIndex> {
    const stored = await this.#manifests.get(listTag(digest));
    if (!stored) return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] };
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(stored.bytes));
    } catch {
      json = undefined;
    }
    const parsed = indexSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new UserError(`The registry's tag ${listTag(digest)} is not a list of referrers.`);
  }
}

/** `sha256:<hex>` → `sha256-<hex>`: the distribution specification's own tag for registries without the API. */
function listTag(digest: string): string {
  return digest.replace(':', '-');
}

/** The tag of one referrer alone: the list's, a dot, and the beginning of the referrer's digest. */
function ownTag(subject: string, referrer: string): string {
  return `${listTag(subject)}.${referrer.slice('sha256:'.length).slice(0, TAG_DIGITS)}`;
}
