import { hashFile } from '../../models/files.ts';
import { MODEL_MANIFEST_TYPE } from '../../models/media-types.ts';
import { sha256 } from '../../records/canonical-json.ts';
import {
  type BlobSource,
  CREATED_ANNOTATION,
  type Descriptor,
  EMPTY_CONFIG_TYPE,
  type Manifest,
  type StoredManifest,
  storedManifest,
  TITLE_ANNOTATION,
} from '../manifest.ts';
import type { AttachedFile, Attachment } from '../registry-interface.ts';
import { artifactTypeOf, layerTypeOf, ROLE_ANNOTATION } from '../roles.ts';

/** What is attached to a version, as the artifact that an OCI store keeps. */

const EMPTY_CONFIG = new TextEncoder().encode('{}');

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
