/**
 * What any runner must know of a rollout and the cluster does not say: a ConfigMap. It is replaced only as it was seen
 * last, so that of two runs at once the second is refused before it changes anything.
 */
import * as z from 'zod';
import { UserError } from '../../../../shared/errors.ts';
import { sha256 } from '../../../../shared/records/canonical-json.ts';
import { digestSchema } from '../../../../shared/records/envelope.ts';
import { ApiFailure } from './api-failure.ts';
import type { ApiServer } from './api-server.ts';
import type { ConfigMap } from './kinds.ts';
import { packProgress, unpackProgress } from './packed-progress.ts';

const armSchema = z.strictObject({
  digest: digestSchema,
  uri: z.string(),
  /** The Service, or the revision; null while the revision has no name yet. */
  server: z.string().nullable(),
  /** KServe: where the model lies. */
  storageUri: z.string().optional(),
});
/** A model and what serves it. */
export type Arm = z.infer<typeof armSchema>;

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** `httproute/churn` */
  resource: z.string(),
  champion: armSchema.nullable(),
  challenger: armSchema.nullable(),
  previous: armSchema.nullable(),
  /** A Service that has lost its traffic for good and whose Deployment is to end. */
  retiring: z.string().nullable(),
  /**
   * How the requests of a rollout may be split: as was set last, and while that changes also as is being set. What else
   * is found somebody else did. Left out where nothing was set, or by an earlier version of this action.
   */
  splits: z.array(z.strictObject({ weight: z.number(), mirror: z.boolean() })).optional(),
});
export type StoredState = z.infer<typeof stateSchema>;

const LONGEST_NAME = 253;
const HASH_LENGTH = 10;

export class RolloutStore {
  readonly name: string;
  readonly #api: ApiServer;
  readonly #resource: string;
  /** As it was seen or written last; undefined before the first look, null where there is none. */
  #seen: ConfigMap | null | undefined;
  #state: StoredState;
  #progress: string | undefined;
  /** What was to be written and may have been, though no answer said so. */
  #attempt: Record<string, string> | undefined;

  /** @param model its name. @param resource `httproute/churn`. */
  constructor(api: ApiServer, model: string, resource: string) {
    this.#api = api;
    this.#resource = resource;
    this.name = configMapName(model);
    this.#state = {
      ...{ version: 1, resource, champion: null, challenger: null, previous: null, retiring: null },
    };
  }

  get state(): Readonly<StoredState> {
    return this.#state;
  }

  get progress(): unknown {
    return this.#progress === undefined ? undefined : unpackProgress(this.#progress);
  }

  /** @throws UserError when another run changed it since this one looked first. */
  async read(): Promise<Readonly<StoredState>> {
    const found = await this.#api.find('ConfigMap', this.name);
    const isOurs = this.#attempt !== undefined && isSame(found?.data, this.#attempt);
    if (this.#seen !== undefined && !this.#isAsSeen(found) && !isOurs) throw this.#otherRun();
    this.#seen = found ?? null;
    this.#attempt = undefined;
    if (found) {
      this.#state = this.#parse(found);
      this.#progress = found.data?.progress;
    }
    return this.#state;
  }

  async write(change: Partial<Omit<StoredState, 'version' | 'resource'>>): Promise<void> {
    await this.#replace({ ...this.#state, ...change }, this.#progress);
  }

  /** Known from now on, and stored with what is written next. */
  note(change: Pick<StoredState, 'splits'>): void {
    this.#state = { ...this.#state, ...change };
  }

  /** A champion that was found by an operation which is told no model has no URI yet. */
  async learnUri(uriOf: (digest: string) => string): Promise<void> {
    const { champion } = this.#state;
    if (champion?.uri !== '') return;
    const uri = uriOf(champion.digest);
    if (uri) await this.write({ champion: { ...champion, uri } });
  }

  async writeProgress(progress: unknown): Promise<void> {
    const text = progress === undefined ? undefined : packProgress(progress as object);
    if (text === this.#progress) return;
    await this.#replace(this.#state, text);
  }

  async #replace(state: StoredState, progress: string | undefined): Promise<void> {
    if (this.#seen === undefined) await this.read();
    const data = { state: JSON.stringify(state), ...(progress === undefined ? {} : { progress }) };
    this.#attempt = data;
    const make = (found: ConfigMap | undefined): ConfigMap => {
      // An answer that was lost: it is what this very call wrote.
      const isDone = isSame(found?.data, data);
      if (!this.#isAsSeen(found) && !isDone) throw this.#otherRun();
      if (found && isDone) return found;
      return { ...found, metadata: found?.metadata ?? { name: this.name, labels: LABELS }, data };
    };
    // What would change nothing is looked at all the same: another run may have changed it.
    const seen = this.#seen && !isSame(this.#seen.data, data) ? this.#seen : undefined;
    this.#seen = await this.#api.put('ConfigMap', this.name, make, seen).catch((error: unknown) => {
      if (seen && error instanceof ApiFailure && error.status === 404) throw this.#otherRun();
      throw error;
    });
    this.#state = state;
    this.#progress = progress;
    this.#attempt = undefined;
  }

  #isAsSeen(found: ConfigMap | undefined): boolean {
    return found?.metadata.resourceVersion === this.#seen?.metadata.resourceVersion;
  }

  #parse({ data }: ConfigMap): StoredState {
    const parsed = stateSchema.safeParse(unpackProgress(data?.state ?? ''));
    if (!parsed.success) {
      throw new UserError(`The ConfigMap ${this.name} holds nothing that this version can read.`, {
        where: { key: 'target' },
        fix: 'Run the version of the action that wrote it, or delete the ConfigMap once all traffic is with one model.',
      });
    }
    const { resource } = parsed.data;
    if (resource === this.#resource) return parsed.data;
    throw new UserError(`The model is rolled out by ${resource}, and the inputs name ${this.#resource}.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Give ${resource}, or delete the ConfigMap ${this.name} if that no longer serves the model.`,
    });
  }

  #otherRun(): UserError {
    return new UserError(
      `Another run changed the rollout in the ConfigMap ${this.name} while this one was at work.`,
      {
        where: { key: 'operation' },
        fix: 'This run has stopped and left everything to the other. Give both workflows one concurrency group.',
      },
    );
  }
}

const isSame = (found: Record<string, string> | undefined, data: Record<string, string>): boolean =>
  found?.state === data.state && found?.progress === data.progress;

const LABELS = { 'app.kubernetes.io/managed-by': 'mlops-actions' };

/** `mlops-canary-churn`; a name that Kubernetes could not have is made one, and its digest tells it apart. */
export function configMapName(model: string): string {
  const begin = 'mlops-canary-';
  const plain = model.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  if (plain === model && /^[a-z0-9].*[a-z0-9]$|^[a-z0-9]$/.test(plain) && begin.length + plain.length <= 200)
    return `${begin}${plain}`;
  const hash = sha256(model).slice('sha256:'.length).slice(0, HASH_LENGTH);
  return `${begin}${plain.slice(0, 150).replace(/^-+|-+$/g, '')}-${hash}`.slice(0, LONGEST_NAME);
}
