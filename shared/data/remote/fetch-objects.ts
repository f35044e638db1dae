/** Data in S3, fetched into temporary files: the engine's own way there would download an extension. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openObjectStore } from '../../aws/object-store.ts';
import { formatS3Uri, parseS3Uri } from '../../aws/s3-uri.ts';
import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import type { DataAccess, FoundFile } from '../data-access.ts';
import { dataAmong, endingOf, READABLE } from '../data-formats.ts';
import { requireNoLog } from '../local-files.ts';
import { globPattern, isGlob, literalBeginning } from './glob-pattern.ts';

/**
 * Fetches an object, all data below a prefix, or what a glob matches.
 * @param given `s3://bucket/key`, `s3://bucket/prefix/` or `s3://bucket/prefix/*.parquet`.
 * @throws UserError when nothing matches, AWS refuses, or bytes are not those that S3 keeps a checksum of.
 */
export async function fetchObjects(given: string, access: DataAccess): Promise<FoundFile[]> {
  const { bucket, path } = placeOf(given);
  const { env, signal } = access;
  const store = await openObjectStore({ bucket, prefix: '' }, { env, ...(signal && { signal }) });
  const keys = await keysOf(path);
  if (keys.length === 0)
    throw new UserError(`No data file matches ${JSON.stringify(given)}`, {
      fix: 'Check bucket and key; the step that writes the data may have to run before this one.',
    });
  const { fetchObject } = await import('../../aws/object-fetch.ts');
  let done = 0;
  const files: FoundFile[] = [];
  const fetchOne = async (key: string): Promise<void> => {
    const uri = formatS3Uri(store.place, key);
    const ending = endingOf(key);
    if (ending === undefined)
      throw new UserError(`Cannot tell the format of ${uri}`, { where: { file: uri }, fix: READABLE });
    const fetchedTo = join(access.temporaryFolder, `object-${randomUUID()}${ending}`);
    await fetchObject(store, key, fetchedTo);
    done += 1;
    access.progress?.(`Fetched ${done} of ${keys.length} objects from s3://${bucket}`);
    files.push({ path: uri, fetchedTo });
  };
  await inParallel(keys, fetchOne);
  return files;

  async function keysOf(wanted: string): Promise<string[]> {
    const isFolder = wanted === '' || wanted.endsWith('/');
    if (!isFolder && (await store.head(wanted))) return [wanted];
    if (isGlob(wanted)) {
      const pattern = globPattern(wanted);
      const wantsHidden = /(^|\/)\./.test(wanted);
      const matching = (await listed(literalBeginning(wanted))).filter((key) => pattern.test(key));
      return wantsHidden ? matching : matching.filter((key) => !isHidden(key.split('/')));
    }
    const folder = isFolder ? wanted : `${wanted}/`;
    const below = await listed(folder);
    const parts = (key: string): string[] => key.slice(folder.length).split('/');
    requireNoLog(given, below.map(parts));
    const visible = below.filter((key) => !isHidden(parts(key)));
    return dataAmong(visible, (key) => key);
  }

  /** Empty objects whose key ends in a slash stand for folders in the console. */
  async function listed(beginning: string): Promise<string[]> {
    return (await store.list(beginning)).filter(({ key }) => !key.endsWith('/')).map(({ key }) => key);
  }
}

const isHidden = (parts: readonly string[]): boolean => parts.some((part) => part.startsWith('.'));

function placeOf(given: string): { bucket: string; path: string } {
  const [, address = '', path = ''] = /^(s3:\/\/[^/]*)\/?(.*)$/is.exec(given) ?? [];
  const { bucket } = parseS3Uri(address.replace(/^s3:/i, 's3:'), 'inputs.data');
  return { bucket, path };
}
