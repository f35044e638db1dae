import { previousDigest } from './alias-history.ts';
import { isBeingDeployed } from './deployment-marks.ts';
import type { Registry, Version } from './registry-interface.ts';

/**
 * Which versions may be removed so that the newest `keep` stay, oldest first. Never: what an alias points to, what it
 * would go back to, what a deployment holds, and what is `spared`.
 * @param keep at least 1.
 */
export async function versionsToRemove(
  registry: Registry,
  keep: number,
  spared: readonly string[] = [],
): Promise<Version[]> {
  const versions = await registry.versions();
  const old = versions.slice(0, Math.max(0, versions.length - keep));
  const needed = new Set(spared);
  for (const [alias, digest] of Object.entries(await registry.aliases())) {
    needed.add(digest);
    const previous = previousDigest(await registry.aliasHistory(alias), digest);
    if (previous) needed.add(previous);
  }
  const removable: Version[] = [];
  for (const version of old) {
    if (needed.has(version.digest) || version.aliases.length > 0) continue;
    if (!(await isBeingDeployed(registry, version.digest))) removable.push(version);
  }
  return removable;
}
