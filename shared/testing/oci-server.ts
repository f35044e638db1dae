/**
 * A container registry in memory on a loopback port: enough of the distribution specification to test clients,
 * with and without the referrers API, with the ways to authenticate, with the habits of registries people use, and
 * with faults on demand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAllowed, sellToken } from './oci-server-accounts.ts';
import { answerBlobs } from './oci-server-blobs.ts';
import { answerManifests, answerReferrers, answerTags } from './oci-server-manifests.ts';
import { fail, type OciServer, type OciServerOptions, type OciServerState } from './oci-server-state.ts';

export type { OciServer, OciServerOptions, ServerFault } from './oci-server-state.ts';

/** Starts the server on a free port. */
export async function startOciServer(options: OciServerOptions = {}): Promise<OciServer> {
  const state: OciServerState = {
    requests: [],
    authorizations: [],
    blobs: new Map(),
    owned: new Set(),
    received: [],
    manifests: new Map(),
    uploads: new Map(),
    tokens: new Map(),
  };
  const server = createServer((request, response) => {
    answer(request, response, state, options).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...state,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  state: OciServerState,
  options: OciServerOptions,
): Promise<unknown> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const method = request.method ?? 'GET';
  state.requests.push(`${method} ${url.pathname}`);
  if (request.headers.authorization) state.authorizations.push(request.headers.authorization);
  const bytes = Number(request.headers['content-length'] ?? 0);
  const fault = options.fault?.({ method, path: url.pathname, bytes }) ?? 'none';
  if (fault === 'drop-before') return request.socket.destroy();
  if (fault === 'drop-middle') return keepHalf(request, url, state);
  const body = await readBody(request);
  if (url.pathname === '/token') return sellToken(request, response, url, state, options);
  if (fault === 'refuse') return fail(response, 503, 'UNAVAILABLE', 'try again');
  const match = /^\/v2\/(.+?)\/(blobs|manifests|tags|referrers)\/(.*)$/.exec(url.pathname);
  const [, repository = '', kind = '', reference = ''] = match ?? [];
  if (!isAllowed(request, response, repository, state, options)) return response;
  if (fault === 'drop-after') {
    // The work is done, and the answer is lost.
    response.end = (() => {
      request.socket.destroy();
      return response;
    }) as typeof response.end;
  }
  if (!match) return fail(response, 404, 'NOT_FOUND', 'page not found');
  const isKnown = [...state.manifests.keys()].some((key) => key.startsWith(`${repository} `));
  const isReading = method === 'GET' || method === 'HEAD';
  if (options.deniesUnknown && isReading && kind !== 'blobs' && !isKnown)
    return fail(response, 403, 'DENIED', 'requested access to the resource is denied');
  const asked = { method, repository, reference, url, body, headers: request.headers };
  if (kind === 'blobs') return answerBlobs(response, asked, state, options);
  if (kind === 'manifests') return answerManifests(response, asked, state, options);
  if (kind === 'tags') return answerTags(response, asked, state, options);
  if (!options.referrersApi) return fail(response, 404, 'NOT_FOUND', 'page not found');
  return answerReferrers(response, asked, state, options);
}

async function keepHalf(request: IncomingMessage, url: URL, state: OciServerState): Promise<void> {
  const half = Number(request.headers['content-length'] ?? 0) >> 1;
  const upload = url.pathname.split('/').at(-1) ?? '';
  const chunks: Buffer[] = [state.uploads.get(upload) ?? Buffer.alloc(0)];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= half) break;
  }
  if (state.uploads.has(upload)) state.uploads.set(upload, Buffer.concat(chunks));
  request.socket.destroy();
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
