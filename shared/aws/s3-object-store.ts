import {
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { PageBound } from '../page-bound.ts';
import { sha256 } from '../records/canonical-json.ts';
import { awsError, type Doing, errorCode } from './aws-error.ts';
import { checksumOf } from './object-checksum.ts';
import { base64Of, digestOfObject, metadataOf } from './object-digest.ts';
import { putFile } from './object-put.ts';
import { openStream, readWhole, saveVerified } from './object-read.ts';
import type { ObjectContent, ObjectStore, StoredObject } from './objects.ts';
import type { S3Address, S3Connection } from './s3-connection.ts';
import { formatS3Uri, type S3Place } from './s3-uri.ts';

const KEYS_PER_DELETION = 1000;
/** A place may hold the data of a team, too. */
const MOST_OBJECTS = 10_000_000;

/** {@link ObjectStore} by the SDK's client. */
export class S3ObjectStore implements ObjectStore {
  readonly place: S3Place;
  readonly #connection: S3Connection;
  #isConditional = true;

  constructor(place: S3Place, connection: S3Connection) {
    this.place = place;
    this.#connection = connection;
  }

  get isConditional(): boolean {
    return this.#isConditional;
  }

  uriOf(key: string): string {
    return formatS3Uri(this.place, key);
  }

  async head(key: string): Promise<StoredObject | undefined> {
    try {
      return await this.#try('read', 's3:GetObject', key, async (signal) => {
        const command = new HeadObjectCommand({ ...this.#address(key), ChecksumMode: 'ENABLED' });
        const found = await this.#connection.client.send(command, signal);
        const digest = digestOfObject(found);
        const { ContentLength: size = 0, ETag: etag = '' } = found;
        const checksum = checksumOf(found);
        return { key, size, etag, ...(digest ? { digest } : {}), ...(checksum ? { checksum } : {}) };
      });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async list(beginning = ''): Promise<{ key: string; size: number }[]> {
    const { client } = this.#connection;
    const { Bucket, Key: Prefix, ExpectedBucketOwner } = this.#address(beginning);
    const cut = this.#address('').Key.length;
    const found: { key: string; size: number }[] = [];
    const bound = new PageBound(`the objects below ${this.uriOf(beginning)}`, MOST_OBJECTS);
    let ContinuationToken: string | undefined;
    do {
      const page = await this.#try('list', 's3:ListBucket', beginning, (signal) =>
        client.send(
          new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken, ExpectedBucketOwner }),
          signal,
        ),
      );
      for (const { Key, Size = 0 } of page.Contents ?? [])
        if (Key !== undefined) found.push({ key: Key.slice(cut), size: Size });
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
      bound.turn(page.Contents?.length ?? 0, ContinuationToken);
    } while (ContinuationToken !== undefined);
    return found;
  }

  async put(key: string, content: ObjectContent): Promise<{ sent: boolean }> {
    const present = await this.head(key);
    if (present?.digest === content.digest && present.size === content.size) return { sent: false };
    await this.#try('write', 's3:PutObject', key, () =>
      putFile(this.#connection, this.#address(key), content, async () => (await this.head(key))?.digest),
    );
    return { sent: true };
  }

  async putIf(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | { etag: string },
  ): Promise<{ etag: string } | undefined> {
    if (!this.#isConditional) return this.#putUnconditionally(key, bytes, condition);
    try {
      const only = condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
      return { etag: (await this.#putSmall(key, bytes, only)).ETag ?? '' };
    } catch (error) {
      const code = errorCode(error);
      if (code === 'NotImplemented') {
        this.#isConditional = false;
        return this.#putUnconditionally(key, bytes, condition);
      }
      if (!/^(PreconditionFailed|ConditionalRequestConflict|NoSuchKey|404|409|412)$/.test(code)) throw error;
      // An earlier try may have been done and its answer lost: then what is there is ours.
      const present = await this.read(key);
      return present && Buffer.from(present.bytes).equals(bytes) ? { etag: present.etag } : undefined;
    }
  }

  async #putUnconditionally(key: string, bytes: Uint8Array, condition: 'absent' | { etag: string }) {
    const present = await this.head(key);
    if (present?.etag !== (condition === 'absent' ? undefined : condition.etag)) return undefined;
    return { etag: (await this.#putSmall(key, bytes, {})).ETag ?? '' };
  }

  #putSmall(
    key: string,
    bytes: Uint8Array,
    condition: { IfNoneMatch?: string; IfMatch?: string },
  ): Promise<PutObjectCommandOutput> {
    const { client } = this.#connection;
    const digest = sha256(bytes);
    const command = new PutObjectCommand({
      ...this.#address(key),
      ...condition,
      Body: bytes,
      ContentType: 'application/json',
      ChecksumSHA256: base64Of(digest),
      Metadata: metadataOf(digest),
    });
    return this.#try('write', 's3:PutObject', key, (signal) => client.send(command, signal));
  }

  read(key: string, digest?: string): Promise<{ bytes: Uint8Array; etag: string } | undefined> {
    return this.#reading(key, () => readWhole(this.#connection, this.#address(key), this.uriOf(key), digest));
  }

  open(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#reading(key, async () => {
      const { stream } = await openStream(this.#connection, this.#address(key));
      return stream;
    });
  }

  async save(key: string, path: string, digest: string): Promise<void> {
    const stream = await this.open(key);
    await this.#try('read', 's3:GetObject', key, () => saveVerified(stream, path, digest, this.uriOf(key)));
  }

  async #reading<Result>(key: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await this.#try('read', 's3:GetObject', key, work);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    const { client } = this.#connection;
    const { Bucket, ExpectedBucketOwner } = this.#address('');
    for (let start = 0; start < keys.length; start += KEYS_PER_DELETION) {
      const some = keys.slice(start, start + KEYS_PER_DELETION);
      await this.#try('delete', 's3:DeleteObject', some[0] ?? '', async (signal) => {
        const Delete = { Quiet: true, Objects: some.map((key) => ({ Key: this.#address(key).Key })) };
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket, ExpectedBucketOwner, Delete }),
          signal,
        );
        const [first] = Errors.filter((entry) => entry.Code !== 'NoSuchKey');
        if (first) throw Object.assign(new Error(first.Message ?? ''), { Code: first.Code, $metadata: {} });
      });
    }
  }

  #address(key: string): S3Address {
    const { bucket, prefix } = this.place;
    const { expectedOwner } = this.#connection.options;
    return {
      Bucket: bucket,
      Key: prefix === '' ? key : `${prefix}/${key}`,
      ...(expectedOwner ? { ExpectedBucketOwner: expectedOwner } : {}),
    };
  }

  /** Runs a request; what goes wrong is said in our words. */
  async #try<Result>(
    verb: string,
    permission: string,
    key: string,
    work: (options: { abortSignal?: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    const { signal, env } = this.#connection.options;
    signal?.throwIfAborted();
    const { bucket } = this.place;
    const resource =
      permission === 's3:ListBucket'
        ? `arn:aws:s3:::${bucket}`
        : `arn:aws:s3:::${bucket}/${[this.place.prefix, '*'].filter(Boolean).join('/')}`;
    const doing: Doing = { what: `${verb} ${this.uriOf(key)}`, permission, resource, bucket };
    try {
      return await work(signal ? { abortSignal: signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw awsError(error, doing, env);
    }
  }
}

const isMissing = (error: unknown): boolean => /^(NoSuchKey|NotFound|404)$/.test(errorCode(error));
