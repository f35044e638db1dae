import { UserError } from '../../errors.ts';
import { hashFile } from '../../models/files.ts';
import { MODEL_ARTIFACT_TYPE, MODEL_CONFIG_TYPE, MODEL_MANIFEST_TYPE } from '../../models/media-types.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { isAliasTag } from '../alias.ts';
import { formatRegistry, type ModelLocation } from '../model-uri.ts';
import type { AttachedFile, Attachment } from '../registry-interface.ts';
import { artifactTypeOf, layerTypeOf, ROLE_ANNOTATION } from './roles.ts';
import {
  type BlobSource,
  CREATED_ANNOTATION,
  type Descriptor,
  EMPTY_CONFIG_TYPE,
  INDEX_TYPE,
  type Manifest,
  manifestSchema,
  type StoredManifest,
  TITLE_ANNOTATION,
} from './types.ts';

const EMPTY_CONFIG = new TextEncoder().encode('{}');
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
  role: string,
  files: AttachedFile[],
): Promise<{ layers: Descriptor[]; blobs: BlobSource[] }> {
  const layers: Descriptor[] = [];
  const blobs: BlobSource[] = [];
  for (const file of files) {
    const { digest, size } =
      'bytes' in file ? { digest: sha256(file.bytes), size: file.bytes.length } : await hashFile(file.path);
    const mediaType = layerTypeOf(role, file.name);
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
    annotations: {
      ...attachment.annotations,
      [ROLE_ANNOTATION]: attachment.role,
      [CREATED_ANNOTATION]: createdAt,
    },
  };
  return storedManifest(new TextEncoder().encode(JSON.stringify(manifest)), manifest);
}

function pick(subject: Descriptor): Descriptor {
  return { mediaType: subject.mediaType, digest: subject.digest, size: subject.size };
}

/** Attachments by their creation annotation, oldest first; of equals the order is that of their digests. */
export function byAge(descriptors: Descriptor[]): Descriptor[] {
  return descriptors.toSorted((a, b) => {
    const difference = ageOf(a) - ageOf(b);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
    return a.digest < b.digest ? -1 : 1;
  });
}

function ageOf(descriptor: Descriptor): number {
  const time = Date.parse(createdAtOf(descriptor));
  return Number.isNaN(time) ? Number.MIN_SAFE_INTEGER : time;
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

/** The descriptor of a stored manifest with what the manifest itself says: some registries list less. */
export function describedByItself(stored: StoredManifest): Descriptor {
  const { artifactType, annotations } = JSON.parse(new TextDecoder().decode(stored.bytes)) as Manifest;
  return { ...stored.descriptor, ...(artifactType ? { artifactType } : {}), annotations: annotations ?? {} };
}

/** Whether a manifest is that of a model. */
export function isModel(manifest: Manifest): boolean {
  return manifest.artifactType === MODEL_ARTIFACT_TYPE || manifest.config.mediaType === MODEL_CONFIG_TYPE;
}

/** The error for what is not in the registry. */
export function missing(what: string, location?: ModelLocation): UserError {
  const where = location ? ` in ${formatRegistry(location)}/${location.name}` : '';
  return new UserError(`There is no ${what}${where}.`, {
    fix: 'Check the name and the reference, and that nothing was removed from the registry.',
  });
}

/** Whether it is the manifest of one artifact, and no list of several. */
export function isManifest({ descriptor }: Pick<StoredManifest, 'descriptor'>): boolean {
  return descriptor.mediaType !== INDEX_TYPE && !/manifest\.list/.test(descriptor.mediaType);
}

/** @throws UserError when an alias points to a version that is to be removed. */
export function refuseAliased(tags: Record<string, string>, digest: string): void {
  const aliases = Object.keys(tags).filter((tag) => tags[tag] === digest && isAliasTag(tag));
  if (aliases.length === 0) return;
  throw new UserError(`The version ${digest} is not removed: ${aliases.sort().join(', ')} points to it.`, {
    fix: 'Move the alias to another version first.',
  });
}
