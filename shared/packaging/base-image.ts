import * as z from 'zod';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import { type Descriptor, type Manifest, manifestSchema } from '../registries/manifest.ts';
import { indexSchema, type OciStore } from '../registries/oci/store.ts';

const LARGEST_CONFIG = 4 * 1024 * 1024;

/** The configuration of a container image (OCI image specification 1.1); what is not of interest here is kept. */
export const imageConfigSchema = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  created: z.string().optional(),
  config: z.looseObject({ Env: z.array(z.string()).nullish() }).nullish(),
  rootfs: z.looseObject({ type: z.literal('layers'), diff_ids: z.array(z.string()) }),
  history: z.array(z.looseObject({})).nullish(),
});
export type ImageConfig = z.infer<typeof imageConfigSchema>;

export interface BaseImage {
  digest: string;
  manifest: Manifest;
  config: ImageConfig;
}

/**
 * Reads an image; of one for several platforms the one for Linux on this machine's architecture.
 * @param what how people call it, for errors. @throws UserError when there is none, or it cannot be read.
 */
export async function readImage(
  store: OciStore,
  reference: string,
  what: string,
  key: string,
): Promise<BaseImage> {
  const stored = await store.getManifest(reference);
  if (!stored) {
    throw new UserError(`There is no container image ${what}.`, {
      where: { key },
      fix: 'Check the reference, and that the account may read it (docker login).',
    });
  }
  const named = parseJson(stored.bytes);
  const index = indexSchema.safeParse(named);
  if (!index.success) return imageOf(store, named, stored.descriptor.digest, what, key);
  const entry = entryForThisMachine(index.data.manifests, what, key);
  // On disk only what is named lies in the index; what that names in turn is a blob like any other.
  const bytes = (await store.getManifest(entry.digest))?.bytes ?? (await readSmall(store, entry));
  return imageOf(store, bytes && parseJson(bytes), entry.digest, what, key);
}

async function imageOf(
  store: OciStore,
  json: unknown,
  digest: string,
  what: string,
  key: string,
): Promise<BaseImage> {
  const manifest = manifestSchema.safeParse(json);
  const bytes = manifest.success ? await readSmall(store, manifest.data.config) : undefined;
  const config = imageConfigSchema.safeParse(bytes && parseJson(bytes));
  if (manifest.success && config.success && config.data.rootfs.diff_ids.length > 0) {
    refuseOtherSystem(config.data.os, what, key);
    return { digest, manifest: manifest.data, config: config.data };
  }
  throw new UserError(`${what} is not a container image that can be built upon.`, {
    where: { key },
    fix: 'Give an image with a configuration and layers, such as one that docker build makes.',
  });
}

/** Another architecture is a choice: nothing of the image is run here. Without a shell of Linux it would not start. */
function refuseOtherSystem(system: string, what: string, key: string): void {
  if (system === 'linux') return;
  throw new UserError(`The container image ${what} is for ${system}, not for Linux.`, {
    where: { key },
    fix: 'Give an image for Linux: its command is started by /bin/sh.',
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function entryForThisMachine(entries: Descriptor[], what: string, key: string): Descriptor {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platforms = entries.map(
    (entry) => entry.platform as { os?: string; architecture?: string } | undefined,
  );
  const found = entries.find(
    (_entry, index) => platforms[index]?.os === 'linux' && platforms[index]?.architecture === architecture,
  );
  if (found) return found;
  const there = platforms.flatMap((platform) =>
    platform ? [`${platform.os}/${platform.architecture}`] : [],
  );
  throw new UserError(`The container image ${what} is not for linux/${architecture}.`, {
    where: { key },
    fix: `It is for ${there.join(', ') || 'nothing that it names'}; run on a machine of one of these.`,
  });
}

/** A configuration or manifest as a blob, verified; undefined when it is not there, damaged or far too large. */
async function readSmall(
  store: OciStore,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): Promise<Uint8Array | undefined> {
  const stream = size <= LARGEST_CONFIG ? await store.openBlob(digest) : undefined;
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of stream ?? []) {
    read += chunk.length;
    if (read > size) return undefined;
    chunks.push(Uint8Array.from(chunk));
  }
  const bytes = Buffer.concat(chunks);
  return sha256(bytes) === digest ? bytes : undefined;
}
