/** Artifacts that the tracking server hands on to its own storage: `mlflow-artifacts:/<experiment>/<run>/artifacts`. */
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { isMissing, type TrackingClient } from '../../mlflow/tracking-client.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { type Content, verifiedBytes } from './content.ts';
import { ARTIFACTS_API, address, type MultipartUploads } from './multipart.ts';

const listing = z.object({
  files: z
    .array(
      z.object({
        path: z.string(),
        is_dir: z.boolean().default(false),
        file_size: z.coerce.number().default(0),
      }),
    )
    .default([]),
});

export class ProxiedArtifacts implements ArtifactStore {
  readonly uri: string;
  readonly knowsDigests = false;
  readonly #client: TrackingClient;
  /** Of the place below the server's storage, without slashes around. */
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;
  readonly #multipart: MultipartUploads;

  /** @param uri `mlflow-artifacts:/…`. @throws UserError when it names another server. */
  constructor(uri: string, client: TrackingClient, multipart: MultipartUploads, signal?: AbortSignal) {
    const [, host, path = ''] = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/.exec(uri) ?? [];
    // An account must not be sent to whatever host a version names.
    if (host && host !== new URL(client.server).host) {
      throw new UserError(`The artifacts lie behind another server than ${client.server}: ${uri}.`, {
        fix: 'Open the registry by the address of that server.',
      });
    }
    this.uri = uri.replace(/\/+$/, '');
    this.#root = path.replace(/\/+$/, '');
    this.#client = client;
    this.#multipart = multipart;
    this.#signal = signal;
  }

  mend(path: string): string {
    const where = `${this.#client.server}${address('artifacts', `${this.#root}/${path}`)}`;
    return `Delete it (curl -X DELETE '${where}', with the account of MLflow) and register the model again: what is missing is stored anew.`;
  }

  async list(folder: string): Promise<{ files: Map<string, number>; folders: string[] }> {
    const path = `${ARTIFACTS_API}/artifacts`;
    const query = { path: folder ? `${this.#root}/${folder}` : this.#root };
    const answer = await this.#client.ask({ method: 'GET', path, query }).catch((error: unknown) => {
      if (isMissing(error)) return {};
      throw error;
    });
    const { files } = listing.parse(answer);
    const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
    return {
      files: new Map(files.filter((file) => !file.is_dir).map((file) => [nameOf(file.path), file.file_size])),
      folders: files.filter((file) => file.is_dir).map((file) => nameOf(file.path)),
    };
  }

  async put(path: string, content: Content): Promise<void> {
    const whole = `${this.#root}/${path}`;
    const slash = path.lastIndexOf('/');
    const isThere = async () => {
      const { files } = await this.list(path.slice(0, Math.max(0, slash)));
      return files.get(path.slice(slash + 1)) === content.size;
    };
    if (await this.#multipart.put(whole, content, isThere)) return;
    const upload = { size: content.size, read: () => verifiedBytes(content, this.#signal) };
    await this.#client.ask({ method: 'PUT', path: address('artifacts', whole), upload });
  }

  open(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#client.open({ method: 'GET', path: address('artifacts', `${this.#root}/${path}`) });
  }

  async removeAll(): Promise<void> {
    const path = address('artifacts', this.#root);
    await this.#client.ask({ method: 'DELETE', path }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}
