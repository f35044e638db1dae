/** The objects and uploads of a small S3, in memory, with the refusals of the real one. */
import { createHash, randomUUID } from 'node:crypto';
import { AwsFault } from './aws-fault.ts';

export interface FakeObject {
  bytes: Buffer;
  etag: string;
  metadata: Record<string, string>;
  contentType: string;
  checksum?: { value: string; type: 'FULL_OBJECT' | 'COMPOSITE' };
  /** Milliseconds since 1970. */
  lastModified: number;
}

interface FakeUpload {
  bucket: string;
  key: string;
  metadata: Record<string, string>;
  hasChecksums: boolean;
  initiated: number;
  parts: Map<number, { bytes: Buffer; etag: string; checksum?: string }>;
}

export interface S3State {
  /** Bucket to its region. */
  buckets: Map<string, string>;
  /** By `bucket/key`. */
  objects: Map<string, FakeObject>;
  uploads: Map<string, FakeUpload>;
}

export interface S3World {
  state: S3State;
  now: () => number;
  /** The account that owns the buckets. */
  account: string;
  region: string;
  /** Whether If-Match and If-None-Match of writes are known. */
  conditionalWrites: boolean;
  /** Keys on one page of a list. */
  pageSize: number;
}

type Input = Record<string, unknown> & {
  Bucket: string;
  Key: string;
  UploadId: string;
  PartNumber: number;
  Body?: Buffer;
  ChecksumSHA256?: string;
  Metadata?: Record<string, string>;
};
export type S3Output = Record<string, unknown> & { Body?: Buffer };

const SMALLEST_PART = 5 * 1024 * 1024;

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

export const S3_OPERATIONS: Record<string, (input: Input, world: S3World) => S3Output> = {
  HeadBucket: () => ({}),
  CreateBucket({ Bucket }, { state, region }) {
    if (state.buckets.has(Bucket)) throw new AwsFault('BucketAlreadyOwnedByYou', 'It is yours already', 409);
    state.buckets.set(Bucket, region);
    return {};
  },
  PutObject(input, world) {
    const bytes = checked(input);
    holdCondition(input, world);
    const etag = `"${md5(bytes)}"`;
    world.state.objects.set(`${input.Bucket}/${input.Key}`, {
      bytes,
      etag,
      metadata: input.Metadata ?? {},
      contentType: String(input.ContentType ?? 'binary/octet-stream'),
      ...(input.ChecksumSHA256 ? { checksum: { value: input.ChecksumSHA256, type: 'FULL_OBJECT' } } : {}),
      lastModified: world.now(),
    });
    return { ETag: etag, ChecksumSHA256: input.ChecksumSHA256 };
  },
  HeadObject: (input, world) => describe(input, objectOf(input, world, '404')),
  GetObject(input, world) {
    const object = objectOf(input, world, 'NoSuchKey');
    if (input.IfMatch !== undefined && input.IfMatch !== object.etag)
      throw new AwsFault('PreconditionFailed', 'At least one of the pre-conditions did not hold', 412);
    const start = Number(/^bytes=(\d+)-$/.exec(String(input.Range ?? 'bytes=0-'))?.[1]);
    const Body = object.bytes.subarray(start);
    return { ...describe(input, object), ContentLength: Body.length, Body };
  },
  ListObjectsV2(input, world) {
    const start = `${input.Bucket}/`;
    const after = input.ContinuationToken ?? input.StartAfter;
    const keys = [...world.state.objects.keys()]
      .filter((name) => name.startsWith(start + String(input.Prefix ?? '')))
      .map((name) => name.slice(start.length))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .filter(
        (key) => after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(String(after))) > 0,
      );
    const size = Math.min(world.pageSize, Number(input.MaxKeys ?? 1000));
    const page = keys.slice(0, size);
    const encode = (key: string) => (input.EncodingType === 'url' ? encodeURIComponent(key) : key);
    return {
      Name: input.Bucket,
      Prefix: encode(String(input.Prefix ?? '')),
      MaxKeys: size,
      KeyCount: page.length,
      IsTruncated: page.length < keys.length,
      EncodingType: input.EncodingType,
      NextContinuationToken: page.length < keys.length ? page.at(-1) : undefined,
      Contents: page.map((key) => {
        const object = world.state.objects.get(start + key);
        return {
          Key: encode(key),
          Size: object?.bytes.length ?? 0,
          ETag: object?.etag,
          LastModified: object?.lastModified,
        };
      }),
    };
  },
  DeleteObject({ Bucket, Key }, { state }) {
    state.objects.delete(`${Bucket}/${Key}`);
    return {};
  },
  DeleteObjects(input, { state }) {
    const { Objects } = input.Delete as { Objects: { Key: string }[] };
    if (Objects.length > 1000) throw new AwsFault('MalformedXML', 'The XML you provided was not well-formed');
    for (const { Key } of Objects) state.objects.delete(`${input.Bucket}/${Key}`);
    return {};
  },
  CreateMultipartUpload({ Bucket, Key, Metadata = {}, ChecksumAlgorithm }, { state, now }) {
    const UploadId = randomUUID();
    const hasChecksums = ChecksumAlgorithm === 'SHA256';
    const upload = {
      bucket: Bucket,
      key: Key,
      metadata: Metadata,
      hasChecksums,
      initiated: now(),
      parts: new Map(),
    };
    state.uploads.set(UploadId, upload);
    return { Bucket, Key, UploadId };
  },
  UploadPart(input, { state }) {
    const bytes = checked(input);
    const etag = `"${md5(bytes)}"`;
    uploadOf(input, state).parts.set(input.PartNumber, { bytes, etag, checksum: input.ChecksumSHA256 });
    return { ETag: etag, ChecksumSHA256: input.ChecksumSHA256 };
  },
  ListParts(input, { state, pageSize, now }) {
    const parts = [...uploadOf(input, state).parts].sort(([a], [b]) => a - b);
    const rest = parts.filter(([number]) => number > Number(input.PartNumberMarker ?? 0));
    const page = rest.slice(0, pageSize);
    return {
      ...{ Bucket: input.Bucket, Key: input.Key, UploadId: input.UploadId },
      IsTruncated: page.length < rest.length,
      NextPartNumberMarker: page.at(-1)?.[0] ?? 0,
      Parts: page.map(([PartNumber, { bytes, etag, checksum }]) => {
        return { PartNumber, ETag: etag, Size: bytes.length, ChecksumSHA256: checksum, LastModified: now() };
      }),
    };
  },
  ListMultipartUploads({ Bucket, Prefix = '' }, { state }) {
    const found = [...state.uploads].filter(
      ([, { bucket, key }]) => bucket === Bucket && key.startsWith(String(Prefix)),
    );
    const Uploads = found.map(([UploadId, { key, initiated }]) => ({
      UploadId,
      Key: key,
      Initiated: initiated,
    }));
    return { Bucket, IsTruncated: false, Uploads };
  },
  CompleteMultipartUpload(input, world) {
    const upload = uploadOf(input, world.state);
    const { Parts } = input.MultipartUpload as {
      Parts: { PartNumber: number; ETag: string; ChecksumSHA256?: string }[];
    };
    const parts = Parts.map(({ PartNumber, ETag, ChecksumSHA256 }, index) => {
      const part = upload.parts.get(PartNumber);
      if (index > 0 && PartNumber <= (Parts[index - 1]?.PartNumber ?? 0))
        throw new AwsFault('InvalidPartOrder', 'The list of parts was not in ascending order');
      if (!part || part.etag !== ETag || (upload.hasChecksums && part.checksum !== ChecksumSHA256))
        throw new AwsFault('InvalidPart', 'One or more of the specified parts could not be found');
      if (index < Parts.length - 1 && part.bytes.length < SMALLEST_PART)
        throw new AwsFault('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
      return part;
    });
    holdCondition(input, world);
    const together = (of: (part: { bytes: Buffer }) => Buffer) => Buffer.concat(parts.map(of));
    const digests = together((part) => createHash('md5').update(part.bytes).digest());
    const checksums = together((part) => createHash('sha256').update(part.bytes).digest());
    const etag = `"${md5(digests)}-${parts.length}"`;
    const value = `${sha256Of(checksums)}-${parts.length}`;
    world.state.objects.set(`${input.Bucket}/${input.Key}`, {
      bytes: together((part) => part.bytes),
      etag,
      metadata: upload.metadata,
      contentType: 'binary/octet-stream',
      ...(upload.hasChecksums ? { checksum: { value, type: 'COMPOSITE' } } : {}),
      lastModified: world.now(),
    });
    world.state.uploads.delete(input.UploadId);
    return { Bucket: input.Bucket, Key: input.Key, ETag: etag };
  },
  AbortMultipartUpload(input, { state }) {
    uploadOf(input, state);
    state.uploads.delete(input.UploadId);
    return {};
  },
};

