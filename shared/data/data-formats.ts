import { UserError } from '../errors.ts';

/** `database`: rows that a database gave, whose types it named. */
export type DataFormat = 'csv' | 'parquet' | 'jsonl' | 'json' | 'database';

const PACKED = ['', '.gz', '.zst'];
const ENDINGS: Record<string, DataFormat> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
};
const FORMATS: Record<string, DataFormat> = {
  '.parquet': 'parquet',
  ...Object.fromEntries(
    Object.entries(ENDINGS).flatMap(([ending, format]) => PACKED.map((packed) => [ending + packed, format])),
  ),
};

export const READABLE = `Readable are .parquet and ${Object.keys(ENDINGS).join(', ')}, the last five also with .gz or .zst.`;

/** The ending of a name that says the format, e.g. `.csv.gz`; undefined where none does. */
export function endingOf(path: string): string | undefined {
  const name = path.toLowerCase();
  return Object.keys(FORMATS)
    .filter((ending) => name.endsWith(ending))
    .sort((a, b) => b.length - a.length)[0];
}

/** The format that a file's name says, or undefined. */
export function formatOf(path: string): DataFormat | undefined {
  const ending = endingOf(path);
  return ending === undefined ? undefined : FORMATS[ending];
}

/** @throws UserError when one of the names says no format, or they say several. */
export function commonFormat(paths: readonly string[]): DataFormat {
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

/** Of the files in a folder those that are data: JSON beside data of another kind describes it. */
export function dataAmong<Entry>(entries: readonly Entry[], nameOf: (entry: Entry) => string): Entry[] {
  const readable = entries.filter((entry) => formatOf(nameOf(entry)) !== undefined);
  const others = readable.filter((entry) => formatOf(nameOf(entry)) !== 'json');
  return others.length > 0 ? others : readable;
}
