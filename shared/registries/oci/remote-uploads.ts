import { UserError } from '../../errors.ts';
import type { BlobSource } from '../manifest.ts';
import { bodyOf } from './bodies.ts';
import type { RegistryHttpClient } from './http-client.ts';

/** From this size on it is worth asking how far an interrupted upload came. */
const RESUMED_FROM = 64 * 1024 * 1024;

/**
 * Sends blobs to a remote registry. Each goes whole in one PUT: several registries refuse chunks, or lie about
 * them. Only what was interrupted in the middle of a large blob is continued, where the registry can say how far it
 * came and takes the rest; a wrong answer shows in the digest, and then all of it is sent again.
 */
export class RemoteUploads {
  readonly #client: RegistryHttpClient;

  constructor(client: RegistryHttpClient) {
    this.#client = client;
  }

  /** Sends a blob unless it is there, or another repository lends it. */
  async put(blob: BlobSource): Promise<void> {
    let interrupted: URL | undefined;
    // As a whole: an upload that was answered with an error, or not at all, may still have taken effect.
    await this.#client.retry(async () => {
      if (await this.#isThere(blob.digest)) return;
      const unfinished = interrupted;
      interrupted = undefined;
      if (unfinished && (await this.#resume(unfinished, blob))) return;
      const location = (await this.#mount(blob)) ?? (await this.#begin());
      if (location === 'mounted') return;
      if ('path' in blob && blob.size >= RESUMED_FROM) interrupted = location;
      await this.#end(location, blob, 0);
    });
  }

  async #isThere(digest: string): Promise<boolean> {
    // 500: what ociregistry answers for a blob that it does not have.
    const accept = [200, 404, 500];
    const head = await this.#client.sendOnce({
      method: 'HEAD',
      to: `blobs/${digest}`,
      access: 'push',
      accept,
    });
    return head.status === 200;
  }

  async #begin(): Promise<URL> {
    const headers = { 'content-length': '0' };
    const to = 'blobs/uploads/';
    const start = await this.#client.sendOnce({ method: 'POST', to, access: 'push', headers, accept: [202] });
    return locationOf(start);
  }

  /** Asks for a blob of another repository. Registries that do not lend, or not to this account, begin an upload or refuse. */
  async #mount({ digest, mountFrom }: BlobSource): Promise<URL | 'mounted' | undefined> {
    if (mountFrom === undefined) return undefined;
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(mountFrom)}`;
    try {
      const answer = await this.#client.sendOnce({
        method: 'POST',
        to: `blobs/uploads/?${query}`,
        access: 'push',
        alsoPull: mountFrom,
        headers: { 'content-length': '0' },
        accept: [201, 202],
      });
      if (answer.status === 202) return await locationOf(answer);
      await answer.body?.cancel();
      return 'mounted';
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  /** @returns false when the registry cannot go on from where it was. */
  async #resume(location: URL, blob: BlobSource): Promise<boolean> {
    try {
      const status = await this.#client.sendOnce({
        method: 'GET',
        to: location,
        access: 'push',
        accept: [204],
      });
      const received = Number(/^(?:bytes=)?0-(\d+)$/.exec(status.headers.get('range') ?? '')?.[1] ?? 0) + 1;
      // `0-0` is said of one byte and of none.
      if (received <= 1 || received > blob.size) return false;
      const next = status.headers.has('location') ? await locationOf(status) : location;
      await this.#end(
        received === blob.size ? next : await this.#append(next, blob, received),
        blob,
        blob.size,
      );
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }

  async #append(location: URL, blob: BlobSource, start: number): Promise<URL> {
    const answer = await this.#client.sendOnce({
      method: 'PATCH',
      to: location,
      access: 'push',
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(blob.size - start),
        'content-range': `${start}-${blob.size - 1}`,
      },
      body: () => bodyOf(blob, start),
      // ECR answers 201 where the specification has 202.
      accept: [201, 202, 204],
    });
    return answer.headers.has('location') ? locationOf(answer) : location;
  }

  async #end(location: URL, blob: BlobSource, start: number): Promise<void> {
    const to = new URL(location);
    // By hand: parsing and writing the whole query again could change what the registry has signed.
    to.search += `${to.search ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`;
    const response = await this.#client.sendOnce({
      method: 'PUT',
      to,
      access: 'push',
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(blob.size - start),
      },
      ...(start < blob.size ? { body: () => bodyOf(blob) } : {}),
      accept: [201, 204],
    });
    await response.body?.cancel();
  }
}

async function locationOf(response: Response): Promise<URL> {
  await response.body?.cancel();
  const location = response.headers.get('location');
  if (!location) throw new UserError('The registry began an upload without saying where it goes.');
  return new URL(location, response.url);
}
