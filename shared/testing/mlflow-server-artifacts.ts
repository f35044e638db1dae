/** The artifacts that MLflow's server hands on: files in memory, and uploads in parts as a bucket takes them. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './loopback-server.ts';
import { invalid, MlflowRefusal } from './mlflow-refusal.ts';

/** By path below the server's storage. */
export type ArtifactFiles = Map<string, Buffer>;

/** Parts that lie in the storage without being a file yet: `storage/<path>/<number>`. */
const isPart = (path: string) => path.startsWith('storage/');

export function answerArtifacts(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: Buffer,
  artifacts: ArtifactFiles,
  hasMultipart: boolean,
): void {
  if (url.pathname.startsWith('/storage/')) {
    if (request.headers.authorization) throw new MlflowRefusal(400, 'InvalidArgument', 'Two ways to sign.');
    artifacts.set(url.pathname.slice(1), body);
    return void response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
  }
  const [, call = '', encoded] =
    /^\/api\/2\.0\/mlflow-artifacts\/(artifacts|mpu\/\w+)(?:\/(.*))?$/.exec(url.pathname) ?? [];
  if (call.startsWith('mpu/')) {
    const origin = `http://${request.headers.host}`;
    const given = JSON.parse(body.toString('utf8')) as Multipart;
    return void sendJson(
      response,
      200,
      multipart(call, kept(encoded ?? ''), given, artifacts, hasMultipart, origin),
    );
  }
  if (encoded === undefined) return void list(response, kept(url.searchParams.get('path') ?? ''), artifacts);
  const path = kept(encoded);
  if (request.method === 'PUT') {
    if (body.length !== Number(request.headers['content-length'])) return void request.socket.destroy();
    artifacts.set(path, body);
    return void sendJson(response, 200, {});
  }
  if (request.method === 'DELETE') {
    for (const name of artifacts.keys())
      if (name === path || name.startsWith(`${path}/`)) artifacts.delete(name);
    return void sendJson(response, 200, {});
  }
  const bytes = artifacts.get(path);
  if (!bytes) throw new MlflowRefusal(404, 'RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
  response
    .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length })
    .end(bytes);
}

function list(response: ServerResponse, folder: string, artifacts: ArtifactFiles): void {
  const found = new Map<string, { path: string; is_dir: boolean; file_size?: number }>();
  for (const [path, bytes] of artifacts) {
    if (isPart(path) || !path.startsWith(`${folder}/`)) continue;
    const [name = '', ...below] = path.slice(folder.length + 1).split('/');
    const is_dir = below.length > 0;
    found.set(name, { path: name, is_dir, ...(is_dir ? {} : { file_size: bytes.length }) });
  }
  sendJson(response, 200, found.size > 0 ? { files: [...found.values()] } : {});
}

/** As MLflow reads a path: decoded until nothing changes, and taken for a URL each time. */
function kept(encoded: string): string {
  let path = encoded;
  for (let next = decodeURIComponent(path); next !== path; next = decodeURIComponent(path)) path = next;
  if (/[#\\]/.test(path) || path.split('/').includes('..')) throw invalid('Invalid path');
  return path;
}

interface Multipart {
  path: string;
  num_parts: number;
  parts: { part_number: number; etag: string }[];
}

function multipart(
  call: string,
  folder: string,
  given: Multipart,
  artifacts: ArtifactFiles,
  hasMultipart: boolean,
  origin: string,
): unknown {
  if (!hasMultipart) {
    throw new MlflowRefusal(
      501,
      'NOT_IMPLEMENTED',
      'Multipart upload is not supported for the current artifact repository',
    );
  }
  const path = `${folder}/${given.path}`;
  const part = (number: number) => `storage/${path}/${number}`;
  if (call === 'mpu/create') {
    const numbers = Array.from({ length: given.num_parts }, (_, index) => index + 1);
    const urlOf = (number: number) =>
      `${origin}/${part(number).split('/').map(encodeURIComponent).join('/')}`;
    return {
      upload_id: path,
      credentials: numbers.map((number) => ({ url: urlOf(number), part_number: number, headers: {} })),
    };
  }
  if (call === 'mpu/complete') {
    const bytes = given.parts.map(({ part_number, etag }) => {
      const stored = artifacts.get(decodeURIComponent(part(part_number))) ?? Buffer.alloc(0);
      if (etag !== `"${createHash('md5').update(stored).digest('hex')}"`) throw invalid('InvalidPart');
      return stored;
    });
    artifacts.set(path, Buffer.concat(bytes));
  }
  for (const name of [...artifacts.keys()]) if (name.startsWith(`storage/${path}/`)) artifacts.delete(name);
  return {};
}
