import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a person finds who opens the registry's folder: it is an OCI image layout, so its index tells everything. */
export interface RegistryContents {
  /** Digests of the models in it. */
  versions: string[];
  /** Alias to digest. */
  aliases: Record<string, string>;
}

/** @param folder of one model name in the registry. */
export function readRegistry(folder: string): RegistryContents {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests: { digest: string; artifactType?: string; annotations?: Record<string, string> }[];
  };
  const found: RegistryContents = { versions: [], aliases: {} };
  for (const { digest, artifactType, annotations } of index.manifests) {
    if (artifactType !== 'application/vnd.cncf.model.manifest.v1+json') continue;
    if (!found.versions.includes(digest)) found.versions.push(digest);
    const alias = annotations?.['org.opencontainers.image.ref.name'];
    if (alias) found.aliases[alias] = digest;
  }
  return found;
}
