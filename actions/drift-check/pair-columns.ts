/** Which column of the reference is which of the data; and those that one side alone has, or as something else. */
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import { likelyRename, roleOf, type UnmatchedColumn } from './assess-columns.ts';
import { type ColumnPair, kindOf, type TimesPair } from './compare-column.ts';
import type { ColumnValues, DriftTable } from './table.ts';

/** A column of nulls alone has whatever type its reader guessed: it takes that of the other side. */
function alikeNulls(column: ColumnValues, other: ColumnValues): ColumnValues {
  if (column.kind === 'categorical' && other.kind === 'numeric' && column.codes.every((code) => code < 0)) {
    return { kind: 'numeric', values: new Float64Array(column.codes.length).fill(Number.NaN) };
  }
  return column;
}

const KIND_WORDS = { numeric: 'numbers', categorical: 'text' };

/** Times are not judged by their values, but by being there: columns of the reference that hold times no more. */
function timesThatAreNone(
  data: DriftTable,
  policy: DriftPolicy,
  times: readonly string[],
  timesNow: readonly string[],
): UnmatchedColumn[] {
  return times.flatMap((name): UnmatchedColumn[] => {
    const now = data.columns.get(name);
    const role = roleOf(name, policy);
    if (timesNow.includes(name) || (now && data.rowCount === 0)) return [];
    if (!now) return [{ name, role, status: 'missing', note: 'is missing from the data' }];
    const empty = now.kind === 'categorical' && now.codes.every((code) => code < 0);
    const note = `held times in the reference and holds ${empty ? 'no value' : KIND_WORDS[now.kind]} now`;
    return [{ name, role, status: 'type_changed', note }];
  });
}

export interface PairedColumns {
  pairs: ColumnPair[];
  times: TimesPair[];
  unmatched: UnmatchedColumn[];
}

/**
 * Pairs the columns of both sides by name, in the order of the reference.
 * @param times features of the reference that hold times. @param timesNow those of the data.
 */
export function pairColumns(
  reference: DriftTable,
  data: DriftTable,
  policy: DriftPolicy,
  times: readonly string[],
  timesNow: readonly string[] = [],
): PairedColumns {
  const unmatched = timesThatAreNone(data, policy, times, timesNow);
  const paired: PairedColumns = { pairs: [], times: [], unmatched };
  const added = new Map(
    [...data.columns].filter(([name]) => !reference.columns.has(name) && !times.includes(name)),
  );
  for (const [name, column] of reference.columns) {
    const role = roleOf(name, policy);
    const found = data.columns.get(name);
    if (!found && timesNow.includes(name)) {
      const note = `held ${KIND_WORDS[column.kind]} in the reference and holds times now`;
      unmatched.push({ name, role, status: 'type_changed', note });
      continue;
    }
    if (!found) {
      const rename = likelyRename(column, added, reference);
      const guess =
        rename === undefined ? '' : `; perhaps it was renamed to ${rename}, whose values look the same`;
      unmatched.push({ name, role, status: 'missing', note: `is missing from the data${guess}` });
      continue;
    }
    const now = alikeNulls(found, column);
    const before = alikeNulls(column, found);
    if (before.kind !== now.kind && policy.features[name]?.kind !== 'categorical') {
      const note = `held ${KIND_WORDS[before.kind]} in the reference and holds ${KIND_WORDS[now.kind]} now`;
      unmatched.push({ name, role, status: 'type_changed', note });
      continue;
    }
    paired.pairs.push({ name, role, kind: kindOf(name, before, now, policy), before, now });
  }
  for (const [name, before] of reference.times ?? []) {
    const now = data.times?.get(name);
    if (now) paired.times.push({ name, role: roleOf(name, policy), before, now });
  }
  for (const name of added.keys()) {
    unmatched.push({
      name,
      role: roleOf(name, policy),
      status: 'new',
      note: 'is not in the reference',
    });
  }
  return paired;
}
