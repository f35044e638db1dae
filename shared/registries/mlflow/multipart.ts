/**
 * Large files go past the tracking server, in parts, to the storage behind it: where the server can sign addresses
 * for that, and this machine can reach them.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { readText, sendHttp } from '../../http/send.ts';
import { type TrackingClient, TrackingRefusal } from '../../mlflow/tracking-client.ts';
import type { Content } from './content.ts';

export const ARTIFACTS_API = '/api/2.0/mlflow-artifacts';
const FROM_BYTES = 128 * 1024 * 1024;
const PART_BYTES = 64 * 1024 * 1024;
/** Storages take no more. */
const MOST_PARTS = 10_000;
const IDLE_MILLISECONDS = 120_000;
const ATTEMPTS = 3;

/** A path below one of the artifact calls, each part encoded. */
export function address(call: string, path: string): string {
  return `${ARTIFACTS_API}/${call}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

const startSchema = z.object({
  upload_id: z.string().default(''),
  credentials: z.array(
    z.object({
      url: z.string(),
      part_number: z.coerce.number(),
      headers: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
type Started = z.infer<typeof startSchema>;
type FileContent = Extract<Content, { path: string }>;

export interface MultipartOptions {
  wait: (milliseconds: number) => Promise<void>;
  signal?: AbortSignal;
  /** In bytes: of one part, and from where on a file goes in parts. */
  partSize?: number;
  from?: number;
}

export class MultipartUploads {
  readonly #client: TrackingClient;
  readonly #options: MultipartOptions;
  /** Once a server or its storage has refused, it is not asked again. */
  #isPossible = true;

  constructor(client: TrackingClient, options: MultipartOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * @param isThere whether the file lies there whole.
   * @returns false where files have to go through the server. @throws UserError when the file changed meanwhile.
   */
  async put(path: string, content: Content, isThere: () => Promise<boolean>): Promise<boolean> {
    const isLarge = content.size >= (this.#options.from ?? FROM_BYTES);
    if (!this.#isPossible || !isLarge || !('path' in content)) return false;
    const partSize = Math.max(this.#options.partSize ?? PART_BYTES, Math.ceil(content.size / MOST_PARTS));
    const slash = path.lastIndexOf('/');
    const [folder, name] = [path.slice(0, slash), path.slice(slash + 1)];
    const started = await this.#start(folder, name, Math.ceil(content.size / partSize));
    if (!started) return false;
    const upload = { path: name, upload_id: started.upload_id };
    const parts = await this.#sendParts(started, content, partSize).catch(async (error: unknown) => {
      await this.#client
        .ask({ method: 'POST', path: address('mpu/abort', folder), json: upload })
        .catch(() => {});
      throw error;
    });
    if (parts) {
      const json = { ...upload, parts };
      // An answer that was lost may have been the one that said so: then the storage knows the upload no more.
      await this.#client
        .ask({ method: 'POST', path: address('mpu/complete', folder), json })
        .catch(async (error: unknown) => {
          if (!(await isThere())) throw error;
        });
      return true;
    }
    await this.#client.ask({ method: 'POST', path: address('mpu/abort', folder), json: upload });
    this.#isPossible = false;
    return false;
  }

  async #start(folder: string, name: string, parts: number): Promise<Started | undefined> {
    const json = { path: name, num_parts: parts };
    try {
      const answer = await this.#client.ask({ method: 'POST', path: address('mpu/create', folder), json });
      return startSchema.parse(answer);
    } catch (error) {
      // 501: the storage knows no parts. 404, 405: an MLflow of before 2.9.
      if (!(error instanceof TrackingRefusal) || ![404, 405, 501].includes(error.status)) throw error;
      this.#isPossible = false;
      return undefined;
    }
  }

  /** One after the other, so that the digest of the whole is known at the end. Undefined: the storage takes none. */
  async #sendParts(
    started: Started,
    content: FileContent,
    partSize: number,
  ): Promise<{ part_number: number; etag: string; url: string }[] | undefined> {
    let hash = createHash('sha256');
    const parts: { part_number: number; etag: string; url: string }[] = [];
    for (const credential of started.credentials.sort((a, b) => a.part_number - b.part_number)) {
      const start = (credential.part_number - 1) * partSize;
      const size = Math.min(partSize, content.size - start);
      const sent = await this.#sendPart(credential, content.path, start, size, hash);
      if (!sent) return undefined;
      hash = sent.hash;
      parts.push({ part_number: credential.part_number, etag: sent.etag, url: credential.url });
    }
    if (`sha256:${hash.digest('hex')}` === content.digest) return parts;
    throw new UserError(`The file ${content.path} changed while it was stored.`, {
      fix: 'Run again when nothing writes to it.',
    });
  }

  async #sendPart(
    credential: Started['credentials'][number],
    path: string,
    start: number,
    size: number,
    before: Hash,
  ): Promise<{ etag: string; hash: Hash } | undefined> {
    const { signal, wait } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const hash = before.copy();
      const read = async function* () {
        for await (const chunk of createReadStream(path, { start, end: start + size - 1, signal })) {
          hash.update(chunk as Uint8Array);
          yield chunk as Uint8Array;
        }
      };
      const { url, headers } = credential;
      const request = { method: 'PUT', url: new URL(url), headers, upload: { size, read } };
      // The storage is another machine: it gets neither the account nor the certificates of MLflow.
      const response = await sendHttp({ ...request, idleMilliseconds: IDLE_MILLISECONDS, signal }, undefined)
        .then(drained)
        .catch(() => undefined);
      signal?.throwIfAborted();
      if (response?.statusCode === 200) return { etag: response.headers.etag ?? '', hash };
      if (attempt < ATTEMPTS) await wait(500 * 2 ** attempt);
    }
    return undefined;
  }
}

async function drained(response: IncomingMessage): Promise<IncomingMessage> {
  await readText(response, 1_000_000, 'The storage');
  return response;
}
