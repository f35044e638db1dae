/**
 * Every call to the API server. The objects are plain JSON, changed by reading, changing and replacing them: what this
 * action does not know of is kept, and a change that somebody else made in between is never overwritten. Accounts,
 * certificates and proxies are the official client's; its typed models are not used, since on the way through them an
 * object loses the fields that a newer cluster has.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { UserError } from '../../../../shared/errors.ts';
import { ApiFailure, type Asked, Cancelled } from './api-failure.ts';
import { groupOf, type Kind, type Kinds, RESOURCES } from './kinds.ts';

/** How patient it is. Milliseconds. */
export interface Patience {
  /** For one answer. */
  answerMs: number;
  /** For an answer that is no failure which passes, with all tries. */
  allTriesMs: number;
  /** Between two tries, and between two looks at something that changes. */
  pauseMs: number;
  /** For what the cluster's controllers are to do. */
  settleMs: number;
}

const PATIENCE: Patience = {
  answerMs: 15_000,
  allTriesMs: 120_000,
  pauseMs: 1_000,
  settleMs: 1_800_000,
};
/** A cancelled run is killed seconds later. */
const WHEN_CANCELLED: Patience = { answerMs: 2_000, allTriesMs: 4_000, pauseMs: 200, settleMs: 0 };
/** Controllers write the status of an object at any moment, so that some replacements come too late. */
const MOST_CONFLICTS = 20;

export interface ApiServerOptions {
  config: KubeConfig;
  namespace: string;
  /** Of the run. */
  signal: AbortSignal;
  patience?: Patience;
}

export interface RawAnswer {
  status: number;
  text: string;
}

type Method = 'GET' | 'POST' | 'PUT';

/** What is used of one of undici's. */
interface Dispatcher {
  close(): Promise<void>;
  destroy(): Promise<void>;
}
/** Certificates that an exec plugin hands out live longer than this. */
const KEPT_MS = 300_000;

