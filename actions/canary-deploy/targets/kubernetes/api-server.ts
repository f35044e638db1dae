/**
 * Every call to the API server. The objects are plain JSON, changed by reading, changing and replacing them: what this
 * action does not know of is kept, and a change that somebody else made in between is never overwritten. The
 * official client's typed models are not used, since on the way through them an object loses the fields that a newer cluster has.
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { UserError } from '../../../../shared/errors.ts';
import { ApiFailure, type Asked } from './api-failure.ts';
import { Connection, type Method, type RawAnswer } from './connection.ts';
import { groupOf, type Kind, type Kinds, RESOURCES } from './kinds.ts';
import { type Bounds, Patience } from './patience.ts';

/** Controllers write the status of an object at any moment, so that some replacements come too late. */
const MOST_CONFLICTS = 20;

export interface ApiServerOptions {
  config: KubeConfig;
  namespace: string;
  /** Of the run. */
  signal: AbortSignal;
  /** Is told every secret that is sent. */
  mask: (secret: string) => void;
  bounds?: Bounds | undefined;
}

export class ApiServer {
  readonly namespace: string;
  readonly #patience: Patience;
  readonly #connection: Connection;
  /** See {@link Patience.until}. */
  readonly until: Patience['until'];

  constructor({ config, namespace, signal, mask, bounds }: ApiServerOptions) {
    this.namespace = namespace;
    this.#patience = new Patience(signal, bounds);
    this.#connection = new Connection({ config, patience: this.#patience, mask });
    this.until = this.#patience.until.bind(this.#patience);
  }

  /** Whether the run was cancelled: nothing is waited for any more. */
  get isCancelled(): boolean {
    return this.#patience.isCancelled;
  }

  /** @throws ApiFailure, of status 404 too. */
  async get<K extends Kind>(kind: K, name: string): Promise<Kinds[K]> {
    return (await this.#patience.persist(() => this.#object(kind, 'GET', name))) as Kinds[K];
  }

  /** Undefined when there is none. */
  async find<K extends Kind>(kind: K, name: string): Promise<Kinds[K] | undefined> {
    return this.#patience.persist(() => this.#objectOrNone(kind, name));
  }

  async list<K extends Kind>(kind: K, labels: Readonly<Record<string, string>> = {}): Promise<Kinds[K][]> {
    const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    const query = selector.length > 0 ? `?labelSelector=${encodeURIComponent(selector.join(','))}` : '';
    const found = await this.#patience.persist(() => this.#object(kind, 'GET', undefined, { query }));
    return (found as { items: Kinds[K][] }).items;
  }

  /**
   * Changes an object; repeated for as long as somebody else was faster, and when an answer was lost it is seen whether
   * the change was made.
   * @param change gets a copy that it may change; what it leaves as it was is not written.
   * @returns the object as it is then.
   */
  async modify<K extends Kind>(kind: K, name: string, change: (object: Kinds[K]) => void): Promise<Kinds[K]> {
    return this.#write(async () => {
      const found = await this.#object(kind, 'GET', name);
      const wanted = structuredClone(found) as Kinds[K];
      change(wanted);
      if (JSON.stringify(found) === JSON.stringify(wanted)) return wanted;
      return (await this.#object(kind, 'PUT', name, { body: wanted })) as Kinds[K];
    });
  }

  /**
   * As {@link modify}, of an object that may not be there yet. @param make what it should hold, given what it holds.
   * @param seen as it was last: it is looked at again only if it is no longer so. @throws ApiFailure of status 404 when
   * it was deleted since.
   */
  async put<K extends Kind>(
    kind: K,
    name: string,
    make: (found: Kinds[K] | undefined) => Kinds[K],
    seen?: Kinds[K],
  ): Promise<Kinds[K]> {
    let known = seen;
    return this.#write(async () => {
      const found = known ?? (await this.#objectOrNone(kind, name));
      known = undefined;
      const wanted = make(found && structuredClone(found));
      if (found && JSON.stringify(found) === JSON.stringify(wanted)) return found;
      const { apiVersion } = RESOURCES[kind];
      const body = { apiVersion, kind, ...wanted };
      const made = found
        ? this.#object(kind, 'PUT', name, { body })
        : this.#object(kind, 'POST', undefined, { body });
      return (await made) as Kinds[K];
    });
  }

  /** One request through the API server to a service of the cluster. Status 0 when there was no answer. */
  async proxy(
    service: string,
    port: number,
    request: { method: Method; path: string; body?: string; signal?: AbortSignal | undefined },
  ): Promise<RawAnswer> {
    const { method, path, body, signal } = request;
    const base = `/api/v1/namespaces/${this.namespace}/services/${service}:${port}/proxy`;
    return this.#connection
      .send(method, `${base}${path}`, body, signal)
      .catch(() => ({ status: 0, text: '' }));
  }

  async #objectOrNone<K extends Kind>(kind: K, name: string): Promise<Kinds[K] | undefined> {
    try {
      return (await this.#object(kind, 'GET', name)) as Kinds[K];
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 404) return undefined;
      throw error;
    }
  }

  async #object(
    kind: Kind,
    method: Method,
    name: string | undefined,
    { body, query = '' }: { body?: object; query?: string } = {},
  ): Promise<unknown> {
    const { apiVersion, plural } = RESOURCES[kind];
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const path = `${root}/namespaces/${this.namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
    const verbs = { GET: name === undefined ? 'list' : 'get', POST: 'create', PUT: 'update' } as const;
    const asked: Asked = {
      ...{ verb: verbs[method], group: groupOf(kind), resource: plural, name },
      namespace: this.namespace,
    };
    const sent = body && JSON.stringify(body);
    const { status, text } = await this.#connection
      .send(method, `${path}${query}`, sent)
      .catch((error: unknown) => {
        // Cancelled, or without credentials.
        if (error instanceof UserError) throw error;
        throw new ApiFailure(asked, 0, reasonOf(error));
      });
    const value = parse(text);
    if (status >= 200 && status < 300) {
      if (value !== undefined) return value;
      throw new ApiFailure(asked, 0, 'its answer is no JSON');
    }
    throw new ApiFailure(asked, status, messageIn(value) ?? '');
  }

  async #write<Result>(once: () => Promise<Result>): Promise<Result> {
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        return await this.#patience.persist(once);
      } catch (error) {
        // 409 is also what a creation gets whose first answer was lost.
        const isConflict = error instanceof ApiFailure && error.status === 409;
        if (!isConflict || conflicts >= MOST_CONFLICTS) throw error;
      }
    }
  }

  /** Ends its connections. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Only the code: a message of a library may hold a secret. */
function reasonOf(error: unknown): string {
  const { code, cause, name } = error as { code?: unknown; cause?: { code?: unknown }; name?: string };
  const known = cause?.code ?? code;
  return typeof known === 'string' ? known : name === 'TimeoutError' ? 'no answer' : (name ?? '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageIn(value: unknown): string | undefined {
  const { message } = (value ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : undefined;
}
