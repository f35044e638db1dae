/**
 * A container registry in memory on a loopback port: enough of the distribution specification to test clients,
 * with and without the referrers API, with the three ways to authenticate, and with faults on demand.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ServerFault = 'refuse' | 'drop-before' | 'drop-after' | 'none';

export interface OciServerOptions {
  /** Whether it has the referrers API, or is like docker-registry 2.8 and GHCR. */
  referrersApi?: boolean;
  /** Who may come in. `token` sells bearer tokens for these accounts. */
  auth?: { kind: 'basic' | 'token'; username: string; password: string };
  /** Decides per request what goes wrong: 503, a broken connection before, or after it has taken effect. */
  fault?: (request: { method: string; path: string }) => ServerFault;
}

export interface OciServer {
  host: string;
  /** Every request as `METHOD path`. */
  requests: string[];
  /** Values of every Authorization header that came in. */
  authorizations: string[];
  blobs: Map<string, Buffer>;
  /** By `<repository> <tag or digest>`. */
  manifests: Map<string, { bytes: Buffer; mediaType: string; digest: string }>;
  close(): Promise<void>;
}

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Starts the server on a free port. */
export async function startOciServer(options: OciServerOptions = {}): Promise<OciServer> {
  const state = {
    requests: [] as string[],
    authorizations: [] as string[],
    blobs: new Map<string, Buffer>(),
    manifests: new Map<string, { bytes: Buffer; mediaType: string; digest: string }>(),
    uploads: new Set<string>(),
    tokens: new Map<string, string>(),
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

interface State extends Pick<OciServer, 'requests' | 'authorizations' | 'blobs' | 'manifests'> {
  uploads: Set<string>;
  /** Token to the scope it was sold for. */
  tokens: Map<string, string>;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  state: State,
  options: OciServerOptions,
): Promise<unknown> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const method = request.method ?? 'GET';
  state.requests.push(`${method} ${url.pathname}`);
  if (request.headers.authorization) state.authorizations.push(request.headers.authorization);
  const fault = options.fault?.({ method, path: url.pathname }) ?? 'none';
  if (fault === 'drop-before') return request.socket.destroy();
  const body = await readBody(request);
  if (url.pathname === '/token') return sellToken(request, response, url, state, options);
  if (fault === 'refuse') return fail(response, 503, 'UNAVAILABLE', 'try again');
  if (!isAllowed(request, response, method, state, options)) return response;
  if (fault === 'drop-after') {
    // The work is done, and the answer is lost.
    response.end = (() => {
      request.socket.destroy();
      return response;
    }) as typeof response.end;
  }
  const match = /^\/v2\/(.+?)\/(blobs|manifests|tags|referrers)\/(.*)$/.exec(url.pathname);
  if (!match) return fail(response, 404, 'NOT_FOUND', 'page not found');
  const [, repository = '', kind, reference = ''] = match;
  if (kind === 'blobs') return blobs(response, method, repository, reference, url, body, state);
  if (kind === 'manifests') {
    const mediaType = request.headers['content-type'] ?? '';
    return manifests(response, method, repository, reference, mediaType, body, state, options);
  }
  if (kind === 'tags') return tags(response, repository, url, state);
  if (!options.referrersApi) return fail(response, 404, 'NOT_FOUND', 'page not found');
  return referrers(response, repository, reference, state);
}

function blobs(
  response: ServerResponse,
  method: string,
  repository: string,
  reference: string,
  url: URL,
  body: Buffer,
  state: State,
): ServerResponse {
  if (method === 'POST' && reference === 'uploads/') {
    const upload = randomUUID();
    state.uploads.add(upload);
    return response
      .writeHead(202, { location: `/v2/${repository}/blobs/uploads/${upload}?_state=a%2Fb+c` })
      .end();
  }
  if (method === 'PUT' && reference.startsWith('uploads/')) {
    const digest = url.searchParams.get('digest') ?? '';
    if (
      !state.uploads.delete(reference.slice('uploads/'.length)) ||
      !url.search.startsWith('?_state=a%2Fb+c&')
    ) {
      return fail(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload');
    }
    if (digestOf(body) !== digest) return fail(response, 400, 'DIGEST_INVALID', 'other bytes');
    state.blobs.set(digest, body);
    return response.writeHead(201, { 'docker-content-digest': digest }).end();
  }
  const blob = state.blobs.get(reference);
  if (!blob) return fail(response, 404, 'BLOB_UNKNOWN', reference);
  response.writeHead(200, { 'content-length': blob.length, 'docker-content-digest': reference });
  return response.end(method === 'HEAD' ? undefined : blob);
}

function manifests(
  response: ServerResponse,
  method: string,
  repository: string,
  reference: string,
  mediaType: string,
  body: Buffer,
  state: State,
  options: OciServerOptions,
): ServerResponse {
  if (method === 'PUT') {
    const manifest = JSON.parse(body.toString('utf8')) as {
      config?: { digest: string };
      layers?: { digest: string }[];
      subject?: { digest: string };
    };
    const named = [manifest.config, ...(manifest.layers ?? [])].flatMap((entry) => entry?.digest ?? []);
    const missing = named.find((digest) => !state.blobs.has(digest));
    if (missing) return fail(response, 400, 'MANIFEST_BLOB_UNKNOWN', missing);
    const stored = { bytes: body, mediaType, digest: digestOf(body) };
    if (reference.startsWith('sha256:') && reference !== stored.digest) {
      return fail(response, 400, 'DIGEST_INVALID', 'other bytes');
    }
    state.manifests.set(`${repository} ${reference}`, stored);
    state.manifests.set(`${repository} ${stored.digest}`, stored);
    const subject =
      options.referrersApi && manifest.subject ? { 'oci-subject': manifest.subject.digest } : {};
    return response.writeHead(201, { 'docker-content-digest': stored.digest, ...subject }).end();
  }
  const found = state.manifests.get(`${repository} ${reference}`);
  if (!found) return fail(response, 404, 'MANIFEST_UNKNOWN', reference);
  response.writeHead(200, {
    'content-type': found.mediaType,
    'content-length': found.bytes.length,
    'docker-content-digest': found.digest,
  });
  return response.end(method === 'HEAD' ? undefined : found.bytes);
}

/** Two tags a page, whatever is asked for, so that clients have to turn the pages. */
function tags(response: ServerResponse, repository: string, url: URL, state: State): ServerResponse {
  const names = [...state.manifests.keys()]
    .filter((key) => key.startsWith(`${repository} `) && !key.includes('sha256:'))
    .map((key) => key.slice(repository.length + 1))
    .sort();
  if (names.length === 0) return fail(response, 404, 'NAME_UNKNOWN', repository);
  const last = url.searchParams.get('last') ?? '';
  const rest = names.filter((name) => name > last);
  const page = rest.slice(0, 2);
  const more = rest.length > page.length;
  const next = `</v2/${repository}/tags/list?n=2&last=${page.at(-1)}>; rel="next"`;
  response.writeHead(200, { 'content-type': 'application/json', ...(more ? { link: next } : {}) });
  return response.end(JSON.stringify({ name: repository, tags: page }));
}

function referrers(
  response: ServerResponse,
  repository: string,
  subject: string,
  state: State,
): ServerResponse {
  const found = [...state.manifests.entries()].flatMap(([key, { bytes, mediaType, digest }]) => {
    const manifest = JSON.parse(bytes.toString('utf8')) as Record<string, unknown> & {
      subject?: { digest: string };
    };
    if (key !== `${repository} ${digest}` || manifest.subject?.digest !== subject) return [];
    const { artifactType, annotations } = manifest;
    return [{ mediaType, digest, size: bytes.length, artifactType, annotations }];
  });
  response.writeHead(200, { 'content-type': INDEX_TYPE });
  return response.end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: found }));
}

