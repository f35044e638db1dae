import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3';
import { PageBound } from '../page-bound.ts';
import { errorCode } from './aws-error.ts';
import { metadataOf } from './object-digest.ts';
import type { S3Address, S3Connection } from './s3-connection.ts';

export interface Part {
  PartNumber: number;
  ETag?: string;
  ChecksumSHA256?: string;
}

/** An upload in parts that was begun, by this run or an earlier one. */
export interface Upload {
  id: string;
  /** The parts that are there, by number. */
  parts: Map<number, Part>;
}

const MEBIBYTE = 1024 * 1024;
const SMALLEST_PART = 8 * MEBIBYTE;
const MOST_PARTS = 10_000;

/** The size of every part but the last, in bytes: the same in every run, so that parts are found again. */
export function partSize(size: number): number {
  return Math.max(SMALLEST_PART, Math.ceil(size / MOST_PARTS / MEBIBYTE) * MEBIBYTE);
}

/**
 * The uploads to this key that were cut off, the newest first, with the parts that they brought. None where the
 * account may not look, or the server cannot: then everything is sent.
 */
export async function unfinishedUploads(connection: S3Connection, address: S3Address): Promise<Upload[]> {
  const { client, options } = connection;
  const { Key, ...bucket } = address;
  const signal = options.signal ? { abortSignal: options.signal } : {};
  try {
    const answer = await client.send(new ListMultipartUploadsCommand({ ...bucket, Prefix: Key }), signal);
    const own = (answer.Uploads ?? []).filter((upload) => upload.Key === Key && upload.UploadId);
    own.sort((a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0));
    const [newest, ...older] = own.map((upload) => ({ id: upload.UploadId ?? '', parts: new Map() }));
    if (!newest) return [];
    return [{ ...newest, parts: await partsOf(connection, address, newest.id) }, ...older];
  } catch (error) {
    options.signal?.throwIfAborted();
    if (/^(AccessDenied|NotImplemented|NoSuchUpload|MethodNotAllowed|403|501)$/.test(errorCode(error)))
      return [];
    throw error;
  }
}

async function partsOf(
  { client, options }: S3Connection,
  address: S3Address,
  id: string,
): Promise<Map<number, Part>> {
  const parts = new Map<number, Part>();
  const signal = options.signal ? { abortSignal: options.signal } : {};
  const bound = new PageBound(`the parts of an upload to ${address.Key}`);
  let PartNumberMarker: string | undefined;
  do {
    const command = new ListPartsCommand({ ...address, UploadId: id, PartNumberMarker });
    const page = await client.send(command, signal);
    for (const { PartNumber, ETag, ChecksumSHA256 } of page.Parts ?? [])
      if (PartNumber !== undefined) parts.set(PartNumber, { PartNumber, ETag, ChecksumSHA256 });
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    bound.turn(page.Parts?.length ?? 0, PartNumberMarker);
  } while (PartNumberMarker !== undefined);
  return parts;
}

export async function startUpload(
  { client, options }: S3Connection,
  address: S3Address,
  digest: string,
): Promise<Upload> {
  const command = new CreateMultipartUploadCommand({
    ...address,
    ChecksumAlgorithm: 'SHA256',
    Metadata: metadataOf(digest),
  });
  const { UploadId } = await client.send(command, options.signal ? { abortSignal: options.signal } : {});
  return { id: UploadId ?? '', parts: new Map() };
}
