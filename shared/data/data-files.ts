import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { glob, open, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';

export type DataFormat = 'csv' | 'parquet' | 'jsonl';

export interface DataFile {
  /** As found from the pattern: relative where the pattern was. */
  path: string;
  bytes: number;
  /** 64 hexadecimal digits, of the file as it lies (compressed where it is). */
  sha256: string;
}

export interface DataFiles {
  /** Sorted by path, bytewise. */
  files: DataFile[];
  /** `sha256:` of the one file, or of the sorted hashes of several, joined by newlines. */
  digest: string;
  format: DataFormat;
}

const FORMATS: Record<string, DataFormat> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.csv.gz': 'csv',
  '.tsv.gz': 'csv',
  '.parquet': 'parquet',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.jsonl.gz': 'jsonl',
  '.ndjson.gz': 'jsonl',
};
const READABLE = `Readable are ${Object.keys(FORMATS).join(', ')}.`;

const MAKE_AGAIN = 'Make or fetch the file again; the step that did so may have been interrupted.';

/**
 * Finds and hashes the data files of an input.
 * @param patterns paths, globs or folders (of a folder, every readable file below it).
 * @throws UserError when nothing matches, formats are mixed, or a file is empty, cut off or not what its name says.
 */
export async function resolveData(patterns: string[]): Promise<DataFiles> {
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    const matches = await matchPattern(pattern);
    if (matches.length === 0) throw nothingMatches(pattern);
    for (const path of matches) found.set(resolve(path), path);
  }
  const paths = [...found.values()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (paths.length === 0)
    throw new UserError('No data is given', { fix: 'Give a file, a folder or a glob.' });
  const format = commonFormat(paths);
  const files: DataFile[] = [];
  for (const path of paths) files.push(await hashFile(path, format));
  return { files, digest: combineDigests(files.map((file) => file.sha256)), format };
}

/** The rule by which several files have one digest; the order of the files does not matter. */
export function combineDigests(hashes: readonly string[]): string {
  if (hashes.length === 1) return `sha256:${hashes[0]}`;
  return sha256([...hashes].sort().join('\n'));
}

/** The format that a file's name says, or undefined. */
export function formatOf(path: string): DataFormat | undefined {
  const name = path.toLowerCase();
  const ending = Object.keys(FORMATS).find((candidate) => name.endsWith(candidate));
  return ending === undefined ? undefined : FORMATS[ending];
}

async function matchPattern(pattern: string): Promise<string[]> {
  const entry = await stat(pattern).catch(() => undefined);
  if (entry?.isFile()) return [pattern];
  if (entry?.isDirectory()) return filesBelow(pattern);
  if (!/[*?[{]/.test(pattern)) return [];
  const matches: string[] = [];
  for await (const match of glob(pattern)) {
    const path = isAbsolute(pattern) ? resolve(match) : relative('.', match);
    if ((await stat(path)).isFile()) matches.push(path);
  }
  return matches;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const visible = paths.filter(
    (path) =>
      !relative(folder, path)
        .split(/[\\/]/)
        .some((part) => part.startsWith('.')),
  );
  const readable = visible.filter((path) => formatOf(path) !== undefined);
  if (readable.length > 0) return readable;
  throw new UserError(`The folder ${folder} holds no data file`, { where: { file: folder }, fix: READABLE });
}

function nothingMatches(pattern: string): UserError {
  return new UserError(`No data file matches ${JSON.stringify(pattern)}`, {
    where: { file: pattern },
    fix: 'Paths are relative to the working directory; a step before this one may have to fetch or make the file.',
  });
}

function commonFormat(paths: string[]): DataFormat {
  const formats = new Map<DataFormat, string>();
  for (const path of paths) {
    const format = formatOf(path);
    if (!format)
      throw new UserError(`Cannot tell the format of ${path}`, { where: { file: path }, fix: READABLE });
    if (!formats.has(format)) formats.set(format, path);
  }
  if (formats.size === 1) return [...formats.keys()][0]!;
  throw new UserError(`The data mixes formats: ${[...formats.values()].join(', ')}`, {
    fix: 'Give files of one format, or name the ones that belong together.',
  });
}

async function hashFile(path: string, format: DataFormat): Promise<DataFile> {
  const { size } = await stat(path);
  if (size === 0) throw new UserError(`${path} is empty`, { where: { file: path }, fix: MAKE_AGAIN });
  if (format === 'parquet') await checkParquetEnds(path, size);
  const hash = createHash('sha256');
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  source.on('data', (part) => hash.update(part));
  if (path.toLowerCase().endsWith('.gz')) {
    // The engine reads a truncated gzip file as far as it goes and says nothing, so its end is checked here.
    await pipeline(source, createGunzip({ chunkSize: 1 << 20 }), nowhere()).catch((cause: Error) => {
      throw new UserError(`${path} is not a whole gzip file: ${cause.message}`, {
        where: { file: path },
        fix: MAKE_AGAIN,
        cause,
      });
    });
  } else {
    await pipeline(source, nowhere());
  }
  return { path, bytes: size, sha256: hash.digest('hex') };
}

function nowhere(): Writable {
  return new Writable({ write: (_part, _encoding, done) => done() });
}

/** A Parquet file begins and ends with the letters PAR1; a truncated one has lost its footer. */
async function checkParquetEnds(path: string, size: number): Promise<void> {
  const file = await open(path);
  try {
    const ends = Buffer.alloc(8);
    await file.read(ends, 0, 4, 0);
    await file.read(ends, 4, 4, Math.max(0, size - 4));
    if (ends.toString('latin1') === 'PAR1PAR1' && size >= 12) return;
    const what =
      ends.toString('latin1', 0, 4) === 'PAR1' ? 'is cut off: its end is missing' : 'is not a Parquet file';
    throw new UserError(`${path} ${what}`, { where: { file: path }, fix: MAKE_AGAIN });
  } finally {
    await file.close();
  }
}
