import { PassingError, retrying } from '../../concurrency/retry.ts';
import { UserError } from '../../errors.ts';
import {
  basicHeader,
  type Credentials,
  isLoopback,
  parseChallenge,
  tokenOf,
  tokenRequest,
} from './authentication.ts';
import { type RequestBody, readJson } from './bodies.ts';
import { DeniedError, failureOf } from './http-failure.ts';

const ATTEMPTS = 5;
const LARGEST_TOKEN_ANSWER = 1024 * 1024;

export interface RegistryRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/v2/<repository>/`, or the address of an upload that the registry gave. */
  to: string | URL;
  access: 'pull' | 'push' | 'delete';
  /** Another repository that is read in the same request. */
  alsoPull?: string;
  headers?: Record<string, string>;
  /** Made anew for every attempt. */
  body?: () => RequestBody | Promise<RequestBody>;
  /** Statuses that are answers and no errors. */
  accept: number[];
}

export interface HttpClientOptions {
  host: string;
  repository: string;
  credentials: () => Promise<Credentials | undefined>;
  fetch: typeof fetch;
  wait: (milliseconds: number) => Promise<void>;
  signal?: AbortSignal;
}

const ACTIONS = { pull: 'pull', push: 'pull,push', delete: 'pull,push,delete' };

/** Speaks to one repository of a registry: address, authentication, retries, and errors that hold no secret. */
export class RegistryHttpClient {
  readonly #options: HttpClientOptions;
  readonly #base: URL;
  readonly #authorization = new Map<string, string>();
  readonly #renewals = new Map<string, Promise<void>>();
  readonly #secrets = new Set<string>();
  #mayPush: Promise<boolean> | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const origin = new URL(`https://${options.host === 'docker.io' ? 'registry-1.docker.io' : options.host}`);
    if (isLoopback(origin.hostname)) origin.protocol = 'http:';
    this.#base = new URL(`/v2/${options.repository}/`, origin);
  }

  get place(): { host: string; repository: string } {
    return { host: this.#options.host, repository: this.#options.repository };
  }

  /**
   * Sends a request until it is answered, trying again on 429, 5xx and failures of the network. Some registries
   * (ghcr.io) deny what is not there. Who may write there may read there, so such a denial is taken for a 404 only
   * when the registry lets this account begin an upload.
   */
  async send(request: RegistryRequest): Promise<Response> {
    try {
      return await this.retry(() => this.sendOnce(request));
    } catch (error) {
      const mayBeAbsent =
        error instanceof DeniedError && request.access === 'pull' && request.accept.includes(404);
      if (!mayBeAbsent) throw error;
      this.#mayPush ??= this.#tryToPush();
      if (await this.#mayPush) return Response.json({ errors: [{ code: 'NAME_UNKNOWN' }] }, { status: 404 });
      throw error;
    }
  }

  async #tryToPush(): Promise<boolean> {
    try {
      const headers = { 'content-length': '0' };
      const begin = { method: 'POST', to: 'blobs/uploads/', access: 'push', headers, accept: [202] } as const;
      const begun = await this.retry(() => this.sendOnce({ ...begin, accept: [...begin.accept] }));
      await begun.body?.cancel();
      const location = begun.headers.get('location');
      if (!location) return true;
      const end = { method: 'DELETE', to: new URL(location, begun.url), access: 'push' } as const;
      // Uploads that are not ended are cleared away by the registry some day; not all let them be ended.
      const ended = await this.sendOnce({ ...end, accept: [200, 202, 204] }).catch(() => undefined);
      await ended?.body?.cancel();
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }

  /** Repeats work of several requests as a whole while its failure may pass. */
  retry<Result>(work: () => Promise<Result>): Promise<Result> {
    const { wait, signal } = this.#options;
    return retrying(work, { attempts: ATTEMPTS, wait, signal });
  }

  /** One attempt, with one renewal of the authentication; for use inside {@link retry}. */
  async sendOnce(request: RegistryRequest): Promise<Response> {
    const url = new URL(request.to, this.#base);
    this.#refusePlainHttp(url);
    const key = `${request.access} ${request.alsoPull ?? ''}`;
    const used = this.#authorization.get(key);
    let response = await this.#fetch(url, request, used);
    const challenge =
      response.status === 401 && this.#isOwn(response) ? response.headers.get('www-authenticate') : null;
    if (challenge) {
      await response.body?.cancel();
      // Of several requests that are asked at once for credentials, one gets them for all.
      if (this.#authorization.get(key) === used) await this.#renew(key, challenge, request);
      response = await this.#fetch(url, request, this.#authorization.get(key));
    }
    // Where redirects led to, what was read cannot be believed either.
    if (response.url !== '') this.#refusePlainHttp(new URL(response.url));
    if (request.accept.includes(response.status)) return response;
    throw await this.#failure(response, `${request.method} ${url.origin}${url.pathname}`);
  }

  #renew(key: string, challenge: string, request: RegistryRequest): Promise<void> {
    const running = this.#renewals.get(key);
    if (running) return running;
    const renewal = this.#authenticate(key, challenge, request).finally(() => this.#renewals.delete(key));
    this.#renewals.set(key, renewal);
    return renewal;
  }

  #refusePlainHttp(url: URL): void {
    if (url.protocol === 'https:' || isLoopback(url.hostname)) return;
    throw new UserError(`The registry ${this.#options.host} sends to an address without https.`);
  }

  /** Whether the registry itself answered: a storage that it redirects to may not name who gets its credentials. */
  #isOwn(response: Response): boolean {
    return response.url === '' || new URL(response.url).origin === this.#base.origin;
  }

  async #fetch(url: URL, request: RegistryRequest, authorization: string | undefined): Promise<Response> {
    const headers: Record<string, string> = { 'user-agent': 'mlops-actions', ...request.headers };
    // An upload may go to a storage of its own; that one must not see the registry's credentials.
    if (authorization && url.origin === this.#base.origin) headers.authorization = authorization;
    const body = await request.body?.();
    const isStream = body instanceof ReadableStream;
    try {
      return await this.#options.fetch(url, {
        method: request.method,
        headers,
        signal: this.#options.signal,
        ...(body === undefined ? {} : { body }),
        // Ready to follow a redirect, fetch would keep all of the stream in memory to send it again.
        ...(isStream ? { duplex: 'half', redirect: 'error' } : {}),
      } as RequestInit);
    } catch (error) {
      throw this.#networkFailure(error, `${request.method} ${url.origin}${url.pathname}`);
    }
  }

  async #authenticate(key: string, header: string, request: RegistryRequest): Promise<void> {
    const challenge = parseChallenge(header);
    const credentials = await this.#options.credentials();
    for (const secret of Object.values(credentials ?? {})) if (secret.length > 3) this.#secrets.add(secret);
    if (challenge?.scheme === 'basic') {
      const basic = basicHeader(credentials);
      if (!basic) return;
      this.#secrets.add(basic.slice('Basic '.length));
      this.#authorization.set(key, basic);
    } else if (challenge?.scheme === 'bearer') {
      const scopes = [`repository:${this.#options.repository}:${ACTIONS[request.access]}`];
      if (request.alsoPull) scopes.push(`repository:${request.alsoPull}:pull`);
      const token = await this.#buyToken(tokenRequest(challenge, scopes, credentials));
      this.#secrets.add(token);
      this.#authorization.set(key, `Bearer ${token}`);
    }
  }

  async #buyToken(request: { url: URL; init: RequestInit }): Promise<string> {
    const where = `${request.init.method} ${request.url.origin}${request.url.pathname}`;
    let response: Response;
    try {
      response = await this.#options.fetch(request.url, { ...request.init, signal: this.#options.signal });
    } catch (error) {
      throw this.#networkFailure(error, where);
    }
    if (!response.ok) throw await this.#failure(response, where);
    return tokenOf(await readJson(response, LARGEST_TOKEN_ANSWER));
  }

  #networkFailure(error: unknown, where: string): unknown {
    if (this.#options.signal?.aborted) return this.#options.signal.reason;
    if (error instanceof UserError) return error;
    const cause =
      error instanceof Error ? ((error.cause as NodeJS.ErrnoException | undefined) ?? error) : undefined;
    const detail = (cause as NodeJS.ErrnoException | undefined)?.code ?? cause?.message ?? 'unknown';
    const text = `The registry ${this.#options.host} could not be reached: ${where}: ${this.redact(detail)}.`;
    return new PassingError(new UserError(text, { fix: 'Check the address, the network and any proxy.' }));
  }

  #failure(response: Response, where: string): Promise<Error> {
    return failureOf(response, where, this.#options.host, (text) => this.redact(text));
  }

  /** Takes every secret this client has used out of a text. */
  redact(text: string): string {
    return [...this.#secrets].reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
  }
}
