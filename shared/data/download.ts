import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { publicName } from './source-address.ts';

export interface DownloadOptions {
  /** Proxy settings are read from here: HTTPS_PROXY, HTTP_PROXY, NO_PROXY (either case). */
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Called as bytes arrive; `total` is missing when the server does not say. */
  onBytes?: (received: number, total: number | undefined) => void;
}

const MAXIMUM_REDIRECTS = 5;
const IDLE_MILLISECONDS = 30_000;

/**
 * Fetches a URL whole into memory. Node's own `fetch` ignores HTTPS_PROXY; an agent with `proxyEnv` honours it.
 * @throws UserError on a status other than 200, a stalled or broken connection, or too many redirects.
 */
export async function downloadBytes(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const { response, target } = await follow(url, options);
  return readBody(response, target, options.onBytes);
}

export interface Downloaded {
  /** As the server says; empty where it does not. */
  contentType: string;
  /** The path of the address that answered, after redirects. */
  path: string;
}

/**
 * Fetches a URL into a new file, in bounded memory; from https it is not led anywhere else. Messages name addresses
 * without their query, where signatures are.
 * @throws UserError as `downloadBytes` does.
 */
export async function downloadFile(
  url: string,
  options: DownloadOptions & { chooseFile: (answered: Downloaded) => string },
): Promise<{ file: string }> {
  const { response, target } = await follow(url, options);
  const answered = {
    contentType: response.headers['content-type'] ?? '',
    path: decodeURIComponent(new URL(target).pathname),
  };
  const total = Number(response.headers['content-length']) || undefined;
  let received = 0;
  response.on('data', (part: Buffer) => {
    received += part.length;
    options.onBytes?.(received, total);
  });
  const file = options.chooseFile(answered);
  try {
    await pipeline(response, createWriteStream(file, { flags: 'wx' }), { signal: options.signal });
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new UserError(`The connection to ${publicName(target)} broke after ${received} bytes`, {
      fix: 'Run the step again.',
      ...(cause instanceof Error && { cause }),
    });
  }
  return { file };
}

async function follow(
  url: string,
  options: DownloadOptions,
): Promise<{ response: IncomingMessage; target: string }> {
  let target = url;
  for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop++) {
    const response = await get(target, options);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (status >= 300 && status < 400 && location) {
      response.resume();
      const next = new URL(location, target).href;
      if (target.startsWith('https:') && !next.startsWith('https:'))
        throw new UserError(`${publicName(target)} redirects to ${publicName(next)}, which is not https`);
      target = next;
      continue;
    }
    if (status !== 200) {
      response.resume();
      throw new UserError(`${publicName(target)} answered ${status} ${response.statusMessage ?? ''}`.trim());
    }
    return { response, target };
  }
  throw new UserError(`${publicName(url)} redirects more than ${MAXIMUM_REDIRECTS} times`);
}

async function get(url: string, { env, signal }: DownloadOptions): Promise<IncomingMessage> {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new UserError(`Cannot fetch ${publicName(url)}: not http or https`);
  const http = protocol === 'https:' ? await import('node:https') : await import('node:http');
  // A company's own authority is in the system's store, which Node does not look at by itself.
  const trusted = protocol === 'https:' ? await trustedAuthorities() : {};
  const agent = new http.Agent({ proxyEnv: env, ...trusted });
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, signal, timeout: IDLE_MILLISECONDS }, resolve);
    request.on('timeout', () => request.destroy(new Error(`no answer for ${IDLE_MILLISECONDS / 1000} s`)));
    request.on('error', (cause) =>
      reject(new UserError(`Cannot reach ${publicName(url)}: ${cause.message}`, { cause })),
    );
  });
}

async function trustedAuthorities(): Promise<{ ca: string[] }> {
  const { getCACertificates } = await import('node:tls');
  return { ca: [...getCACertificates('default'), ...getCACertificates('system')] };
}

async function readBody(
  response: IncomingMessage,
  url: string,
  onBytes: DownloadOptions['onBytes'],
): Promise<Uint8Array> {
  const total = Number(response.headers['content-length']) || undefined;
  const parts: Uint8Array[] = [];
  let received = 0;
  try {
    for await (const part of response) {
      parts.push(part);
      received += part.length;
      onBytes?.(received, total);
    }
  } catch (cause) {
    throw new UserError(`The connection to ${publicName(url)} broke after ${received} bytes`, { cause });
  }
  return Buffer.concat(parts);
}
