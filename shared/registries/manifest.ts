/**
 * The manifest that describes the files of a version: the bytes an OCI store keeps, and what the other stores keep
 * beside the files, so that one digest names one model everywhere.
 */
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { MODEL_ARTIFACT_TYPE, MODEL_CONFIG_TYPE, MODEL_MANIFEST_TYPE } from '../models/media-types.ts';
import { sha256 } from '../records/canonical-json.ts';

export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const EMPTY_CONFIG_TYPE = 'application/vnd.oci.empty.v1+json';
export const CREATED_ANNOTATION = 'org.opencontainers.image.created';
export const REF_NAME_ANNOTATION = 'org.opencontainers.image.ref.name';
export const TITLE_ANNOTATION = 'org.opencontainers.image.title';
export const FILE_PATH_ANNOTATION = 'org.cncf.model.filepath';

const annotations = z.record(z.string(), z.string()).optional();
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Unknown keys are kept: an index written by another tool must not lose what that tool needs. */
export const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest,
  size: z.number().int().min(0),
  artifactType: z.string().optional(),
  annotations,
});
export type Descriptor = z.infer<typeof descriptorSchema>;

export const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
  subject: descriptorSchema.optional(),
  annotations,
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A blob to store: bytes, a file whose digest is known, or what opens a stream (once for every attempt). */
export type BlobSource = { digest: string; size: number } & (
  | { bytes: Uint8Array }
  | { path: string }
  | { open: () => Promise<AsyncIterable<Uint8Array>> }
) & {
    /** Another repository of the same host that has it. */
    mountFrom?: string;
    /** What people call it. */
    name?: string;
  };

/** A manifest ready to be stored: its bytes and the descriptor that names them. */
export interface StoredManifest {
  bytes: Uint8Array;
  descriptor: Descriptor;
}

/** Manifest bytes and the descriptor that names them. */
export function storedManifest(bytes: Uint8Array, manifest: Manifest): StoredManifest {
  return {
    bytes,
    descriptor: {
      mediaType: manifest.mediaType ?? MODEL_MANIFEST_TYPE,
      digest: sha256(bytes),
      size: bytes.length,
      ...(manifest.artifactType ? { artifactType: manifest.artifactType } : {}),
      ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
    },
  };
}

/** @throws UserError when the bytes are no OCI manifest. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new UserError(`${where} is not a manifest: it is not JSON.`, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError(
      `${where} is not an OCI manifest: ${parsed.error.issues[0]?.message ?? 'unreadable'}.`,
    );
  }
  return parsed.data;
}

/** The descriptor of a stored manifest with what the manifest itself says: some registries list less. */
export function describedByItself(stored: StoredManifest): Descriptor {
  const { artifactType, annotations } = JSON.parse(new TextDecoder().decode(stored.bytes)) as Manifest;
  return { ...stored.descriptor, ...(artifactType ? { artifactType } : {}), annotations: annotations ?? {} };
}

/** Whether a manifest is that of a model. */
export function isModel(manifest: Manifest): boolean {
  return manifest.artifactType === MODEL_ARTIFACT_TYPE || manifest.config.mediaType === MODEL_CONFIG_TYPE;
}

/** Whether it is the manifest of one artifact, and no list of several. */
export function isManifest({ descriptor }: Pick<StoredManifest, 'descriptor'>): boolean {
  return descriptor.mediaType !== INDEX_TYPE && !/manifest\.list/.test(descriptor.mediaType);
}
