import { placeOfRow } from '../../shared/data/columns.ts';
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
    .map((column) => ({ column, kinds: PERSONAL_KINDS.filter((kind) => mayBePersonal(column, kind)) }))
    .filter(({ kinds }) => kinds.length > 0);
  if (searched.length === 0 || facts.rowCount === 0) return [];
  const step = Math.max(1, Math.floor(facts.rowCount / SAMPLED_ROWS));
  const place = await placeOfRow(engine, facts.table);
  // Asked once for all columns, and once for a value however often it occurs: the questions are long.
  const matches = PERSONAL_KINDS.map((kind) => {
    const places = searched.flatMap(({ kinds }, index) => (kinds.includes(kind) ? [index] : []));
    const isAsked = places.length > 0 ? `place IN (${places.join(', ')})` : 'false';
    const isFound = `CASE WHEN ${isAsked} THEN ${looksPersonal(kind, { sql: 'value' })} ELSE false END`;
    return `sum(n) FILTER (${isFound}) AS ${kind}`;
  });
  const texts = searched.map(({ column }) => `${column.sql}::VARCHAR`);
  const rows = await engine.rows(`SELECT place, sum(n) AS n, ${matches.join(', ')} FROM (
      SELECT place, value, count(*) AS n FROM (
        SELECT unnest(range(${texts.length})) AS place, unnest([${texts.join(', ')}]) AS value FROM (
          SELECT *, ${place} + 1 AS position_in_files FROM ${quoteIdentifier(facts.table)})
        WHERE position_in_files % ${step} = 0)
      WHERE value IS NOT NULL GROUP BY ALL)
    GROUP BY place ORDER BY place`);
  return rows.flatMap((row) => {
    const { column, kinds } = searched[Number(row.place)]!;
    const found = kinds.filter((kind) => {
      const matching = Number(row[kind] ?? 0);
      return matching > 0 && matching / Number(row.n) >= LEAST_SHARE[kind];
    });
    return found.length > 0 ? [{ column: column.name, kinds: found }] : [];
  });
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
