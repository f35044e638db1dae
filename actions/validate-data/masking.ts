import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';
import type { TableProfile } from '../../shared/data/profile.ts';
import type { ContractObject } from '../../shared/records/contract.ts';
import type { ColumnSketch } from '../../shared/records/data-profile.ts';
import type { PersonalColumn } from '../../shared/records/data-validation.ts';
import { PERSONAL_KINDS, type PersonalKind } from '../../shared/records/personal-kinds.ts';
import { columnName } from './compile-contract.ts';
import { looksPersonal, mayBePersonal } from './rules/privacy.ts';
import { columnOfRule, type DataFacts } from './rules/rule-context.ts';

const SENSITIVE = /confidential|restricted|secret|sensitive|private|personal|\bpii\b|\bphi\b/i;

/** Columns whose classification in the contract keeps their values out of records and reports. */
export function classifiedColumns(object: ContractObject | undefined): Set<string> {
  const properties = object?.properties ?? [];
  const sensitive = properties.filter((property) => SENSITIVE.test(String(property.classification ?? '')));
  return new Set(sensitive.map(columnName));
}

/** Rows looked at for what a column holds: enough to find it, few enough to cost nothing. */
const SAMPLED_ROWS = 5000;

/** From what share of the sampled values on a column counts as one of the kind: digits alone look like many things. */
const LEAST_SHARE: Record<PersonalKind, number> = {
  email: 0.01,
  iban: 0.01,
  ipAddress: 0.05,
  nationalNumber: 0.3,
  phone: 0.3,
  card: 0.5,
};

/** Columns whose values look like a person's identifiers, by a sample of rows spread over the data. */
export async function personalColumns(engine: Engine, facts: DataFacts): Promise<PersonalColumn[]> {
  const searched = facts.columns
    .map((column) => columnOfRule(column.name, facts, undefined))
    .flatMap((column) =>
      PERSONAL_KINDS.filter((kind) => mayBePersonal(column, kind)).map((kind) => ({ column, kind })),
    );
  if (searched.length === 0 || facts.rowCount === 0) return [];
  const step = Math.max(1, Math.floor(facts.rowCount / SAMPLED_ROWS));
  const names = [...new Set(searched.map(({ column }) => column.sql))];
  const parts = searched.flatMap(({ column, kind }, index) => [
    `count_if(${looksPersonal(kind, column)}) AS k${index}`,
    `count(${column.sql}) AS n${index}`,
  ]);
  const [row] = await engine.rows(`SELECT ${parts.join(', ')} FROM (
    SELECT ${names.join(', ')}, row_number() OVER () AS position_in_files FROM ${quoteIdentifier(facts.table)})
    WHERE position_in_files % ${step} = 0`);
  const found = new Map<string, PersonalColumn>();
  for (const [index, { column, kind }] of searched.entries()) {
    const [matching, values] = [Number(row?.[`k${index}`]), Number(row?.[`n${index}`])];
    if (matching === 0 || matching / values < LEAST_SHARE[kind]) continue;
    const known = found.get(column.name) ?? { column: column.name, kinds: [] };
    found.set(column.name, { ...known, kinds: [...known.kinds, kind] });
  }
  return [...found.values()];
}

/** The profile without the listed values of masked columns; their counts stay. */
export function withoutMaskedValues(profile: TableProfile, masked: ReadonlySet<string>): TableProfile {
  const mask = (column: ColumnSketch): ColumnSketch =>
    masked.has(column.name) ? { ...column, top: { values: [], otherCount: column.count } } : column;
  return {
    ...profile,
    columns: profile.columns.map(mask),
    chunks: profile.chunks.map((chunk) => ({ ...chunk, columns: chunk.columns.map(mask) })),
  };
}