function describe(input: Input, object: FakeObject): S3Output {
  const withChecksum = input.ChecksumMode === 'ENABLED' && object.checksum;
  return {
    ContentLength: object.bytes.length,
    ContentType: object.contentType,
    ETag: object.etag,
    LastModified: object.lastModified,
    Metadata: object.metadata,
    ...(withChecksum ? { ChecksumSHA256: withChecksum.value, ChecksumType: withChecksum.type } : {}),
  };
}

function objectOf({ Bucket, Key }: Input, { state }: S3World, code: string): FakeObject {
  const object = state.objects.get(`${Bucket}/${Key}`);
  if (!object) throw new AwsFault(code, 'The specified key does not exist.', 404);
  return object;
}

function uploadOf({ UploadId, Bucket, Key }: Input, state: S3State): FakeUpload {
  const upload = state.uploads.get(UploadId);
  if (upload && upload.bucket === Bucket && upload.key === Key) return upload;
  throw new AwsFault('NoSuchUpload', 'The specified upload does not exist.', 404);
}

function checked(input: Input): Buffer {
  const bytes = input.Body ?? Buffer.alloc(0);
  if (input.ChecksumSHA256 && input.ChecksumSHA256 !== sha256Of(bytes))
    throw new AwsFault('BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
  return bytes;
}

function holdCondition(input: Input, { state, conditionalWrites }: S3World): void {
  const { IfMatch, IfNoneMatch } = input;
  if (IfMatch === undefined && IfNoneMatch === undefined) return;
  if (!conditionalWrites || (IfNoneMatch !== undefined && IfNoneMatch !== '*')) {
    const text = 'A header you provided implies functionality that is not implemented';
    throw new AwsFault('NotImplemented', text, 501);
  }
  const present = state.objects.get(`${input.Bucket}/${input.Key}`);
  if (IfMatch !== undefined && !present)
    throw new AwsFault('NoSuchKey', 'The specified key does not exist.', 404);
  if ((IfNoneMatch && present) || (IfMatch !== undefined && IfMatch !== present?.etag))
    throw new AwsFault('PreconditionFailed', 'At least one of the pre-conditions did not hold', 412);
}
