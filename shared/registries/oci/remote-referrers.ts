import { UserError } from '../../errors.ts';
import type { RegistryHttpClient } from './http-client.ts';
import { nextPage } from './next-page.ts';
import { type Descriptor, INDEX_TYPE, indexSchema, type OciIndex, type StoredManifest } from './types.ts';

const ATTEMPTS = 8;

interface ManifestAccess {
  get: (reference: string) => Promise<StoredManifest | undefined>;
  put: (reference: string, bytes: Uint8Array, mediaType: string) => Promise<void>;
}

/** What refers to a manifest in a remote registry: by its referrers API, or by the tag the specification falls back to. */
export class RemoteReferrers {
  readonly #client: RegistryHttpClient;
  readonly #manifests: ManifestAccess;
  #hasApi = true;

  constructor(client: RegistryHttpClient, manifests: ManifestAccess) {
    this.#client = client;
    this.#manifests = manifests;
  }

  async list(digest: string): Promise<Descriptor[]> {
    const found = this.#hasApi ? await this.#listByApi(digest) : undefined;
    if (found) return found;
    this.#hasApi = false;
    return (await this.#readTag(digest)).manifests;
  }

  async #listByApi(digest: string): Promise<Descriptor[] | undefined> {
    const found: Descriptor[] = [];
    let next: string | URL | undefined = `referrers/${digest}`;
    while (next !== undefined) {
      const response: Response = await this.#client.send({
        method: 'GET',
        to: next,
        access: 'pull',
        headers: { accept: INDEX_TYPE },
        accept: [200, 400, 404, 405, 501],
      });
      const json: unknown = await response.json().catch(() => undefined);
      // Some registries answer this address with a web page.
      const index = response.status === 200 ? indexSchema.safeParse(json) : undefined;
      if (!index?.success) return undefined;
      found.push(...index.data.manifests);
      next = nextPage(response);
    }
    return found;
  }

  /**
   * Adds to the fallback tag's index. The registry cannot compare before it writes, so what was written is read
   * again, and written again when another job overwrote it meanwhile.
   */
  async addByTag(digest: string, added: Descriptor[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const index = await this.#readTag(digest);
      const present = new Set(index.manifests.map((entry) => entry.digest));
      const missing = added.filter((entry) => !present.has(entry.digest));
      if (missing.length === 0) return;
      const next: OciIndex = { ...index, manifests: [...index.manifests, ...missing] };
      const bytes = new TextEncoder().encode(JSON.stringify(next));
      await this.#manifests.put(fallbackTag(digest), bytes, INDEX_TYPE);
    }
    throw new UserError(`Other jobs kept changing what is attached to ${digest} at the same moment.`, {
      fix: 'Let one job at a time register a model (a concurrency group), and run this one again.',
    });
  }

  async #readTag(digest: string): Promise<OciIndex> {
    const stored = await this.#manifests.get(fallbackTag(digest));
    if (!stored) return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] };
    const parsed = indexSchema.safeParse(JSON.parse(new TextDecoder().decode(stored.bytes)));
    if (parsed.success) return parsed.data;
    throw new UserError(`The registry's tag ${fallbackTag(digest)} is not a list of referrers.`);
  }
}

/** `sha256:<hex>` → `sha256-<hex>`: the distribution specification's own tag for registries without the API. */
function fallbackTag(digest: string): string {
  return digest.replace(':', '-');
}
