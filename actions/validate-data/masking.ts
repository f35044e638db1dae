import type { TableProfile } from '../../shared/data/profile.ts';
import type { ContractObject } from '../../shared/records/contract.ts';
import type { ColumnSketch } from '../../shared/records/data-profile.ts';
import { columnName } from './compile-contract.ts';

const SENSITIVE = /confidential|restricted|secret|sensitive|private|personal|\bpii\b|\bphi\b/i;

/** Columns whose classification in the contract keeps their values out of records and reports. */
export function maskedColumns(object: ContractObject | undefined): Set<string> {
  const properties = object?.properties ?? [];
  const sensitive = properties.filter((property) => SENSITIVE.test(String(property.classification ?? '')));
  return new Set(sensitive.map(columnName));
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
