import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import { errorCode, isPassing } from './aws-error.ts';
import { base64Of, metadataOf } from './object-digest.ts';
import type { ObjectContent } from './objects.ts';
import type { S3Address, S3Connection } from './s3-connection.ts';
import { type Part, partSize, startUpload, type Upload, unfinishedUploads } from './unfinished-uploads.ts';

/** Up to here one request is faster than three. In bytes. */
const LARGEST_IN_ONE = 16 * 1024 * 1024;
/** What all parts that are under way may take of memory. In bytes. */
const MEMORY = 64 * 1024 * 1024;
const MOST_AT_ONCE = 4;

/**
 * Stores bytes or a file. @param storedDigest asks for the digest of what is there now.
 * @throws UserError when the file is not what it was when it was hashed.
 */
export async function putFile(
  connection: S3Connection,
  address: S3Address,
  content: ObjectContent,
  storedDigest: () => Promise<string | undefined>,
): Promise<void> {
  if ('bytes' in content || content.size <= LARGEST_IN_ONE) return putInOne(connection, address, content);
  const { signal } = connection.options;
  const unfinished = await unfinishedUploads(connection, address);
  for (const upload of [...unfinished.slice(0, 1), undefined]) {
    const used = upload ?? (await startUpload(connection, address, content.digest));
    try {
      await putParts(connection, address, content, used);
    } catch (error) {
      // Another job that brings the same bytes was faster, or somebody cleaned up.
      if (errorCode(error) === 'NoSuchUpload') {
        if ((await storedDigest()) === content.digest) return;
        if (upload) continue;
      }
      // What may succeed later is kept, so that the next run goes on with it.
      if (!signal?.aborted && !isPassing(error)) await abort(connection, address, used.id);
      throw error;
    }
    if ((await storedDigest()) === content.digest) {
      for (const { id } of unfinished) if (id !== used.id) await abort(connection, address, id);
      return;
    }
  }
  throw new UserError(`What S3 keeps under ${address.Key} is not what was sent.`, {
    fix: 'Another job writes to the same place: give each its own, and run again.',
  });
}

async function putInOne(connection: S3Connection, address: S3Address, content: ObjectContent): Promise<void> {
  const { client, options } = connection;
  const Body = 'bytes' in content ? content.bytes : await readFileOf(content.path, content.size);
  checkUnchanged(sha256(Body), content);
  const command = new PutObjectCommand({
    ...address,
    Body,
    ContentLength: Body.length,
    ChecksumSHA256: base64Of(content.digest),
    Metadata: metadataOf(content.digest),
  });
  await client.send(command, options.signal ? { abortSignal: options.signal } : {});
}

/** No more than the size that was hashed, and one byte to see that it has grown. */
async function readFileOf(path: string, size: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(size + 1);
    return bytes.subarray(0, await readAt(handle, bytes, 0));
  } finally {
    await handle.close();
  }
}

async function readAt(
  handle: Awaited<ReturnType<typeof open>>,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let length = 0;
  while (length < into.length) {
    const { bytesRead } = await handle.read(into, length, into.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

function checkUnchanged(found: string, content: ObjectContent): void {
  if (found === content.digest) return;
  throw new UserError(`${'path' in content ? content.path : 'The content'} changed while it was stored.`, {
    ...('path' in content ? { where: { file: content.path } } : {}),
    fix: 'Let nothing write to it while it is registered, and run again.',
  });
}

/** Sends the parts that are not there yet, a few at once, and makes one object of them. */
async function putParts(
  connection: S3Connection,
  address: S3Address,
  content: Extract<ObjectContent, { path: string }>,
  upload: Upload,
): Promise<void> {
  const { client, options } = connection;
  const { signal } = options;
  const size = partSize(content.size);
  const count = Math.ceil(content.size / size);
  const parts: Part[] = [];
  const underWay = new Set<Promise<void>>();
  const whole: Hash = createHash('sha256');
  const atOnce = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(MEMORY / size)));
  const handle = await open(content.path);
  try {
    for (let number = 1; number <= count; number++) {
      signal?.throwIfAborted();
      while (underWay.size >= atOnce) await Promise.race(underWay);
      const start = (number - 1) * size;
      const bytes = Buffer.alloc(Math.min(size, content.size - start));
      const length = await readAt(handle, bytes, start);
      if (length < bytes.length) checkUnchanged('', content);
      whole.update(bytes);
      const sending = sendPart(connection, address, upload, number, bytes).then((part) => {
        parts[number - 1] = part;
        underWay.delete(sending);
      });
      // Seen by the race or by the wait at the end; until then it must not count as unhandled.
      sending.catch(() => undefined);
      underWay.add(sending);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
    await handle.close();
  }
  checkUnchanged(`sha256:${whole.digest('hex')}`, content);
  const command = new CompleteMultipartUploadCommand({
    ...address,
    UploadId: upload.id,
    MultipartUpload: { Parts: parts },
  });
  await client.send(command, signal ? { abortSignal: signal } : {});
}

async function sendPart(
  { client, options }: S3Connection,
  address: S3Address,
  upload: Upload,
  number: number,
  bytes: Uint8Array,
): Promise<Part> {
  const ChecksumSHA256 = base64Of(sha256(bytes));
  const present = upload.parts.get(number);
  if (present?.ChecksumSHA256 === ChecksumSHA256) return present;
  const { ETag } = await client.send(
    new UploadPartCommand({
      ...address,
      UploadId: upload.id,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.length,
      ChecksumSHA256,
    }),
    options.signal ? { abortSignal: options.signal } : {},
  );
  return { PartNumber: number, ETag, ChecksumSHA256 };
}

/** Frees the parts of an upload; where that fails, the rule of the bucket for unfinished uploads does it later. */
async function abort({ client }: S3Connection, address: S3Address, id: string): Promise<void> {
  await client.send(new AbortMultipartUploadCommand({ ...address, UploadId: id })).catch(() => undefined);
}
