import { formatModelUri, type ModelLocation } from '../model-uri.ts';
import type { Version } from '../registry-interface.ts';
import type { ModelVersion, RegisteredModel } from './api.ts';
import { DIGEST_TAG } from './tags.ts';

/** The digest of a version, or undefined for one that another tool has put there. */
export function digestOf(version: ModelVersion): string | undefined {
  const digest = version.tags[DIGEST_TAG] ?? '';
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

/** Of each digest the version with the lowest number: any others were made by jobs that came too late. */
export function firstOfEachDigest(versions: readonly ModelVersion[]): ModelVersion[] {
  const seen = new Set<string>();
  return versions.filter((version) => {
    const digest = digestOf(version);
    if (digest === undefined || seen.has(digest)) return false;
    seen.add(digest);
    return true;
  });
}

/** Alias to digest, sorted by alias; those of versions of other tools are left out. */
export function digestByAlias(
  model: RegisteredModel | undefined,
  versions: readonly ModelVersion[],
): Record<string, string> {
  const digests = new Map(versions.map((version) => [version.version, digestOf(version)]));
  // Without a prototype: an alias may be called `constructor`.
  const aliases: Record<string, string> = Object.create(null);
  for (const { alias, version } of [...(model?.aliases ?? [])].sort((a, b) => (a.alias < b.alias ? -1 : 1))) {
    const digest = digests.get(version);
    if (digest !== undefined) aliases[alias] = digest;
  }
  return aliases;
}

/** A version in the words of the house. */
export function describeVersion(
  location: ModelLocation,
  version: ModelVersion,
  aliases: Record<string, string>,
): Version {
  const digest = digestOf(version) ?? '';
  return {
    digest,
    version: String(version.version),
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === digest),
    ...(version.creation_timestamp ? { createdAt: new Date(version.creation_timestamp).toISOString() } : {}),
    uri: formatModelUri({ ...location, reference: digest }),
  };
}
