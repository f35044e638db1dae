/** One request to the API server. Accounts, certificates and proxies are the official client's. */
import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Cancelled } from './api-failure.ts';
import { credentialsFailure, hasExecPlugin } from './credentials.ts';
import type { Patience } from './patience.ts';

export interface ConnectionOptions {
  config: KubeConfig;
  patience: Patience;
  /** Is told every token that is sent. */
  mask: (secret: string) => void;
}

export type Method = 'GET' | 'POST' | 'PUT';

export interface RawAnswer {
  status: number;
  text: string;
}

/** What is used of one of undici's. */
interface Dispatcher {
  close(): Promise<void>;
  destroy(): Promise<void>;
}
/** Certificates that an exec plugin hands out live longer than this. */
const KEPT_MS = 300_000;

export class Connection {
  readonly #patience: Patience;
  readonly #mask: (secret: string) => void;
  #config: KubeConfig;
  /** Connections that are kept from request to request. */
  #kept: { since: number; dispatcher: Dispatcher } | undefined;
  #masked: string | undefined;

  constructor({ config, patience, mask }: ConnectionOptions) {
    this.#config = config;
    this.#patience = patience;
    this.#mask = mask;
  }

  /**
   * @param path with its query. @param own ends it too.
   * @throws Cancelled, CredentialsFailure, or what the network throws.
   */
  async send(method: Method, path: string, body?: string, own?: AbortSignal): Promise<RawAnswer> {
    const answer = await this.#sendOnce(method, path, body, own);
    if (answer.status !== 401 || !hasExecPlugin(this.#config)) return answer;
    // A token of which the plugin did not say how long it holds: it is asked once more, as kubectl does.
    this.#config = await withoutTokens(this.#config);
    return this.#sendOnce(method, path, body, own);
  }

  async #sendOnce(method: Method, path: string, body?: string, own?: AbortSignal): Promise<RawAnswer> {
    const { RequestContext, HttpMethod, IsomorphicFetchHttpLibrary } = await import('./official-client.ts');
    const patience = this.#patience;
    const server = this.#config.getCurrentCluster()?.server.replace(/\/+$/, '') ?? '';
    const request = new RequestContext(`${server}${path}`, HttpMethod[method]);
    request.setHeaderParam('accept', 'application/json');
    if (body !== undefined) {
      request.setHeaderParam('content-type', 'application/json');
      request.setBody(body);
    }
    const wasCancelled = patience.isCancelled;
    const { answer } = patience;
    const ends = own ? AbortSignal.any([own, answer]) : answer;
    request.setSignal(ends);
    try {
      await this.#authenticate(request, ends);
      this.#keepConnections(request);
      const { httpStatusCode, body: content } = await new IsomorphicFetchHttpLibrary()
        .send(request)
        .toPromise();
      return { status: httpStatusCode, text: await content.text() };
    } catch (error) {
      if (patience.isCancelled && !wasCancelled) throw new Cancelled();
      throw error;
    }
  }

  /** Ends its connections. */
  async close(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.dispatcher.destroy();
  }

  async #authenticate(request: RequestContext, ends: AbortSignal): Promise<void> {
    const config = this.#config;
    await untilAborted(config.applySecurityAuthentication(request), ends).catch((error: unknown) => {
      // The request that the caller took back.
      if ((error as Error).name === 'AbortError') throw error;
      throw credentialsFailure(config, error);
    });
    const { Authorization: header } = request.getHeaders();
    if (header === undefined) return;
    // A file of a token may end in a line break.
    request.setHeaderParam('Authorization', header.trim());
    const sent = header.trim().replace(/^\w+ /, '');
    if (sent !== this.#masked) this.#mask(sent);
    this.#masked = sent;
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
}

/** The same without what its plugins have printed so far. */
async function withoutTokens(config: KubeConfig): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('./official-client.ts');
  const renewed = new Config();
  renewed.loadFromOptions({
    clusters: config.getClusters(),
    users: config.getUsers(),
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
  });
  return renewed;
}

/** An exec plugin may hang as well as a server. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
