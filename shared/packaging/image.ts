import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { HashedModel } from '../models/digest.ts';
import { MODEL_MANIFEST_TYPE } from '../models/media-types.ts';
import { sha256 } from '../records/canonical-json.ts';
import type { ModelVersion } from '../records/model-version.ts';
import type { BlobSource, Descriptor, Manifest } from '../registries/manifest.ts';
import type { ModelLocation } from '../registries/model-uri.ts';
import { byDigest, openImageStore, parseImageReference } from '../registries/oci/image-reference.ts';
import type { OciStore } from '../registries/oci/store.ts';
import type { RegistryOptions } from '../registries/registry-interface.ts';
import { type BaseImage, type ImageConfig, readImage } from './base-image.ts';
import { CODE_PATH, codeLayer, LAYER_TYPE, type Layer, MODEL_PATH, modelLayer } from './image-layers.ts';

type Image = NonNullable<ModelVersion['image']>;

const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const PORT = '8080';
/** Docker's own names of what OCI took over unchanged. */
const OCI_LAYER_TYPES: Record<string, string> = {
  'application/vnd.docker.image.rootfs.diff.tar': LAYER_TYPE,
  'application/vnd.docker.image.rootfs.diff.tar.gzip': `${LAYER_TYPE}+gzip`,
};

/** What goes into the container image that serves a model. */
export interface ImageRequest {
  /** e.g. `docker.io/library/python:3.13-slim` or `oci-layout:DIR:TAG`. */
  baseImage: string;
  /** Where the image goes, in the same words. */
  image: string;
  model: HashedModel;
  /** The packed code, when there is any. */
  codeArchive?: string;
  serveCommand: string;
  labels: Record<string, string>;
  /** For the layers while they are made; as large as the model. */
  temporaryFolder: string;
}

/**
 * Adds the model and its code to a base image, without a Docker daemon. The same parts make the same bytes: layers
 * have no dates, and the image is as old as its base. The container answers on port 8080.
 * @throws UserError when the base image cannot be read.
 */
export async function buildImage(request: ImageRequest, options: RegistryOptions): Promise<Image> {
  const from = parseImageReference(request.baseImage, 'base-image');
  const to = parseImageReference(request.image, 'image');
  const source = await openImageStore(from, options);
  const target = await openImageStore(to, options);
  const base = await readImage(source, from.reference, request.baseImage, 'base-image');
  options.progress?.(`The image is for ${base.config.os}/${base.config.architecture}, as its base is`);
  const folder = await mkdtemp(join(request.temporaryFolder, 'image-'));
  try {
    const layers = [await modelLayer(request.model, folder)];
    if (request.codeArchive) layers.push(await codeLayer(request.codeArchive, folder));
    const config = jsonBytes(configOf(base.config, layers, request));
    const manifest = manifestOf(base, layers, config, request);
    await target.putBlobs(blobsOf(base, layers, config, { source, target }), ({ name }) => {
      options.progress?.(`Storing ${name ?? 'a layer of the image'}`);
    });
    const bytes = jsonBytes(manifest);
    const descriptor = { mediaType: MODEL_MANIFEST_TYPE, digest: sha256(bytes), size: bytes.length };
    await target.moveTags([to.reference], async (current) =>
      current[to.reference] === descriptor.digest
        ? []
        : [{ tag: to.reference, manifest: { bytes, descriptor } }],
    );
    return { reference: byDigest(to, descriptor.digest), digest: descriptor.digest };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An image that is there already, by its digest. @throws UserError when there is none. */
export async function findImage(reference: string, options: RegistryOptions): Promise<Image> {
  const image = parseImageReference(reference, 'image');
  const store = await openImageStore(image, options);
  const { digest } = await readImage(store, image.reference, reference, 'image');
  return { reference: byDigest(image, digest), digest };
}

/**
 * Among the versions of a model an image would be taken for one of their aliases.
 * @throws UserError when `image` names the very place where the versions are kept.
 */
export function refuseOwnPlace(image: string, location: ModelLocation): void {
  const to = parseImageReference(image, 'image');
  const place = join(location.path, location.name);
  const isOwn =
    to.kind === 'layout'
      ? location.scheme === 'oci-layout' && resolve(to.folder) === resolve(place)
      : location.scheme === 'oci' && `${to.host}/${to.repository}` === place;
  if (!isOwn) return;
  throw new UserError(`${image} lies among the versions of ${location.name}.`, {
    where: { key: 'image' },
    fix: 'Give the image a place of its own, e.g. a repository that ends in -server.',
  });
}

function configOf(base: ImageConfig, layers: Layer[], request: ImageRequest): ImageConfig {
  const given = { MODEL_DIR: `/${MODEL_PATH}`, PORT };
  const kept = (base.config?.Env ?? []).filter(
    (pair) => !Object.keys(given).includes(pair.split('=')[0] ?? ''),
  );
  const { Labels: labels, ...rest } = (base.config ?? {}) as { Labels?: Record<string, string> | null };
  return {
    ...base,
    config: {
      ...rest,
      Env: [...kept, ...Object.entries(given).map(([key, value]) => `${key}=${value}`)],
      WorkingDir: request.codeArchive ? `/${CODE_PATH}` : `/${MODEL_PATH}`,
      Entrypoint: ['/bin/sh', '-c', request.serveCommand],
      Cmd: null,
      ExposedPorts: { [`${PORT}/tcp`]: {} },
      Labels: { ...labels, ...request.labels, 'org.cncf.model.digest': request.model.digest },
    },
    rootfs: { ...base.rootfs, diff_ids: [...base.rootfs.diff_ids, ...layers.map(({ digest }) => digest)] },
    history: [
      ...(base.history ?? []),
      ...layers.map(({ made }) => ({
        ...(base.created ? { created: base.created } : {}),
        created_by: `mlops-actions: ${made}`,
      })),
    ],
  };
}

function manifestOf(base: BaseImage, layers: Layer[], config: Uint8Array, request: ImageRequest): Manifest {
  return {
    schemaVersion: 2,
    mediaType: MODEL_MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: sha256(config), size: config.length },
    layers: [
      ...base.manifest.layers.map(({ mediaType, digest, size }) => ({
        mediaType: OCI_LAYER_TYPES[mediaType] ?? mediaType,
        digest,
        size,
      })),
      ...layers.map(({ digest, size }) => ({ mediaType: LAYER_TYPE, digest, size })),
    ],
    annotations: {
      ...request.labels,
      'org.opencontainers.image.base.name': request.baseImage,
      'org.opencontainers.image.base.digest': base.digest,
    },
  };
}

function blobsOf(
  base: BaseImage,
  layers: Layer[],
  config: Uint8Array,
  stores: { source: OciStore; target: OciStore },
): BlobSource[] {
  const { source, target } = stores;
  const lent =
    source.place && source.place.host === target.place?.host ? { mountFrom: source.place.repository } : {};
  const ofBase = base.manifest.layers.map(({ digest, size }: Descriptor) => ({
    digest,
    size,
    ...lent,
    name: `layer ${digest.slice(7, 19)} of the base image`,
    open: async () => {
      const stream = await source.openBlob(digest);
      if (!stream) throw new Error(`the base image lacks its layer ${digest}`);
      return stream;
    },
  }));
  return [
    ...ofBase,
    ...layers.map(({ path, digest, size, made }) => ({ path, digest, size, name: made })),
    { bytes: config, digest: sha256(config), size: config.length },
  ];
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
