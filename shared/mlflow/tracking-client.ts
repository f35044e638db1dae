/** Asks an MLflow tracking server, with the variables that MLflow's own client reads. */
import type { Agent, IncomingMessage } from 'node:http';
import type { SignRequest, UnsignedRequest } from '../aws/request-signer.ts';
import { PassingError, pauseAfter, pauseAsked, type RetryOptions, retrying } from '../concurrency/retry.ts';
import { UserError } from '../errors.ts';
import { readText, sendHttp, type Upload } from '../http/send.ts';
import { authorization, checkAccount, isSigned, secretsOf } from './account.ts';
import { makeAgent } from './connection.ts';
import { fixFor, saidIn } from './refusal-words.ts';
import { addressOf } from './server-address.ts';

export interface TrackingOptions {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Between two attempts. */
  wait: (milliseconds: number) => Promise<void>;
}

export interface TrackingRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the server's address, each part encoded. */
  path: string;
  query?: Record<string, string>;
  json?: unknown;
  upload?: Upload;
}

const ATTEMPTS = 4;
const IDLE_MILLISECONDS = 30_000;
/** The server may bring a file to a storage of its own, or from there, before it answers. */
const IDLE_OF_FILES_MILLISECONDS = 600_000;
const LARGEST_BYTES = 50_000_000;
/** An API Gateway stands before the server: what MLflow's own client signs for. */
const SIGNED_SERVICE = 'execute-api';
const SESSION_TOKEN = 'x-amz-security-token';

/** The server understood and refused. */
export class TrackingRefusal extends UserError {
  override name = 'UserError';
  readonly status: number;
  /** MLflow's own word, e.g. `RESOURCE_ALREADY_EXISTS`; empty where it gave none. */
  readonly code: string;

  constructor(what: string, fix: string, status: number, code: string) {
    super(what, { fix });
    this.status = status;
    this.code = code;
  }
}

/** Nobody answered, or not as a server does: a failure of the network that another try may not meet. */
export class ServerUnreachable extends UserError {
  override name = 'UserError';
}

/** Speaks to one server; nothing in its errors repeats a credential. */
export class TrackingClient {
  readonly server: string;
  readonly #options: TrackingOptions;
  #agent: Promise<Agent> | undefined;
  #sign: Promise<SignRequest> | undefined;
  /** Of AWS's sessions, which a gateway repeats when it refuses a signature. */
  readonly #sessionTokens = new Set<string>();

  /** @param server its address, without a slash at the end. */
  constructor(server: string, options: TrackingOptions) {
    this.server = server;
    this.#options = options;
  }

  /**
   * The JSON of the answer, `{}` for an empty one; tried again while a failure may pass, so that the request must
   * be one that may arrive twice.
   * @throws TrackingRefusal when the server refuses. @throws UserError when it cannot be reached or is no MLflow.
   */
  ask(request: TrackingRequest): Promise<unknown> {
    return this.retry(() => this.askOnce(request));
  }

  /** One attempt of {@link ask}, for use inside {@link retry}. */
  async askOnce(request: TrackingRequest): Promise<unknown> {
    const response = await this.#send(request);
    const text = await this.#text(response);
    if (response.statusCode === 200) return this.#json(text);
    throw this.#failure(response, text);
  }

  /**
   * The bytes of an answer as they come; undefined where there are none (404). A connection that breaks on the way
   * is made anew, and what was delivered already is passed over.
   */
  async open(request: TrackingRequest): Promise<AsyncIterable<Uint8Array> | undefined> {
    const response = await this.retry(() => this.#openOnce(request));
    return response && this.#bytes(request, response);
  }

  async #openOnce(request: TrackingRequest): Promise<IncomingMessage | undefined> {
    const response = await this.#send(request);
    if (response.statusCode === 200) return response;
    const text = await this.#text(response);
    if (response.statusCode === 404) return undefined;
    throw this.#failure(response, text);
  }

