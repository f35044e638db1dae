/** lakeFS: addresses of a repository at a reference, and folders that `lakectl local` keeps. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { DataVersion } from './data-version.ts';

/** A commit; anything else (a branch, a tag) may point elsewhere later. */
export const isLakeFsCommit = (reference: string): boolean => /^[0-9a-f]{64}$/.test(reference);

/** Of `lakectl local`: `src: lakefs://repository/branch/path/` and the commit, `at_head`. */
export async function findLakeFsVersions(folders: readonly string[], from: string): Promise<DataVersion[]> {
  const found: DataVersion[] = [];
  for (const folder of folders) {
    const text = await readFile(join(folder, '.lakefs_ref.yaml'), 'utf8').catch(() => '');
    const [, repository, path = ''] =
      /^src:\s*["']?lakefs:\/\/([^/\s]+)\/[^/\s]+\/?([^\s"']*)/m.exec(text) ?? [];
    const commit = /^at_head:\s*["']?([0-9a-f]+)/m.exec(text)?.[1];
    if (!repository || !commit) continue;
    const name = relative(from, folder).replaceAll('\\', '/') || '.';
    found.push({ system: 'lakefs', name, version: `lakefs://${repository}/${commit}/${path}` });
  }
  return found;
}

/**
 * Addresses in texts: `lakefs://repository/reference/path`, and `s3://repository/reference/path` where the environment's
 * S3 is lakeFS's gateway.
 * @returns the name is the address, the version its reference.
 */
export async function lakeFsAddresses(
  texts: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<DataVersion[]> {
  const schemes = isGateway(env) ? 'lakefs|s3a?' : 'lakefs';
  const pattern = new RegExp(`\\b(?:${schemes})://[^/\\s"'\`]+/([^/\\s"'\`]+)(?:/[^\\s"'\`,;]*)?`, 'g');
  return texts.flatMap((text) =>
    [...text.matchAll(pattern)].map(([name, version = '']) => ({ system: 'lakefs' as const, name, version })),
  );
}

/** Whether S3 requests go to the host that is said to be lakeFS. */
function isGateway(env: NodeJS.ProcessEnv): boolean {
  const host = (address: string | undefined) =>
    address && URL.canParse(address) ? new URL(address).host : undefined;
  const lakeFs = host(env.LAKECTL_SERVER_ENDPOINT_URL) ?? host(env.LAKEFS_ENDPOINT);
  const s3 = host(env.AWS_ENDPOINT_URL_S3) ?? host(env.AWS_ENDPOINT_URL);
  return lakeFs !== undefined && lakeFs === s3;
}
