import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Asked, fail, type OciServerOptions, type OciServerState } from './oci-server-state.ts';

/** Blobs and their uploads in the registry for tests. */

/** A state that a client must send back as it is. */
const UPLOAD_STATE = '?_state=a%2Fb+c';

export function answerBlobs(
  response: ServerResponse,
  asked: Asked,
  state: OciServerState,
  options: OciServerOptions,
): ServerResponse {
  const { method, repository, reference } = asked;
  if (reference.startsWith('uploads/')) return answerUploads(response, asked, state, options);
  const blob = state.owned.has(`${repository} ${reference}`) ? state.blobs.get(reference) : undefined;
  if (!blob) return fail(response, 404, 'BLOB_UNKNOWN', reference);
  response.writeHead(200, { 'content-length': blob.length, 'docker-content-digest': reference });
  return response.end(method === 'HEAD' ? undefined : blob);
}

function answerUploads(
  response: ServerResponse,
  { method, repository, reference, url, body, headers }: Asked,
  state: OciServerState,
  options: OciServerOptions,
): ServerResponse {
  if (options.readOnly) return fail(response, 403, 'DENIED', 'permission_denied: write_package');
  if (options.wantsRepository)
    return fail(response, 404, 'NAME_UNKNOWN', `The repository with name '${repository}' does not exist`);
  const id = reference.slice('uploads/'.length);
  if (method === 'POST' && id === '') {
    const mount = url.searchParams.get('mount') ?? '';
    if (options.mounts !== false && state.owned.has(`${url.searchParams.get('from')} ${mount}`)) {
      state.owned.add(`${repository} ${mount}`);
      return response.writeHead(201, { location: `/v2/${repository}/blobs/${mount}` }).end();
    }
    const begun = randomUUID();
    state.uploads.set(begun, Buffer.alloc(0));
    return response.writeHead(202, { location: locationOf(repository, begun) }).end();
  }
  const present = state.uploads.get(id);
  if (!present || !url.search.startsWith(UPLOAD_STATE))
    return fail(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload');
  if (method === 'DELETE') {
    state.uploads.delete(id);
    return response.writeHead(204).end();
  }
  if (method === 'GET') {
    const range = `0-${Math.max(0, present.length - 1)}`;
    return response.writeHead(204, { location: locationOf(repository, id), range }).end();
  }
  if (method === 'PATCH') {
    const { chunks = 'taken' } = options;
    if (chunks === 'refused') return fail(response, 400, 'UNSUPPORTED', 'no chunked uploads');
    const isNext = headers['content-range'] === `${present.length}-${present.length + body.length - 1}`;
    if (chunks === 'too-large' || !isNext) return fail(response, 416, 'BLOB_UPLOAD_INVALID', 'range');
    state.received.push({ digest: '', bytes: body.length });
    if (chunks !== 'lost') state.uploads.set(id, Buffer.concat([present, body]));
    const location = locationOf(repository, id);
    return response.writeHead(chunks === 'answers-201' ? 201 : 202, { location }).end();
  }
  const whole = Buffer.concat([present, body]);
  const digest = url.searchParams.get('digest') ?? '';
  state.uploads.delete(id);
  state.received.push({ digest, bytes: body.length });
  if (`sha256:${createHash('sha256').update(whole).digest('hex')}` !== digest)
    return fail(response, 400, 'DIGEST_INVALID', 'other bytes');
  state.blobs.set(digest, whole);
  state.owned.add(`${repository} ${digest}`);
  return response.writeHead(201, { 'docker-content-digest': digest }).end();
}

function locationOf(repository: string, upload: string): string {
  return `/v2/${repository}/blobs/uploads/${upload}${UPLOAD_STATE}`;
}
