/**
 * One column before and now, as what it is judged as. A second thread runs this, so that neither this file nor what it
 * imports loads the schemas of the records.
 */
import { UserError } from '../../shared/errors.ts';
import type { DriftColumn } from '../../shared/records/drift-check.ts';
import type { DriftKind } from '../../shared/records/drift-measures.ts';
import type { DriftDecision, DriftPolicy } from '../../shared/records/drift-policy.ts';
import {
  type ChunkedComparison,
  type ChunkedSides,
  compareCategoricalColumn,
  compareNumericColumn,
} from './chunked-columns.ts';
import { columnRule } from './column-rule.ts';
import { compareText, isText } from './kinds/text.ts';
import { compareTimes } from './kinds/times.ts';
import type { CategoricalValues, ColumnValues, NumericValues } from './table.ts';

/** A column that both sides have, and that can be compared. */
export interface ColumnPair {
  name: string;
  role: DriftColumn['role'];
  kind: DriftKind;
  before: ColumnValues;
  now: ColumnValues;
}

/** Times of both sides, in milliseconds. */
export interface TimesPair {
  name: string;
  role: DriftColumn['role'];
  before: Float64Array;
  now: Float64Array;
}

/** A column compared, before the columns are weighed together. */
export interface Compared extends ChunkedComparison {
  name: string;
  role: DriftColumn['role'];
  kind: DriftKind;
  decideOn: DriftDecision;
  minEffect: number;
}

/** What a column is judged as. Only the loader knows booleans, and names their values so. */
export function kindOf(
  name: string,
  before: ColumnValues,
  now: ColumnValues,
  policy: DriftPolicy,
): DriftKind {
  const asked = policy.features[name]?.kind;
  if (asked !== 'categorical' && before.kind === 'numeric' && now.kind === 'numeric') return 'numeric';
  if (now.kind === 'categorical' && isText(name, before, policy)) return 'text';
  const isBoolean = (column: ColumnValues) =>
    column.kind === 'categorical' && column.names.join() === 'false,true';
  return isBoolean(before) && isBoolean(now) ? 'boolean' : 'categorical';
}

/**
 * Compares one column that both sides have.
 * @throws UserError when the policy's measure is not one for the column's kind.
 */
export function compareColumn(
  { name, role, kind, before, now }: ColumnPair,
  policy: DriftPolicy,
  sides: ChunkedSides,
): Compared {
  refuseOtherKind(name, kind, policy);
  const rule = columnRule(name, kind, policy);
  const { decideOn, minEffect } = rule;
  if (kind === 'text') {
    const comparison = compareText(before as CategoricalValues, now as CategoricalValues);
    return { name, role, kind, comparison, test: 'rows', decideOn, minEffect, chunkEffects: [] };
  }
  const result =
    kind === 'numeric'
      ? compareNumericColumn(before as NumericValues, now as NumericValues, rule, sides)
      : compareCategoricalColumn(before, now, rule, sides);
  return { name, role, kind, ...result, decideOn, minEffect };
}

/** A kind that the policy asks for and the values are not. */
function refuseOtherKind(name: string, kind: DriftKind, policy: DriftPolicy): void {
  const asked = policy.features[name]?.kind;
  if (asked === undefined || asked === kind || (asked === 'categorical' && kind === 'boolean')) return;
  const words = { text: 'text', timestamp: 'times', numeric: 'numbers', categorical: 'categories' };
  throw new UserError(`The column ${name} holds no ${words[asked]}.`, {
    where: { key: `features.${name}.kind` },
    fix: asked === 'timestamp' ? 'Store it as a date or a timestamp.' : 'Leave kind out, or mend the column.',
  });
}

/** The times of both sides, in milliseconds: told of, and judged where the policy says `kind: timestamp`. */
export function compareTimeColumn({ name, role, before, now }: TimesPair, policy: DriftPolicy): Compared {
  const { decideOn, minEffect } = columnRule(name, 'timestamp', policy);
  const comparison = compareTimes(before, now, policy.features[name]?.kind === 'timestamp');
  return { name, role, kind: 'timestamp', comparison, test: 'rows', decideOn, minEffect, chunkEffects: [] };
}
