import { UserError } from '../../errors.ts';
import { hashFile } from '../../models/files.ts';
import { MODEL_MANIFEST_TYPE } from '../../models/media-types.ts';
import { sha256 } from '../../records/canonical-json.ts';
import type { AttachedFile, Attachment } from '../registry-interface.ts';
import {
  type BlobSource,
  CREATED_ANNOTATION,
  type Descriptor,
  EMPTY_CONFIG_TYPE,
  type Manifest,
  manifestSchema,
  type StoredManifest,
  TITLE_ANNOTATION,
} from './types.ts';

const EMPTY_CONFIG = new TextEncoder().encode('{}');
const FILE_TYPES: [ending: string, mediaType: string][] = [
  ['.json', 'application/json'],
  ['.csv', 'text/csv'],
  ['.txt', 'text/plain'],
  ['.tar', 'application/x-tar'],
];

/** `ModelVersion` → `application/vnd.mlops-actions.model-version.v1`. */
export function artifactTypeOf(role: string): string {
  const word = role.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return `application/vnd.mlops-actions.${word}.v1`;
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

/** Hashes attached files, so that they can be stored and named as layers. */
export async function describeFiles(
  files: AttachedFile[],
): Promise<{ layers: Descriptor[]; blobs: BlobSource[] }> {
  const layers: Descriptor[] = [];
  const blobs: BlobSource[] = [];
  for (const file of files) {
    const { digest, size } =
      'bytes' in file ? { digest: sha256(file.bytes), size: file.bytes.length } : await hashFile(file.path);
    const mediaType =
      FILE_TYPES.find(([ending]) => file.name.endsWith(ending))?.[1] ?? 'application/octet-stream';
    layers.push({ mediaType, digest, size, annotations: { [TITLE_ANNOTATION]: file.name } });
    blobs.push('bytes' in file ? { digest, size, bytes: file.bytes } : { digest, size, path: file.path });
  }
  return { layers, blobs };
}

/** The configuration blob of everything that is not a model. */
export function emptyConfig(): BlobSource & { bytes: Uint8Array } {
  return { digest: sha256(EMPTY_CONFIG), size: EMPTY_CONFIG.length, bytes: EMPTY_CONFIG };
}

/** Builds the manifest of an attachment. Without files its one layer is the empty blob, as the specification asks. */
export function attachmentManifest(
  attachment: Pick<Attachment, 'role' | 'annotations'>,
  layers: Descriptor[],
  createdAt: string,
  subject?: Descriptor,
): StoredManifest {
  const config = { mediaType: EMPTY_CONFIG_TYPE, digest: emptyConfig().digest, size: EMPTY_CONFIG.length };
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MODEL_MANIFEST_TYPE,
    artifactType: artifactTypeOf(attachment.role),
    config,
    layers: layers.length > 0 ? layers : [config],
    ...(subject ? { subject: pick(subject) } : {}),
    annotations: { ...attachment.annotations, [CREATED_ANNOTATION]: createdAt },
  };
  return storedManifest(new TextEncoder().encode(JSON.stringify(manifest)), manifest);
}

function pick(subject: Descriptor): Descriptor {
  return { mediaType: subject.mediaType, digest: subject.digest, size: subject.size };
}

/** The newest of some attachments by their creation annotation; of equals the one stored last. */
export function newest(descriptors: Descriptor[]): Descriptor | undefined {
  return descriptors.reduce<Descriptor | undefined>(
    (best, next) => (best === undefined || createdAtOf(next) >= createdAtOf(best) ? next : best),
    undefined,
  );
}

/** The creation annotation, or an empty text. */
export function createdAtOf(descriptor: Descriptor): string {
  return descriptor.annotations?.[CREATED_ANNOTATION] ?? '';
}

/**
 * A moment later than every one given: clocks of two runners differ, and the newest attachment counts.
 * @param now of this machine. @param others ISO 8601 texts; unreadable ones are passed over.
 */
export function laterThan(now: Date, others: string[]): string {
  const latest = Math.max(
    now.getTime(),
    ...others.map((text) => Date.parse(text) + 1).filter(Number.isFinite),
  );
  return new Date(latest).toISOString();
}
