/** One HTTP request, for the clients of servers that are spoken to without a library of their own. */
import type { Agent, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';

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

/** Authorities of Node and of the system, in whose store a company's own is. */
export async function knownAuthorities(): Promise<string[]> {
  const { getCACertificates } = await import('node:tls');
  return [...getCACertificates('default'), ...getCACertificates('system')];
}
