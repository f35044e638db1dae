import { UserError } from '../../errors.ts';
import type { TrackingClient } from '../../mlflow/tracking-client.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { MultipartUploads } from './multipart.ts';
import { ProxiedArtifacts } from './proxied-artifacts.ts';

export interface ArtifactOptions {
  env: NodeJS.ProcessEnv;
  wait: (milliseconds: number) => Promise<void>;
  signal?: AbortSignal;
  progress?: (message: string) => void;
}

/** Opens places of artifacts by their URI, as MLflow writes it. */
export class ArtifactPlaces {
  readonly #client: TrackingClient;
  readonly #options: ArtifactOptions;
  readonly #multipart: MultipartUploads;

  constructor(client: TrackingClient, options: ArtifactOptions) {
    this.#client = client;
    this.#options = options;
    this.#multipart = new MultipartUploads(client, options);
  }

  /** @throws UserError for a place that only the server itself, or MLflow's client for Python, can reach. */
  async open(uri: string): Promise<ArtifactStore> {
    if (uri.startsWith('mlflow-artifacts:')) {
      return new ProxiedArtifacts(uri, this.#client, this.#multipart, this.#options.signal);
    }
    if (uri.startsWith('s3://')) {
      const { openBucket } = await import('./bucket-artifacts.ts');
      return openBucket(uri, this.#options);
    }
    throw new UserError(
      `${this.#client.server} keeps artifacts where this machine cannot put them: ${uri}.`,
      {
        fix: 'Start the server with --serve-artifacts (a new experiment is needed then), or give artifacts: s3://….',
      },
    );
  }
}
