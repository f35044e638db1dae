import {
  type BlobSource,
  type Descriptor,
  describedByItself,
  isManifest,
  parseManifest,
  type StoredManifest,
  TITLE_ANNOTATION,
} from '../manifest.ts';
import { missing } from '../refusals.ts';
import type { Standing } from '../registry-interface.ts';
import { roleOf } from '../roles.ts';
import type { OciRegistry } from './adapter.ts';
import { STANDING_ROLE } from './standing.ts';
import type { OciStore } from './store.ts';

/**
 * Copies a version from one OCI store to another as it is: the manifest, everything that refers to it (what other
 * tools attached too) and their blobs, so that every digest stays. How it stands is not copied. Between repositories
 * of one host the blobs are lent and not sent. The version appears last.
 * @param options.standing of the version where the target lacks it. @returns false when it was there before.
 * @throws UserError when there is no such version, or what the source sends is damaged.
 */
export async function copyBetweenStores(
  source: OciRegistry,
  target: OciRegistry,
  digest: string,
  { standing, progress }: { standing: Standing; progress?: (message: string) => void },
): Promise<boolean> {
  const { store: from } = source;
  const { store: to } = target;
  const model = await from.getManifest(digest);
  if (!model) throw missing(`model version ${digest}`);
  const onStart = ({ name, size }: BlobSource) => {
    if (name !== undefined) progress?.(`Copying ${name} (${size} bytes)`);
  };
  const blobs = blobsOf(model, from, to);
  await to.putBlobs(blobs, onStart);
  await copyReferrers(from, to, model.descriptor, onStart);
  if (!(await to.getManifest(digest))) await target.attached.put(model.descriptor, [], standing);
  return to.publishVersion({ ...model, descriptor: describedByItself(model) }, blobs);
}

async function copyReferrers(
  from: OciStore,
  to: OciStore,
  subject: Descriptor,
  onStart: (blob: BlobSource) => void,
): Promise<void> {
  const present = new Set((await to.referrers(subject.digest)).map((entry) => entry.digest));
  for (const entry of await from.referrers(subject.digest)) {
    if (roleOf(entry) === STANDING_ROLE) continue;
    const { digest } = entry;
    const stored = await from.getManifest(digest);
    // A list of several manifests is nothing that a version of ours has.
    if (!stored || !isManifest(stored)) continue;
    // A signature may have been attached to what is attached.
    await copyReferrers(from, to, stored.descriptor, onStart);
    if (present.has(digest)) continue;
    const blobs = blobsOf(stored, from, to);
    await to.putBlobs(blobs, onStart);
    await to.putReferrers(subject, [{ ...stored, descriptor: describedByItself(stored) }], blobs);
  }
}

function blobsOf({ bytes, descriptor }: StoredManifest, from: OciStore, to: OciStore): BlobSource[] {
  const { config, layers } = parseManifest(bytes, descriptor.digest);
  const mountFrom = from.place && from.place.host === to.place?.host ? from.place.repository : undefined;
  return [config, ...layers].map(({ digest, size, annotations }) => ({
    digest,
    size,
    open: async () => {
      const stream = await from.openBlob(digest);
      if (!stream) throw missing(`blob ${digest}, which ${descriptor.digest} names`);
      return stream;
    },
    ...(mountFrom ? { mountFrom } : {}),
    ...(annotations?.[TITLE_ANNOTATION] ? { name: annotations[TITLE_ANNOTATION] } : {}),
  }));
}
