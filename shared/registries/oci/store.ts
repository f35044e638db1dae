import * as z from 'zod';
import { type BlobSource, type Descriptor, descriptorSchema, type StoredManifest } from '../manifest.ts';
/**
 * OCI stores: a folder on disk (image layout) and a remote registry (distribution-spec) hold the very same
 * blobs and manifests, so one adapter stands on one small interface with two implementations.
 */

export const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema),
});
export type OciIndex = z.infer<typeof indexSchema>;

export interface TagMove {
  tag: string;
  manifest: StoredManifest;
  /** The tag moves only if the manifest is still there, and is not being removed. */
  mustBePresent?: boolean;
}

export interface OciStore {
  readonly atomicTags: boolean;
  /** Whether a removal and a move of a tag to the same version can never both take effect. */
  readonly atomicRemove: boolean;
  /** Whether {@link OciStore.removeVersion} frees the bytes itself. */
  readonly freesBytes: boolean;
  /** Where a remote store is: repositories of one host can lend each other blobs. */
  readonly place?: { host: string; repository: string };
  /** Stores those blobs that are not there, some at once. */
  putBlobs(blobs: BlobSource[], onStart?: (blob: BlobSource) => void): Promise<void>;
  /** The bytes of a blob as a stream, not yet verified; undefined when it is not there. */
  openBlob(digest: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** What a person does about a blob whose bytes are damaged, in one sentence. */
  mend(digest: string): string;
  /** @param reference tag or digest. Bytes asked for by digest are verified. */
  getManifest(reference: string): Promise<StoredManifest | undefined>;
  /**
   * Makes a model's manifest visible as a version. False: it was there before.
   * @param blobs what it names, stored already; on disk each is put back that a removal took away meanwhile.
   */
  publishVersion(manifest: StoredManifest, blobs: BlobSource[]): Promise<boolean>;
  /** Stores manifests that have the model's manifest as their subject (which need not be there yet). */
  putReferrers(subject: Descriptor, manifests: StoredManifest[], blobs: BlobSource[]): Promise<void>;
  /**
   * Descriptors of the manifests whose subject is this digest.
   * @param isListed the tags that the last {@link OciStore.listVersions} read are new enough.
   */
  referrers(digest: string, isListed?: boolean): Promise<Descriptor[]>;
  /** Manifests that may be versions of the model: tagged ones and published ones. */
  listVersions(): Promise<Descriptor[]>;
  /** Every tag and the digest it points to, without those that the store keeps for itself. */
  listTags(): Promise<Record<string, string>>;
  /**
   * Moves tags. `decide` is given the present digests of the named tags and answers what to write, in this order;
   * what it throws leaves everything as it is. On disk reading, deciding and writing are one atomic step.
   */
  moveTags(
    names: string[],
    decide: (current: Record<string, string | undefined>) => Promise<TagMove[]>,
  ): Promise<void>;
  /**
   * Removes a manifest and what refers to it; does nothing to what is gone, and ends what was interrupted.
   * @throws UserError when an alias points to it, or the registry removes nothing.
   */
  removeVersion(digest: string): Promise<void>;
}
