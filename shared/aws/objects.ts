import type { AwsOptions } from './client-settings.ts';
import type { ObjectChecksum } from './object-checksum.ts';
import type { S3Place } from './s3-uri.ts';

export interface StoredObject {
  key: string;
  /** In bytes. */
  size: number;
  etag: string;
  /** `sha256:<hex>` of the whole content, where S3 or whoever put it there knows. */
  digest?: string;
  /** The strongest checksum of the whole content that S3 keeps. */
  checksum?: ObjectChecksum;
}

/** What to store: its digest `sha256:<hex>`, its size in bytes, and the bytes or where they lie. */
export type ObjectContent = { digest: string; size: number } & ({ bytes: Uint8Array } | { path: string });

export interface ObjectStoreOptions extends AwsOptions {
  /** The account that must own the bucket: names of buckets can be guessed, and taken by others. */
  expectedOwner?: string;
}

/** Objects below one bucket and prefix; keys are relative to the prefix. What AWS refuses is a UserError. */
export interface ObjectStore {
  readonly place: S3Place;
  /** Whether the server holds to the conditions of `putIf`; false once it has said that it knows none. */
  readonly isConditional: boolean;
  uriOf(key: string): string;
  /** Undefined when there is none. */
  head(key: string): Promise<StoredObject | undefined>;
  /** All keys that begin so, in byte order, with their sizes. */
  list(beginning?: string): Promise<{ key: string; size: number }[]>;
  /**
   * Stores bytes or a file, verified on both sides. Large files go in parts in parallel; what an upload that was cut
   * off has brought there already is not sent again, nor is an object that is there.
   */
  put(key: string, content: ObjectContent): Promise<{ sent: boolean }>;
  /** Stores a small object under a condition; undefined when it does not hold, and then nothing was written. */
  putIf(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | { etag: string },
  ): Promise<{ etag: string } | undefined>;
  /** Undefined when there is none. @throws UserError when it is not of the digest that is given. */
  read(key: string, digest?: string): Promise<{ bytes: Uint8Array; etag: string } | undefined>;
  /** The content as a stream, which goes on where a connection broke; undefined when there is none. */
  open(key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Streams to a new file. @throws UserError when the object is gone or is not of the digest. */
  save(key: string, path: string, digest: string): Promise<void>;
  /** What is gone already is done. */
  delete(keys: readonly string[]): Promise<void>;
}