  async *#bytes(request: TrackingRequest, first: IncomingMessage): AsyncIterable<Uint8Array> {
    let response: IncomingMessage | undefined = first;
    let delivered = 0;
    for (let attempt = 1; ; attempt++) {
      let passed = 0;
      try {
        for await (const part of response as AsyncIterable<Uint8Array>) {
          const fresh = part.subarray(Math.max(0, Math.min(part.length, delivered - passed)));
          passed += part.length;
          delivered += fresh.length;
          if (fresh.length > 0) yield fresh;
        }
        return;
      } catch (cause) {
        await pauseAfter(this.#unreachable(cause), attempt, this.#retryOptions);
      }
      response = await this.retry(() => this.#openOnce(request));
      if (!response) throw new UserError(`${request.path} is gone from ${this.server} while it was read.`);
    }
  }

  /** Repeats work of several requests as a whole while its failure may pass. */
  retry<Result>(work: () => Promise<Result>): Promise<Result> {
    return retrying(work, this.#retryOptions);
  }

  get #retryOptions(): RetryOptions {
    const { wait, signal } = this.#options;
    return { attempts: ATTEMPTS, wait, signal };
  }

  async #send(request: TrackingRequest): Promise<IncomingMessage> {
    const { env, signal } = this.#options;
    checkAccount(this.server, env);
    const url = addressOf(this.server, request.path, request.query);
    const json = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json));
    const upload = request.upload ?? (json && { size: json.length, read: () => [json] });
    const plain: Record<string, string> = {
      ...(isSigned(env) ? {} : authorization(env)),
      ...(env.MLFLOW_WORKSPACE ? { 'x-mlflow-workspace': env.MLFLOW_WORKSPACE } : {}),
      ...(json ? { 'content-type': 'application/json' } : {}),
    };
    const { method } = request;
    const headers = isSigned(env)
      ? await this.#signed({ method, url, headers: plain, body: upload?.read() })
      : plain;
    this.#agent ??= makeAgent(url.protocol, env);
    const agent = await this.#agent;
    const isOfFiles = request.path.includes('/mlflow-artifacts/');
    const idleMilliseconds = isOfFiles ? IDLE_OF_FILES_MILLISECONDS : IDLE_MILLISECONDS;
    try {
      return await sendHttp({ method, url, headers, upload, idleMilliseconds, signal }, agent);
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  /** The headers with a signature made now, so that an attempt long after the first is not too late. */
  async #signed(request: UnsignedRequest): Promise<Record<string, string>> {
    const { env, signal } = this.#options;
    this.#sign ??= import('../aws/request-signer.ts').then(({ requestSigner }) =>
      requestSigner(SIGNED_SERVICE, { env, signal }),
    );
    const signed = await (await this.#sign)(request);
    const token = signed[SESSION_TOKEN];
    if (token) this.#sessionTokens.add(token);
    return signed;
  }

  async #text(response: IncomingMessage): Promise<string> {
    try {
      return await readText(response, LARGEST_BYTES, this.server);
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  #json(text: string): unknown {
    if (text === '') return {};
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new UserError(`${this.server} does not answer as an MLflow server: its answer is not JSON.`, {
        fix: 'Check the address; a login page may stand before the server.',
        cause,
      });
    }
  }

  #unreachable(cause: unknown): unknown {
    const { signal } = this.#options;
    if (signal?.aborted) return signal.reason;
    if (cause instanceof UserError) return cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code ?? '');
    return new PassingError(
      new ServerUnreachable(`The MLflow server ${this.server} could not be reached: ${code ?? message}.`, {
        fix: isCertificate
          ? 'Set MLFLOW_TRACKING_SERVER_CERT_PATH to the certificate of its authority.'
          : 'Check the address, the network and any proxy.',
        cause,
      }),
    );
  }

  #failure(response: IncomingMessage, text: string): Error {
    const status = response.statusCode ?? 0;
    const { env } = this.#options;
    const { message: said, code } = saidIn(text, [...secretsOf(env), ...this.#sessionTokens]);
    const error = new TrackingRefusal(
      `The MLflow server ${this.server} answered ${status}${said && `: ${said}`}.`,
      fixFor(status, env),
      status,
      code,
    );
    // 501 is no trouble that passes: the server cannot do this at all.
    if (status !== 429 && status !== 408 && (status < 500 || status === 501)) return error;
    return new PassingError(error, pauseAsked(response.headers['retry-after']));
  }
}

/** Whether a failure is the server's word that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof TrackingRefusal && (error.status === 404 || error.code === 'RESOURCE_DOES_NOT_EXIST')
  );
}
