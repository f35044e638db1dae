import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';

/** How example rows are named and which values may be shown. */
export interface ExampleSource {
  /** All columns of the data. */
  columns: readonly string[];
  /** Columns that tell one row from another: shown beside the wrong value. */
  keys: readonly string[];
  /** Columns whose values must not leave the data. */
  masked: ReadonlySet<string>;
}

interface ExampleRun {
  engine: Engine;
  table: string;
  examples: ExampleSource;
}

const MOST_EXAMPLES = 5;
const MOST_COLUMNS = 6;
const LONGEST_VALUE = 60;

/** The first rows, in the order of the files, for which a condition holds: `row 12: id = 7, fare = -3`. */
export async function rowExamples(
  run: ExampleRun,
  failing: string,
  shown: readonly string[],
): Promise<string[]> {
  const names = [...new Set([...run.examples.keys, ...shown])].slice(0, MOST_COLUMNS);
  const columns = names.map((name, index) => `${quoteIdentifier(name)}::VARCHAR AS v${index}`);
  const rows = await run.engine.rows(`
    SELECT ${['position_in_files', ...columns].join(', ')}
    FROM (SELECT *, row_number() OVER () AS position_in_files FROM ${quoteIdentifier(run.table)})
    WHERE ${failing} LIMIT ${MOST_EXAMPLES}`);
  return rows.map((row) => {
    const values = names.map(
      (name, index) => `${name} = ${showValue(row[`v${index}`], run.examples.masked.has(name))}`,
    );
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
      .map((name, index) => `${name} = ${showValue(row[`v${index}`], run.examples.masked.has(name))}`);
    return `${values.join(', ')} occurs ${row.n} times`;
  });
}

/** A value as one short line: control characters are shown as escapes, the rest of a long text is left out. */
export function showValue(value: unknown, isMasked: boolean): string {
  if (value === null || value === undefined) return 'null';
  if (isMasked) return '(masked)';
  const text = String(value);
  const line = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
  const characters = [...line];
  return characters.length > LONGEST_VALUE ? `${characters.slice(0, LONGEST_VALUE).join('')}…` : line;
}
