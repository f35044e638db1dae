/** Columns that the folders of a partitioned data set carry: `year=2024/month=03/part-0.parquet`. */
import { UserError } from '../errors.ts';
import { quoteIdentifier, quoteText } from './sql-text.ts';

const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

/**
 * The `key=value` folders on the way to each file.
 * @param paths as found from the patterns, so that folders above the working directory do not count.
 * @returns per key the values in the order of the files, null for none; empty where there are no such folders.
 * @throws UserError when some files have a key that others lack.
 */
export function partitionsOf(paths: readonly string[]): Map<string, (string | null)[]> {
  const folders = paths.map(
    (path) =>
      new Map(
        path
          .replace(/^[a-z0-9]+:\/\/[^/]+/i, '')
          .split(/[\\/]/)
          .slice(0, -1)
          .flatMap((part): [string, string | null][] => {
            const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
            return key === undefined ? [] : [[decoded(key), value === NO_VALUE ? null : decoded(value)]];
          }),
      ),
  );
  const keys = [...new Set(folders.flatMap((folder) => [...folder.keys()]))];
  for (const [index, folder] of folders.entries()) {
    const missing = keys.filter((key) => !folder.has(key));
    if (missing.length === 0) continue;
    throw new UserError(`${paths[index]} lies in no folder ${missing[0]}=…, and other files do.`, {
      where: { file: paths[index] },
      fix: 'Give files that are partitioned in one way.',
    });
  }
  return new Map(keys.map((key) => [key, folders.map((folder) => folder.get(key) ?? null)]));
}

/** Hive writes what may not stand in a path as `%2F`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The expression that gives a partition's value in each row of a reader: whole numbers and dates get their types. */
export function partitionColumn(key: string, values: readonly (string | null)[]): string {
  const known = values.filter((value) => value !== null);
  const list = values.map((value) => (value === null ? 'NULL' : quoteText(value))).join(', ');
  return `([${list}]::${partitionType(known)}[])[file_index::BIGINT + 1] AS ${quoteIdentifier(key)}`;
}

function partitionType(values: readonly string[]): string {
  if (values.length === 0) return 'VARCHAR';
  if (values.every((value) => /^-?\d{1,18}$/.test(value))) return 'BIGINT';
  const isDate = (value: string): boolean =>
    /^\d{4}-\d{2}-\d{2}$/.test(value) &&
    !Number.isNaN(Date.parse(`${value}T00:00:00Z`)) &&
    new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);
  return values.every(isDate) ? 'DATE' : 'VARCHAR';
}