function isAllowed(
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  state: State,
  { auth }: OciServerOptions,
): boolean {
  if (!auth) return true;
  const given = request.headers.authorization ?? '';
  if (auth.kind === 'basic') {
    if (given === basic(auth)) return true;
    fail(response, 401, 'UNAUTHORIZED', `not known: ${given}`, 'Basic realm="test"');
    return false;
  }
  const scope = state.tokens.get(given.replace('Bearer ', '')) ?? '';
  const needed = method === 'GET' || method === 'HEAD' ? 'pull' : 'push';
  if (scope.split(':').at(-1)?.split(',').includes(needed)) return true;
  const realm = `http://${request.headers.host}/token`;
  fail(
    response,
    401,
    'UNAUTHORIZED',
    `not known: ${given}`,
    `Bearer realm="${realm}",service="test,registry"`,
  );
  return false;
}

function sellToken(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  state: State,
  { auth }: OciServerOptions,
): ServerResponse {
  if (!auth || request.headers.authorization !== basic(auth)) {
    return fail(response, 401, 'UNAUTHORIZED', `wrong password ${auth?.password}`);
  }
  if (url.searchParams.get('service') !== 'test,registry')
    return fail(response, 400, 'SERVICE', 'unknown service');
  const token = `token-${randomUUID()}`;
  state.tokens.set(token, url.searchParams.get('scope') ?? '');
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token }));
}

function fail(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  challenge?: string,
): ServerResponse {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(challenge ? { 'www-authenticate': challenge } : {}),
  });
  return response.end(JSON.stringify({ errors: [{ code, message }] }));
}

function basic(auth: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
