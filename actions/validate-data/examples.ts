import { createHmac } from 'node:crypto';
import { placeOfRow } from '../../shared/data/columns.ts';
import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';
import { UserError } from '../../shared/errors.ts';
import type { ExampleMode } from '../../shared/records/data-validation.ts';

/** How example rows are named and which values may be shown. */
export interface ExampleSource {
  /** All columns of the data. */
  columns: readonly string[];
  /** Columns that tell one row from another: shown beside the wrong value. */
  keys: readonly string[];
  mode: ExampleMode;
  /** A value of a column as it may be shown. */
  show(column: string, value: unknown): string;
}

interface ExampleRun {
  engine: Engine;
  table: string;
  examples: ExampleSource;
}

const MOST_EXAMPLES = 5;
const MOST_COLUMNS = 6;
const LONGEST_VALUE = 60;
const HASH_DIGITS = 8;

/**
 * @param masked columns whose values are never shown, whatever the mode.
 * @param key of the hashes that stand for values: equal values look equal in one set of data, and not in another.
 */
export function exampleSource(
  given: { columns: readonly string[]; keys: readonly string[]; masked: ReadonlySet<string> },
  mode: ExampleMode,
  key: string,
): ExampleSource {
  const hash = maskedText(key);
  return {
    columns: given.columns,
    keys: given.keys,
    mode,
    show(column, value) {
      if (value === null || value === undefined) return 'null';
      if (given.masked.has(column)) return '(masked)';
      if (mode === 'none') return '(not shown)';
      return mode === 'masked' ? hash(String(value)) : showValue(value);
    },
  };
}

/**
 * What keys the hashes of one set of data. Its digest stands in the record, so that only a secret keeps them from being
 * tried out.
 * @throws UserError for a secret where nothing is hashed.
 */
export function maskKey(given: { examples?: ExampleMode; examplesKey?: string }, digest: string): string {
  if (given.examplesKey === undefined) return digest;
  if ((given.examples ?? 'masked') === 'masked') return `${given.examplesKey}\n${digest}`;
  throw new UserError(`The input examples-key has no meaning with examples: ${given.examples}.`, {
    where: { key: 'inputs.examples-key' },
    fix: 'Leave it out, or set examples to masked.',
  });
}

/** A text as `#` and the first digits of its HMAC-SHA256. */
export function maskedText(key: string): (text: string) => string {
  return (text) => `#${createHmac('sha256', key).update(text).digest('hex').slice(0, HASH_DIGITS)}`;
}

/** The first rows, in the order of the files, for which a condition holds: `row 12: id = 7, fare = -3`. */
export async function rowExamples(
  run: ExampleRun,
  failing: string,
  shown: readonly string[],
): Promise<string[]> {
  if (run.examples.mode === 'none') return [];
  const names = [...new Set([...run.examples.keys, ...shown])].slice(0, MOST_COLUMNS);
  const columns = names.map((name, index) => `mine.${quoteIdentifier(name)}::VARCHAR AS v${index}`);
  const place = await placeOfRow(run.engine, run.table);
  const rows = await run.engine.rows(`
    SELECT ${['position_in_files', ...columns].join(', ')}
    FROM (SELECT *, ${place} + 1 AS position_in_files FROM ${quoteIdentifier(run.table)}) AS mine
    WHERE ${failing} ORDER BY position_in_files LIMIT ${MOST_EXAMPLES}`);
  return rows.map((row) => {
    const values = names.map((name, index) => `${name} = ${run.examples.show(name, row[`v${index}`])}`);
    return values.length === 0
      ? `row ${row.position_in_files}`
      : `row ${row.position_in_files}: ${values.join(', ')}`;
  });
}

/** The values that occur most often beyond once: `id = 7 occurs 3 times`. */
export async function duplicateExamples(
  run: ExampleRun,
  columns: readonly string[],
  countNulls: boolean,
): Promise<string[]> {
  if (run.examples.mode === 'none') return [];
  const names = columns.map(quoteIdentifier);
  const shown = names.map((name, index) => `${name}::VARCHAR AS v${index}`);
  const where = countNulls ? '' : `WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`;
  const rows = await run.engine.rows(`
    SELECT ${shown.join(', ')}, count(*) AS n FROM ${quoteIdentifier(run.table)} ${where}
    GROUP BY ${names.join(', ')} HAVING n > 1
    ORDER BY n DESC, ${names.join(', ')} LIMIT ${MOST_EXAMPLES}`);
  return rows.map((row) => {
    const values = columns
      .slice(0, MOST_COLUMNS)
      .map((name, index) => `${name} = ${run.examples.show(name, row[`v${index}`])}`);
    return `${values.join(', ')} occurs ${row.n} times`;
  });
}

/** A value as one short line: control characters are shown as escapes, the rest of a long text is left out. */
export function showValue(value: unknown): string {
  const line = String(value).replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
  const characters = [...line];
  return characters.length > LONGEST_VALUE ? `${characters.slice(0, LONGEST_VALUE).join('')}…` : line;
}