export class ApiServer {
  readonly namespace: string;
  readonly #options: ApiServerOptions;
  /** Connections that are kept from request to request. */
  #kept: { since: number; dispatcher: Dispatcher } | undefined;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.namespace = options.namespace;
  }

  /** Whether the run was cancelled: nothing is waited for any more. */
  get isCancelled(): boolean {
    return this.#options.signal.aborted;
  }

  /**
   * Looks again and again until it is so. @param look undefined while it is not; what is no longer to be hoped for it
   * throws. @param late what to say when the bound is over. @throws Cancelled
   */
  async until<Value>(look: () => Promise<Value | undefined>, late: () => UserError): Promise<Value> {
    const { signal, patience = PATIENCE } = this.#options;
    for (const begin = performance.now(); ; ) {
      const value = await look();
      if (value !== undefined) return value;
      if (signal.aborted) throw new Cancelled();
      if (performance.now() - begin >= patience.settleMs) throw late();
      await delay(patience.pauseMs, undefined, { signal }).catch(() => {
        throw new Cancelled();
      });
    }
  }

  /** @throws ApiFailure, of status 404 too. */
  async get<K extends Kind>(kind: K, name: string): Promise<Kinds[K]> {
    return (await this.#persistently(() => this.#object(kind, 'GET', name))) as Kinds[K];
  }

  /** Undefined when there is none. */
  async find<K extends Kind>(kind: K, name: string): Promise<Kinds[K] | undefined> {
    return this.get(kind, name).catch((error: unknown) => {
      if (error instanceof ApiFailure && error.status === 404) return undefined;
      throw error;
    });
  }

  async list<K extends Kind>(kind: K, labels: Readonly<Record<string, string>> = {}): Promise<Kinds[K][]> {
    const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    const query = selector.length > 0 ? `?labelSelector=${encodeURIComponent(selector.join(','))}` : '';
    const found = await this.#persistently(() => this.#object(kind, 'GET', undefined, { query }));
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

  /** As {@link modify}, of an object that may not be there yet. @param make what it should hold, given what it holds. */
  async put<K extends Kind>(
    kind: K,
    name: string,
    make: (found: Kinds[K] | undefined) => Kinds[K],
  ): Promise<Kinds[K]> {
    return this.#write(async () => {
      const found = (await this.#object(kind, 'GET', name).catch((error: unknown) => {
        if (error instanceof ApiFailure && error.status === 404) return undefined;
        throw error;
      })) as Kinds[K] | undefined;
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
    return this.#send(method, `${base}${path}`, body, signal).catch(() => ({ status: 0, text: '' }));
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
    const { status, text } = await this.#send(method, `${path}${query}`, sent).catch((error: unknown) => {
      if (error instanceof Cancelled) throw error;
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
        return await this.#persistently(once);
      } catch (error) {
        // 409 is also what a creation gets whose first answer was lost.
        const isConflict = error instanceof ApiFailure && error.status === 409;
        if (!isConflict || conflicts >= MOST_CONFLICTS) throw error;
      }
    }
  }

  /** Again and again while what fails may pass, within the bound. */
  async #persistently<Result>(once: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const wasCancelled = this.isCancelled;
    for (let tries = 1; ; tries += 1) {
      try {
        return await once();
      } catch (error) {
        const { allTriesMs, pauseMs } = this.#patience();
        if (!(error instanceof ApiFailure) || !error.passes) throw error;
        if (this.isCancelled && !wasCancelled) throw new Cancelled();
        if (performance.now() - begin + pauseMs >= allTriesMs) throw error;
        await delay(pauseMs * Math.min(tries, 8));
      }
    }
  }

  #patience(): Patience {
    const { patience = PATIENCE } = this.#options;
    if (!this.isCancelled) return patience;
    return {
      answerMs: Math.min(patience.answerMs, WHEN_CANCELLED.answerMs),
      allTriesMs: Math.min(patience.allTriesMs, WHEN_CANCELLED.allTriesMs),
      pauseMs: Math.min(patience.pauseMs, WHEN_CANCELLED.pauseMs),
      settleMs: 0,
    };
  }

  async #send(method: Method, path: string, body?: string, own?: AbortSignal): Promise<RawAnswer> {
    const { RequestContext, HttpMethod, IsomorphicFetchHttpLibrary } = await import('./official-client.ts');
    const { config, signal } = this.#options;
    const wasCancelled = signal.aborted;
    const server = config.getCurrentCluster()?.server.replace(/\/+$/, '') ?? '';
    const request = new RequestContext(`${server}${path}`, HttpMethod[method]);
    request.setHeaderParam('accept', 'application/json');
    if (body !== undefined) {
      request.setHeaderParam('content-type', 'application/json');
      request.setBody(body);
    }
    const signals = [own, AbortSignal.timeout(this.#patience().answerMs), wasCancelled ? undefined : signal];
    const ends = AbortSignal.any(signals.filter((one) => one !== undefined));
    request.setSignal(ends);
    try {
      await untilAborted(config.applySecurityAuthentication(request), ends);
      this.#keepConnections(request);
      const answer = await new IsomorphicFetchHttpLibrary().send(request).toPromise();
      return { status: answer.httpStatusCode, text: await answer.body.text() };
    } catch (error) {
      if (signal.aborted && !wasCancelled) throw new Cancelled();
      throw error;
    }
  }

  /** The client makes a new agent for each request, whose certificates may have been renewed since the last. */
  #keepConnections(request: RequestContext): void {
    const made = request.getDispatcher() as Dispatcher | undefined;
    if (!made) return;
    const kept = this.#kept;
    if (kept && performance.now() - kept.since < KEPT_MS) {
      request.setDispatcher(kept.dispatcher as unknown as Parameters<RequestContext['setDispatcher']>[0]);
      void made.close();
      return;
    }
    void kept?.dispatcher.close();
    this.#kept = { since: performance.now(), dispatcher: made };
  }

  /** Ends its connections. */
  async close(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.dispatcher.destroy();
  }
}

/** An exec plugin may hang as well as a server. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Only the code: a message of an exec plugin or of a library may hold a secret. */
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
