import { type ObjectStore, openObjectStore } from '../../aws/object-store.ts';
import type { ArtifactStore } from './artifact-store.ts';
import type { Content } from './content.ts';

/** Artifacts that lie in a bucket, past the tracking server: `s3://bucket/prefix`. */
export class BucketArtifacts implements ArtifactStore {
  readonly uri: string;
  readonly knowsDigests = true;
  readonly #objects: ObjectStore;

  constructor(uri: string, objects: ObjectStore) {
    this.uri = uri.replace(/\/+$/, '');
    this.#objects = objects;
  }

  mend(path: string): string {
    return `Delete ${this.#objects.uriOf(path)} and register the model again: what is missing is stored anew.`;
  }

  async list(folder: string): Promise<{ files: Map<string, number>; folders: string[] }> {
    const files = new Map<string, number>();
    const folders = new Set<string>();
    for (const { key, size } of await this.#objects.list(`${folder}/`)) {
      const [name = '', ...below] = key.slice(folder.length + 1).split('/');
      if (below.length > 0) folders.add(name);
      else files.set(name, size);
    }
    return { files, folders: [...folders] };
  }

  async put(path: string, content: Content): Promise<void> {
    await this.#objects.put(path, content);
  }

  open(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#objects.open(path);
  }

  async removeAll(): Promise<void> {
    await this.#objects.delete((await this.#objects.list('')).map(({ key }) => key));
  }
}

/** @param uri `s3://bucket/prefix`. MLflow's own variable for the address of S3 goes before those of AWS. */
export async function openBucket(
  uri: string,
  options: { env: NodeJS.ProcessEnv; signal?: AbortSignal; progress?: (message: string) => void },
): Promise<BucketArtifacts> {
  const endpoint = options.env.MLFLOW_S3_ENDPOINT_URL;
  return new BucketArtifacts(
    uri,
    await openObjectStore(uri, { ...options, ...(endpoint ? { endpoint } : {}) }),
  );
}
