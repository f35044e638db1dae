/** One connection to an MLflow server: whom it trusts, whom it shows itself as, and which proxy it takes. */
import { readFile } from 'node:fs/promises';
import type { Agent, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { isOn } from './account.ts';

/** Bytes of a known number, read anew for every attempt. */
export interface Upload {
  size: number;
  read(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface HttpRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  upload?: Upload;
  /** How long the other side may say nothing. */
  idleMilliseconds: number;
  signal?: AbortSignal;
}

/** Reads the certificates that the environment names. @throws UserError for one that cannot be read. */
export async function makeAgent(protocol: string, env: NodeJS.ProcessEnv): Promise<Agent> {
  const isTls = protocol === 'https:';
  const http = isTls ? await import('node:https') : await import('node:http');
  return new http.Agent({ keepAlive: true, proxyEnv: env, ...(isTls ? await certificates(env) : {}) });
}

async function certificates(env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const own = await readCertificate('MLFLOW_TRACKING_CLIENT_CERT_PATH', env);
  // As MLflow's client takes it: one file with the certificate and its key.
  const shown = own ? { cert: own, key: own } : {};
  if (isOn(env.MLFLOW_TRACKING_INSECURE_TLS)) return { rejectUnauthorized: false, ...shown };
  const { getCACertificates } = await import('node:tls');
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  const authority = await readCertificate('MLFLOW_TRACKING_SERVER_CERT_PATH', env);
  return { ca: authority ? [...known, authority] : known, ...shown };
}

async function readCertificate(key: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = env[key];
  if (!path) return undefined;
  return readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`The certificate ${path} cannot be read.`, {
      where: { file: path, key },
      fix: 'Check the path.',
      cause,
    });
  });
}

/** Sends one request and returns the answer's head; redirects are not followed. Rejects as the system says. */
export async function sendHttp(request: HttpRequest, agent: Agent | undefined): Promise<IncomingMessage> {
  const { method, url, upload, idleMilliseconds, signal } = request;
  const http = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const headers: Record<string, string> = { 'user-agent': 'mlops-actions', ...request.headers };
  if (upload) headers['content-length'] = String(upload.size);
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers, agent, signal, timeout: idleMilliseconds }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${idleMilliseconds / 1000} s`)));
    sent.on('error', reject);
    if (!upload) sent.end();
    // An answer may come, and the connection end, before all is sent: then the answer counts.
    else pipeline(Readable.from(upload.read()), sent).catch(reject);
  });
}

/** The whole answer as text. @throws UserError when it is longer than `limit` bytes. */
export async function readText(response: IncomingMessage, limit: number, server: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let received = 0;
  for await (const part of response as AsyncIterable<Uint8Array>) {
    received += part.length;
    if (received > limit) throw new UserError(`${server} answers with more than ${limit / 1e6} MB.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
