import { earlierDigests } from './alias-history.ts';
import { isBeingDeployed } from './deployment-marks.ts';
import type { Registry, Version } from './registry-interface.ts';

/**
 * Which versions may be removed so that the newest `keep` stay, oldest first. Never: what an alias points to, what it
 * would go back to, what a deployment holds, what is `spared`, and what another tool put there.
 * @param keep at least 1.
 */
export async function versionsToRemove(
  registry: Registry,
  keep: number,
  spared: readonly string[] = [],
): Promise<Version[]> {
  const versions = await ownVersions(registry);
  const old = versions.slice(0, Math.max(0, versions.length - keep));
  const needed = new Set(spared);
  for (const [alias, digest] of Object.entries(await registry.aliases())) {
    needed.add(digest);
    for (const previous of earlierDigests(await registry.aliasHistory(alias), digest)) {
      needed.add(previous);
      // A rollback passes over what people rejected, so what lies before it is needed as well.
      if (!(await registry.resolve(previous))) break;
      if ((await registry.standing(previous)).approval !== 'rejected') break;
    }
  }
  const removable: Version[] = [];
  for (const version of old) {
    if (needed.has(version.digest) || version.aliases.length > 0) continue;
    if (!(await isBeingDeployed(registry, version.digest))) removable.push(version);
  }
  return removable;
}

/** The versions that keep a record of their registration, oldest first; what lacks one, another tool put there. */
export async function ownVersions(registry: Registry): Promise<Version[]> {
  const own: Version[] = [];
  for (const version of await registry.versions()) {
    if ((await registry.attachments(version.digest, 'ModelVersion')).length > 0) own.push(version);
  }
  const time = ({ createdAt }: Version) => (createdAt === undefined ? 0 : Date.parse(createdAt));
  // Equal times keep the order of the store.
  return own.sort((a, b) => time(a) - time(b));
}
