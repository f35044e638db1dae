/**
 * `models/` knows what a model is: files, and one digest made from them alone. The digest is that of the model's
 * CNCF ModelPack manifest: relative paths sorted bytewise, one raw layer per file, no dates, no metadata. So the
 * same bytes have the same digest on every machine and in every registry.
 */
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import { hashFile, listModelFiles } from './files.ts';
import {
  layerMediaType,
  MODEL_ARTIFACT_TYPE,
  MODEL_CONFIG_TYPE,
  MODEL_MANIFEST_TYPE,
} from './media-types.ts';

/** Registries accept manifests up to 4 MB for certain. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;

export interface HashedFile {
  /** Relative to the model, with forward slashes. */
  path: string;
  /** In bytes. */
  size: number;
  /** `sha256:<hex>` of the content. */
  digest: string;
  /** Where the bytes lie on this machine. */
  location: string;
}

export interface HashedModel {
  /** `sha256:<hex>` of the manifest: the model's version everywhere. */
  digest: string;
  /** The manifest's bytes, exactly as a registry keeps them. */
  manifest: Uint8Array;
  /** The configuration blob that the manifest names. */
  config: { bytes: Uint8Array; digest: string };
  files: HashedFile[];
}

/**
 * Hashes a model (a folder or one file) and builds its ModelPack manifest. Memory stays bounded however large
 * the files are.
 * @throws UserError for a missing or empty model, links inside it, or names that are not portable.
 */
export async function modelDigest(
  model: string,
  options: { signal?: AbortSignal } = {},
): Promise<HashedModel> {
  const files: HashedFile[] = [];
  for (const file of await listModelFiles(model)) {
    const { digest, size } = await hashFile(file.location, options.signal);
    files.push({ path: file.path, size, digest, location: file.location });
  }
  return describeModel(files);
}

/** The pure half of {@link modelDigest}: files (already sorted and hashed) to configuration and manifest. */
export function describeModel(files: HashedFile[]): HashedModel {
  const config = jsonBytes({
    descriptor: {},
    modelfs: { type: 'layers', diffIds: files.map((file) => file.digest) },
    config: {},
  });
  const configDigest = sha256(config);
  const manifest = jsonBytes({
    schemaVersion: 2,
    mediaType: MODEL_MANIFEST_TYPE,
    artifactType: MODEL_ARTIFACT_TYPE,
    config: { mediaType: MODEL_CONFIG_TYPE, digest: configDigest, size: config.length },
    layers: files.map((file) => ({
      mediaType: layerMediaType(file.path),
      digest: file.digest,
      size: file.size,
      annotations: { 'org.cncf.model.filepath': file.path, 'org.opencontainers.image.title': file.path },
    })),
  });
  if (manifest.length > LARGEST_MANIFEST) {
    throw new UserError(`The model has ${files.length} files, more than a registry's manifest can name.`, {
      fix: 'Pack the many small files of the model into one archive file.',
    });
  }
  return { digest: sha256(manifest), manifest, config: { bytes: config, digest: configDigest }, files };
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
