import { UserError } from '../../errors.ts';
import { MODEL_MANIFEST_TYPE } from '../../models/media-types.ts';
import { PageBound } from '../../page-bound.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { INDEX_TYPE, type StoredManifest } from '../manifest.ts';
import { readJson, readLimited } from './bodies.ts';
import type { RegistryHttpClient } from './http-client.ts';
import { nextPage } from './next-page.ts';

const MANIFEST_TYPES = [
  MODEL_MANIFEST_TYPE,
  INDEX_TYPE,
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };
const LARGEST_MANIFEST = 16 * 1024 * 1024;

/** Manifests and tags of one remote repository. */
export class RemoteManifests {
  readonly #client: RegistryHttpClient;

  constructor(client: RegistryHttpClient) {
    this.#client = client;
  }

  async get(reference: string): Promise<StoredManifest | undefined> {
    const response = await this.#client.send({
      method: 'GET',
      to: `manifests/${reference}`,
      access: 'pull',
      headers: ACCEPT,
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

  async put(reference: string, bytes: Uint8Array, mediaType: string): Promise<Response> {
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

  async digestOf(reference: string): Promise<string | undefined> {
    const response = await this.#client.send({
      method: 'HEAD',
      to: `manifests/${reference}`,
      access: 'pull',
      headers: ACCEPT,
      accept: [200, 404],
    });
    if (response.status === 404) return undefined;
    const digest = response.headers.get('docker-content-digest');
    if (digest?.startsWith('sha256:')) return digest;
    return (await this.get(reference))?.descriptor.digest;
  }

  /**
   * Deletes by digest, with every tag that points there; what is gone is done.
   * @throws UserError where the registry does not delete.
   */
  async delete(digest: string): Promise<void> {
    const response = await this.#client.send({
      method: 'DELETE',
      to: `manifests/${digest}`,
      access: 'delete',
      accept: [200, 202, 204, 400, 404, 405, 501],
    });
    await response.body?.cancel();
    if ([400, 405, 501].includes(response.status)) throw this.#deletesNothing(response.status);
  }

  /** @param absent the digest of no manifest. @throws UserError where the registry does not delete. */
  async refuseWithoutDeletion(absent: string): Promise<void> {
    const response = await this.#client.send({
      method: 'DELETE',
      to: `manifests/${absent}`,
      access: 'delete',
      accept: [200, 202, 204, 400, 404, 405, 501],
    });
    await response.body?.cancel();
    // 400 may be said of the digest alone.
    if (response.status === 405 || response.status === 501) throw this.#deletesNothing(response.status);
  }

  #deletesNothing(status: number): UserError {
    const { host } = this.#client.place;
    return new UserError(`The registry ${host} does not remove versions: DELETE was answered ${status}.`, {
      fix:
        host === 'ghcr.io'
          ? 'Delete the version on the package’s page, or with GitHub’s API for packages.'
          : 'Allow it there (docker-registry: REGISTRY_STORAGE_DELETE_ENABLED=true), or use the registry’s own clean-up.',
    });
  }

  /** Removes a tag that outlived its manifest, where the registry can. */
  async deleteTag(tag: string): Promise<void> {
    if ((await this.digestOf(tag)) === undefined) return;
    const response = await this.#client.send({
      method: 'DELETE',
      to: `manifests/${tag}`,
      access: 'delete',
      accept: [200, 202, 204, 400, 404, 405],
    });
    await response.body?.cancel();
  }

  async tags(): Promise<string[]> {
    const tags: string[] = [];
    const { host, repository } = this.#client.place;
    const bound = new PageBound(`the tags of ${host}/${repository}`);
    let next: string | URL | undefined = 'tags/list?n=1000';
    while (next !== undefined) {
      const response: Response = await this.#client.send({
        method: 'GET',
        to: next,
        access: 'pull',
        accept: [200, 404],
      });
      const body = (await readJson(response)) as { tags?: unknown } | null | undefined;
      if (response.status === 404) return tags;
      const page = Array.isArray(body?.tags) ? body.tags : [];
      for (const tag of page) if (typeof tag === 'string') tags.push(tag);
      next = nextPage(response);
      bound.turn(page.length, next?.href);
    }
    return tags;
  }
}
