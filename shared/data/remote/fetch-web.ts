/** Data at a web address, fetched into a temporary file. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { DataAccess, FoundFile } from '../data-access.ts';
import { endingOf, READABLE } from '../data-formats.ts';
import { type Downloaded, downloadFile } from '../download.ts';
import { publicName } from '../source-address.ts';

const TYPES: Record<string, string> = {
  'text/csv': '.csv',
  'text/tab-separated-values': '.tsv',
  'application/vnd.apache.parquet': '.parquet',
  'application/x-parquet': '.parquet',
  'application/x-ndjson': '.jsonl',
  'application/jsonl': '.jsonl',
  'application/json': '.json',
};

/**
 * Fetches one file. Its format is what the path ends in, of the address given or of the one it leads to, or else what
 * the server calls it.
 * @throws UserError for plain http beyond this machine, for what cannot be fetched, and for an unknown format.
 */
export async function fetchWeb(given: string, access: DataAccess): Promise<FoundFile> {
  const name = publicName(given);
  const url = checkedUrl(given, name);
  for (const secret of [url.password, url.search.slice(1)]) if (secret) access.mask?.(secret);
  const say = access.progress;
  const { file } = await downloadFile(url.href, {
    env: access.env,
    signal: access.signal,
    onBytes: (received, total) =>
      say?.(`Fetching ${name}: ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ''}`),
    chooseFile: (answered) =>
      join(access.temporaryFolder, `fetched-${randomUUID()}${ending(url, answered, name)}`),
  });
  return { path: name, fetchedTo: file };
}

function checkedUrl(given: string, name: string): URL {
  if (!URL.canParse(given)) throw new UserError(`${JSON.stringify(name)} is no web address.`);
  const url = new URL(given);
  if (url.protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) return url;
  throw new UserError(`${name} is not https: what it answers could be changed on the way.`, {
    fix: 'Use https; http is for this machine alone.',
  });
}

function ending(url: URL, { contentType, path }: Downloaded, name: string): string {
  const [type = ''] = contentType.split(';');
  const found = endingOf(url.pathname) ?? endingOf(path) ?? TYPES[type.trim().toLowerCase()];
  if (found) return found;
  throw new UserError(`Cannot tell the format of ${name}: the server calls it ${type || 'nothing'}.`, {
    fix: READABLE,
  });
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
