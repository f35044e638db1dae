/** Asks an MLflow tracking server, with the variables that MLflow's own client reads. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { UserError } from '../../../../shared/errors.ts';

export interface TrackingOptions {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Between two attempts. */
  wait: (milliseconds: number) => Promise<void>;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MILLISECONDS = 500;
const IDLE_MILLISECONDS = 30_000;
const LARGEST_BYTES = 50_000_000;

/** A failure that may pass. */
class PassingError extends Error {
  readonly final: UserError;
  constructor(final: UserError) {
    super(final.message);
    this.final = final;
  }
}

/**
 * The JSON that the server answers to GET.
 * @param path below the server's address, with its query.
 * @throws UserError when it cannot be reached, refuses, or answers something else. Nothing in it repeats a credential.
 */
export async function askServer(server: string, path: string, options: TrackingOptions): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(server, path, options);
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      if (attempt === ATTEMPTS) throw error.final;
      options.signal.throwIfAborted();
      await options.wait(FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1));
    }
  }
}

async function askOnce(server: string, path: string, options: TrackingOptions): Promise<unknown> {
  const response = await send(server, path, options);
  const text = await readText(response, server);
  const status = response.statusCode ?? 0;
  if (status === 200) {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new UserError(`${server} does not answer as an MLflow server: its answer is not JSON.`, {
        fix: 'Check the address; a login page may stand before the server.',
        cause,
      });
    }
  }
  const error = refusal(server, status, text);
  throw status === 429 || status >= 500 ? new PassingError(error) : error;
}

async function send(
  server: string,
  path: string,
  { env, signal }: TrackingOptions,
): Promise<IncomingMessage> {
  const url = new URL(`${server}${path}`);
  const isTls = url.protocol === 'https:';
  const http = isTls ? await import('node:https') : await import('node:http');
  const agent = new http.Agent({ proxyEnv: env, ...(isTls ? await trust(env) : {}) });
  const headers = { 'user-agent': 'mlops-actions', ...authorization(env) };
  try {
    return await new Promise((resolve, reject) => {
      const request = http.get(url, { agent, headers, signal, timeout: IDLE_MILLISECONDS }, resolve);
      request.on('timeout', () => request.destroy(new Error(`no answer for ${IDLE_MILLISECONDS / 1000} s`)));
      request.on('error', reject);
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(server, cause as NodeJS.ErrnoException);
  }
}

function authorization(env: NodeJS.ProcessEnv): Record<string, string> {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
  } = env;
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** In every form in which a server that repeats what it was sent would show them. */
export function secretsOf(env: NodeJS.ProcessEnv): string[] {
  const sent = authorization(env).authorization?.split(' ').at(-1);
  return [sent, env.MLFLOW_TRACKING_TOKEN, env.MLFLOW_TRACKING_PASSWORD].flatMap((text) => text || []);
}

/** What a server's certificate is held against. */
async function trust(env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const { MLFLOW_TRACKING_INSECURE_TLS: insecure, MLFLOW_TRACKING_SERVER_CERT_PATH: path } = env;
  if (/^(true|1)$/i.test(insecure ?? '')) return { rejectUnauthorized: false };
  const { getCACertificates } = await import('node:tls');
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  if (!path) return { ca: known };
  const own = await readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`The certificate ${path} cannot be read.`, {
      where: { file: path, key: 'MLFLOW_TRACKING_SERVER_CERT_PATH' },
      fix: 'Check the path.',
      cause,
    });
  });
  return { ca: [...known, own] };
}

async function readText(response: IncomingMessage, server: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let received = 0;
  try {
    for await (const part of response as AsyncIterable<Uint8Array>) {
      received += part.length;
      if (received > LARGEST_BYTES) {
        throw new UserError(`${server} answers with more than ${LARGEST_BYTES / 1e6} MB.`);
      }
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw unreachable(server, cause as NodeJS.ErrnoException);
  }
  return Buffer.concat(parts).toString('utf8');
}

function unreachable(server: string, cause: NodeJS.ErrnoException): PassingError {
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(cause.code ?? '');
  return new PassingError(
    new UserError(`The MLflow server ${server} could not be reached: ${cause.code ?? cause.message}.`, {
      fix: isCertificate
        ? 'Set MLFLOW_TRACKING_SERVER_CERT_PATH to the certificate of its authority.'
        : 'Check the address, the network and any proxy.',
      cause,
    }),
  );
}

function refusal(server: string, status: number, text: string): UserError {
  return new UserError(`The MLflow server ${server} answered ${status}${messageOf(text)}.`, {
    fix: fixFor(status),
  });
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string'
      ? `: ${message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300)}`
      : '';
  } catch {
    return '';
  }
}

function fixFor(status: number): string {
  if (status === 401 || status === 403) {
    return 'Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, of an account that may read the run.';
  }
  if (status === 404) return 'Check the id of the run and the address of the server.';
  if (status >= 300 && status < 400) return 'The server sends elsewhere: write the address that it sends to.';
  return status >= 500 || status === 429 ? 'The server is in trouble: run again later.' : '';
}
