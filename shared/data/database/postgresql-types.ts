/** PostgreSQL's types as the engine's. */
import { ANY_DECIMAL, type DatabaseColumn } from './database-rows.ts';

const TYPES: Record<string, string> = {
  boolean: 'BOOLEAN',
  smallint: 'BIGINT',
  integer: 'BIGINT',
  bigint: 'BIGINT',
  oid: 'BIGINT',
  real: 'FLOAT',
  'double precision': 'DOUBLE',
  date: 'DATE',
  'timestamp without time zone': 'TIMESTAMP',
  'timestamp with time zone': 'TIMESTAMP WITH TIME ZONE',
  'time without time zone': 'TIME',
  uuid: 'UUID',
};

const MOST_DIGITS = 38;

/**
 * @param declared the type as `format_type` writes it, e.g. `numeric(10,2)`, `timestamp(3) with time zone`, `integer[]`.
 * A type that the engine does not have is text.
 */
export function postgresqlColumn(name: string, declared: string): DatabaseColumn {
  if (declared.endsWith('[]')) {
    const found = postgresqlColumn(name, declared.slice(0, -2)).type;
    const element = found === ANY_DECIMAL ? 'DOUBLE' : found;
    // A server's array may have any number of dimensions whatever its type says; then it stays text.
    return { name, declared, type: `${element}[]`, written: 'json', otherwise: 'VARCHAR' };
  }
  const column = (type: string, otherwise?: 'DOUBLE' | 'VARCHAR'): DatabaseColumn => ({
    ...{ name, declared, type, written: 'text' },
    ...(otherwise && { otherwise }),
  });
  const [, digits, scale = '0'] = /^numeric\((\d+)(?:,(-?\d+))?\)$/.exec(declared) ?? [];
  if (digits !== undefined) {
    const fits = Number(digits) <= MOST_DIGITS && Number(scale) >= 0 && Number(scale) <= Number(digits);
    return fits ? column(`DECIMAL(${digits},${scale})`, 'DOUBLE') : column('DOUBLE');
  }
  if (declared === 'numeric') return column(ANY_DECIMAL);
  const type = TYPES[declared.replace(/\(\d+\)/, '')];
  if (type === undefined) return column('VARCHAR');
  return /^(DATE|TIME)/.test(type) ? column(type, 'VARCHAR') : column(type);
}
