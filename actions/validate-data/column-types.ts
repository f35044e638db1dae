import type { DataFormat } from '../../shared/data/source.ts';
import { quoteIdentifier } from '../../shared/data/sql-text.ts';
import type { LogicalType } from '../../shared/records/contract.ts';

const MATCHING: Record<LogicalType, RegExp> = {
  string: /^(VARCHAR|UUID|ENUM.*)$/,
  integer: /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT)$/,
  number: /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w+INT|UINTEGER|FLOAT|DOUBLE|DECIMAL.*)$/,
  boolean: /^BOOLEAN$/,
  date: /^DATE$/,
  timestamp: /^(TIMESTAMP.*|DATE)$/,
  time: /^TIME\b.*$/,
  object: /^(STRUCT|MAP|JSON|UNION|VARIANT).*$/,
  array: /^.*\[\d*\]$/,
};

const SQL_TYPE: Partial<Record<LogicalType, string>> = {
  integer: 'DOUBLE',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  time: 'TIME',
};

/** Types whose text form is read from a file of text, so that a mismatch is a matter of values. */
const WRITTEN_AS_TEXT: Record<DataFormat, readonly LogicalType[]> = {
  csv: ['integer', 'number', 'boolean', 'date', 'timestamp', 'time'],
  jsonl: ['date', 'timestamp', 'time'],
  json: ['date', 'timestamp', 'time'],
  // SQLite keeps times as text.
  database: ['date', 'timestamp', 'time'],
  parquet: [],
};

/** How a column's type stands to what the contract calls it. */
export type TypeMatch =
  | { kind: 'same' }
  /** The type differs, and these values show it. */
  | { kind: 'values'; failing: string }
  /** The type differs, whatever the values. */
  | { kind: 'other' };

/**
 * Compares a column's type in the data with the contract's.
 * @param actual DuckDB's type, e.g. `DECIMAL(10,2)`.
 */
export function matchType(
  name: string,
  expected: LogicalType,
  actual: string,
  format: DataFormat,
): TypeMatch {
  const column = quoteIdentifier(name);
  if (MATCHING[expected].test(actual)) return { kind: 'same' };
  if (
    expected === 'string' &&
    (format === 'jsonl' || format === 'json') &&
    /^(DATE|TIME.*|UUID)$/.test(actual)
  )
    return { kind: 'same' };
  if (expected === 'integer' && MATCHING.number.test(actual)) {
    const whole = `${column} = trunc(${column})${/^(FLOAT|DOUBLE)$/.test(actual) ? ` AND isfinite(${column})` : ''}`;
    return { kind: 'values', failing: `NOT (${whole})` };
  }
  if (expected === 'date' && actual.startsWith('TIMESTAMP')) {
    return { kind: 'values', failing: `${column} <> date_trunc('day', ${column})` };
  }
  if (!WRITTEN_AS_TEXT[format].includes(expected)) return { kind: 'other' };
  const converted = `TRY_CAST(${column}::VARCHAR AS ${SQL_TYPE[expected]})`;
  const whole = expected === 'integer' ? ` OR ${converted} <> trunc(${converted})` : '';
  return { kind: 'values', failing: `${column} IS NOT NULL AND (${converted} IS NULL${whole})` };
}

/** The column as the contract's type, null where a value is not of it; the column itself where no type is given. */
export function typedColumn(name: string, expected: LogicalType | undefined, actual: string): string {
  const column = quoteIdentifier(name);
  const type = expected && SQL_TYPE[expected];
  if (expected === 'string' && actual !== 'VARCHAR') return `${column}::VARCHAR`;
  if (!expected || !type || MATCHING[expected].test(actual)) return column;
  return `TRY_CAST(${column}::VARCHAR AS ${type})`;
}

/** Whether a column can hold NaN, which compares as larger than every number. */
export function isFloating(expected: LogicalType | undefined, actual: string): boolean {
  return (
    /^(FLOAT|DOUBLE)$/.test(actual) ||
    (!MATCHING.number.test(actual) && /^(number|integer)$/.test(expected ?? ''))
  );
}
