import { UserError } from '../../errors.ts';
import { basicHeader, isLoopback, parseChallenge, tokenOf, tokenRequest } from './authentication.ts';
import type { Credentials } from './docker-config.ts';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** What `fetch` takes as a body. */
export type RequestBody = NonNullable<RequestInit['body']>;

export interface RegistryRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Below `/v2/<repository>/`, or the address of an upload that the registry gave. */
  to: string | URL;
  access: 'pull' | 'push';
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

/** A failure that may pass: the caller or this client tries again. */
class PassingError extends Error {
  readonly pauseMs: number | undefined;
  readonly final: UserError;

  constructor(final: UserError, pauseMs?: number) {
    super(final.message);
    this.final = final;
    this.pauseMs = pauseMs;
  }
}

/** Speaks to one repository of a registry: address, authentication, retries, and errors that hold no secret. */
export class RegistryHttpClient {
  readonly #options: HttpClientOptions;
  readonly #base: URL;
  readonly #authorization = new Map<string, string>();
  readonly #secrets = new Set<string>();

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const origin = new URL(`https://${options.host === 'docker.io' ? 'registry-1.docker.io' : options.host}`);
    if (isLoopback(origin.hostname)) origin.protocol = 'http:';
    this.#base = new URL(`/v2/${options.repository}/`, origin);
  }

  /** Sends a request until it is answered, trying again on 429, 5xx and failures of the network. */
  async send(request: RegistryRequest): Promise<Response> {
    return this.retry(() => this.sendOnce(request));
  }

  /** Repeats work of several requests as a whole while its failure may pass. */
  async retry<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof PassingError)) throw error;
        if (attempt === ATTEMPTS) throw error.final;
        const backoff = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
        this.#options.signal?.throwIfAborted();
        await this.#options.wait(Math.min(error.pauseMs ?? backoff, LONGEST_PAUSE_MS));
      }
    }
  }

  /** One attempt, with one renewal of the authentication; for use inside {@link retry}. */
  async sendOnce(request: RegistryRequest): Promise<Response> {
    const url = new URL(request.to, this.#base);
    this.#refusePlainHttp(url);
    let response = await this.#fetch(url, request);
    const challenge =
      response.status === 401 && this.#isOwn(response) ? response.headers.get('www-authenticate') : null;
    if (challenge) {
      await response.body?.cancel();
      await this.#authenticate(challenge, request.access);
      response = await this.#fetch(url, request);
    }
    // Where redirects led to, what was read cannot be believed either.
    if (response.url !== '') this.#refusePlainHttp(new URL(response.url));
    if (request.accept.includes(response.status)) return response;
    throw await this.#failure(response, `${request.method} ${url.origin}${url.pathname}`);
  }

  #refusePlainHttp(url: URL): void {
    if (url.protocol === 'https:' || isLoopback(url.hostname)) return;
    throw new UserError(`The registry ${this.#options.host} sends to an address without https.`);
  }

  /** Whether the registry itself answered: a storage that it redirects to may not name who gets its credentials. */
  #isOwn(response: Response): boolean {
    return response.url === '' || new URL(response.url).origin === this.#base.origin;
  }

  async #fetch(url: URL, request: RegistryRequest): Promise<Response> {
    const headers: Record<string, string> = { 'user-agent': 'mlops-actions', ...request.headers };
    const authorization = this.#authorization.get(request.access);
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

  async #authenticate(header: string, access: 'pull' | 'push'): Promise<void> {
    const challenge = parseChallenge(header);
    const credentials = await this.#options.credentials();
    for (const secret of Object.values(credentials ?? {})) if (secret.length > 3) this.#secrets.add(secret);
    if (challenge?.scheme === 'basic') {
      const basic = basicHeader(credentials);
      if (!basic) return;
      this.#secrets.add(basic.slice('Basic '.length));
      this.#authorization.set(access, basic);
    } else if (challenge?.scheme === 'bearer') {
      const actions = access === 'push' ? 'pull,push' : 'pull';
      const scope = `repository:${this.#options.repository}:${actions}`;
      const token = await this.#buyToken(tokenRequest(challenge, scope, credentials));
      this.#secrets.add(token);
      this.#authorization.set(access, `Bearer ${token}`);
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
    return tokenOf(await response.json().catch(() => undefined));
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

  async #failure(response: Response, where: string): Promise<Error> {
    const said = await this.#messageOf(response);
    const text = `${where} was answered ${response.status}${said ? `: ${said}` : ''}.`;
    const error = new UserError(text, { fix: fixFor(response.status, this.#options.host) });
    if (response.status !== 429 && response.status < 500 && response.status !== 408) return error;
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return new PassingError(error, Number.isFinite(seconds) ? seconds * 1000 : undefined);
  }

  async #messageOf(response: Response): Promise<string> {
    const text = await response.text().catch(() => '');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return '';
    }
    const errors = (json as { errors?: { code?: unknown; message?: unknown }[] } | null)?.errors;
    const parts = Array.isArray(errors) ? errors.flatMap((error) => [error?.code, error?.message]) : [];
    const words = parts.filter((part): part is string => typeof part === 'string' && part !== '');
    return this.redact(words.join(': ').replace(/\s+/g, ' ')).slice(0, 300);
  }

  /** Takes every secret this client has used out of a text. */
  redact(text: string): string {
    return [...this.#secrets].reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
  }
}

function fixFor(status: number, host: string): string {
  if (status === 401 || status === 403) {
    return `Log in to ${host} with docker login (for ghcr.io the job's token needs packages: write), and check that the account may use this repository.`;
  }
  if (status === 404) return 'Check the namespace; some registries want the repository to be created first.';
  if (status === 413) return 'The registry refuses files of this size: raise its limit or split the file.';
  if (status === 429) return 'The registry limits the rate of requests: run again later, or log in.';
  return status >= 500 ? 'The registry is in trouble: run again later.' : '';
}
