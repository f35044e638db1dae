import type { IncomingMessage } from 'node:http';
import { UserError } from '../errors.ts';

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
  let target = url;
  for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop++) {
    const response = await get(target, options);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (status >= 300 && status < 400 && location) {
      response.resume();
      target = new URL(location, target).href;
      continue;
    }
    if (status !== 200) {
      response.resume();
      throw new UserError(`${target} answered ${status} ${response.statusMessage ?? ''}`.trim());
    }
    return readBody(response, target, options.onBytes);
  }
  throw new UserError(`${url} redirects more than ${MAXIMUM_REDIRECTS} times`);
}

async function get(url: string, { env, signal }: DownloadOptions): Promise<IncomingMessage> {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new UserError(`Cannot fetch ${url}: not http or https`);
  const http = protocol === 'https:' ? await import('node:https') : await import('node:http');
  // A company's own authority is in the system's store, which Node does not look at by itself.
  const trusted = protocol === 'https:' ? await trustedAuthorities() : {};
  const agent = new http.Agent({ proxyEnv: env, ...trusted });
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, signal, timeout: IDLE_MILLISECONDS }, resolve);
    request.on('timeout', () => request.destroy(new Error(`no answer for ${IDLE_MILLISECONDS / 1000} s`)));
    request.on('error', (cause) => reject(new UserError(`Cannot reach ${url}: ${cause.message}`, { cause })));
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
    throw new UserError(`The connection to ${url} broke after ${received} bytes`, { cause });
  }
  return Buffer.concat(parts);
}
