import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../aws/object-store.ts';
import { refuseAliased } from '../refusals.ts';
import { type RemovalMark, removeMarked } from '../removal-mark.ts';
import { readAliases } from './aliases.ts';
import { manifestKey, removingFolder, versionFolder } from './keys.ts';
import type { KnownPackages } from './known-packages.ts';
import type { SageMakerService } from './service.ts';

/**
 * Removes the packages of a digest, then their objects. S3 shows at once what was written, so that a mark among the
 * objects and the aliases there keep an alias from pointing to what goes.
 * @throws UserError when an alias points to it.
 */
export async function removePackage(
  store: ObjectStore,
  { service, packages, digest }: { service: SageMakerService; packages: KnownPackages; digest: string },
  now: () => Date,
): Promise<void> {
  const { name } = service;
  await removeMarked(removalMark(store, name, digest), now, {
    refuse: async () => refuseAliased(await readAliases(store, name), digest),
    remove: async () => {
      // First what makes it a version, so that none is ever seen without its files.
      for (const found of await packages.same(digest)) await service.delete(found.arn);
      const marks = removingFolder(name, digest);
      const keys = (await store.list(versionFolder(name, digest))).map(({ key }) => key);
      await store.delete(keys.filter((key) => !key.startsWith(marks)));
    },
  });
}

/** The mark of one removal, and a look at those of all. */
export function removalMark(store: ObjectStore, name: string, digest: string): RemovalMark {
  const folder = removingFolder(name, digest);
  const own = `${folder}${randomUUID()}.json`;
  return {
    put: async (at) => void (await store.putIf(own, new TextEncoder().encode(JSON.stringify(at)), 'absent')),
    all: async () => {
      const keys = await store.list(folder);
      const texts = await Promise.all(keys.map(({ key }) => store.read(key)));
      return texts.flatMap((found) => (found ? [timeIn(new TextDecoder().decode(found.bytes))] : []));
    },
    clear: () => store.delete([own]),
  };
}

/** Whether the objects of a version are there: unlike SageMaker's list, S3 says so without delay. */
export async function hasObjects(store: ObjectStore, name: string, digest: string): Promise<boolean> {
  return (await store.head(manifestKey(name, digest))) !== undefined;
}

const timeIn = (text: string): string => text.replaceAll('"', '');
