import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Asked, fail, type OciServerOptions, type OciServerState } from './oci-server-state.ts';

/** Manifests, tags and referrers in the registry for tests. */

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const ENDLESS_BYTES = 20 * 1024 * 1024;

interface ManifestJson extends Record<string, unknown> {
  config?: { digest: string };
  layers?: { digest: string }[];
  subject?: { digest: string };
}

export function answerManifests(
  response: ServerResponse,
  asked: Asked,
  state: OciServerState,
  options: OciServerOptions,
): ServerResponse {
  const { method, repository, reference } = asked;
  if (method === 'PUT') return putManifest(response, asked, state, options);
  const found = state.manifests.get(`${repository} ${reference}`);
  if (method === 'DELETE') {
    if (options.deletes === false) return fail(response, 405, 'UNSUPPORTED', 'The operation is unsupported.');
    if (!reference.startsWith('sha256:')) return fail(response, 400, 'DIGEST_INVALID', 'by digest only');
    if (!found) return fail(response, 404, 'MANIFEST_UNKNOWN', reference);
    for (const [key, { digest }] of state.manifests) {
      if (digest === reference && key.startsWith(`${repository} `)) state.manifests.delete(key);
    }
    return response.writeHead(202).end();
  }
  if (!found) return fail(response, 404, 'MANIFEST_UNKNOWN', reference);
  response.writeHead(200, {
    'content-type': found.mediaType,
    'content-length': found.bytes.length,
    'docker-content-digest': found.digest,
  });
  return response.end(method === 'HEAD' ? undefined : found.bytes);
}

function putManifest(
  response: ServerResponse,
  { repository, reference, body, headers }: Asked,
  state: OciServerState,
  options: OciServerOptions,
): ServerResponse {
  const manifest = JSON.parse(body.toString('utf8')) as ManifestJson;
  const named = [manifest.config, ...(manifest.layers ?? [])].flatMap((entry) => entry?.digest ?? []);
  const missing = named.find((digest) => !state.owned.has(`${repository} ${digest}`));
  if (missing) return fail(response, 400, 'MANIFEST_BLOB_UNKNOWN', missing);
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const stored = { bytes: body, mediaType: headers['content-type'] ?? '', digest };
  if (reference.startsWith('sha256:') && reference !== digest) {
    return fail(response, 400, 'DIGEST_INVALID', 'other bytes');
  }
  const before = state.manifests.get(`${repository} ${reference}`);
  if (options.immutableTags && before && before.digest !== digest) {
    return options.immutableTags === 'ecr'
      ? fail(
          response,
          400,
          'TAG_INVALID',
          `The image tag '${reference}' already exists in the '${repository}' repository and cannot be overwritten because the repository is immutable.`,
        )
      : fail(
          response,
          412,
          'PRECONDITION',
          `Failed to process request due to '${repository}:${reference}' configured as immutable.`,
        );
  }
  state.manifests.set(`${repository} ${reference}`, stored);
  state.manifests.set(`${repository} ${digest}`, stored);
  const subject = options.referrersApi && manifest.subject ? { 'oci-subject': manifest.subject.digest } : {};
  return response.writeHead(201, { 'docker-content-digest': digest, ...subject }).end();
}

/** Two tags a page, whatever is asked for, so that clients have to turn the pages. */
export function answerTags(
  response: ServerResponse,
  { repository, url }: Asked,
  state: OciServerState,
  options: OciServerOptions,
): ServerResponse {
  if (options.endlessTags) return response.end(JSON.stringify({ tags: ['x'.repeat(ENDLESS_BYTES)] }));
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

export function answerReferrers(
  response: ServerResponse,
  { repository, reference }: Asked,
  state: OciServerState,
  options: OciServerOptions,
): ServerResponse {
  const known = [...state.manifests.entries()].filter(([key]) => key.startsWith(`${repository} `));
  if (known.length === 0) return fail(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry');
  const found = known.flatMap(([key, { bytes, mediaType, digest }]) => {
    const manifest = JSON.parse(bytes.toString('utf8')) as ManifestJson;
    if (key !== `${repository} ${digest}` || manifest.subject?.digest !== reference) return [];
    const { artifactType, annotations } = manifest;
    const described = options.bareReferrers ? {} : { artifactType, annotations };
    return [{ mediaType, digest, size: bytes.length, ...described }];
  });
  response.writeHead(200, { 'content-type': INDEX_TYPE });
  return response.end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: found }));
}
