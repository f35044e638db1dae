/** Every column of the reference against the data: the rule of the policy, Benjamini–Hochberg, what is important. */

import { UserError } from '../../shared/errors.ts';
import type { DriftColumn } from '../../shared/records/drift-check.ts';
import type { DriftMeasure, DriftPolicy } from '../../shared/records/drift-policy.ts';
import { benjaminiHochbergAdjusted } from '../../shared/stats/multiple-testing.ts';
import { poolSmallCells } from '../../shared/stats/two-sample.ts';
import { type Chunk, chunkPValue, sortChunks } from './chunks.ts';
import {
  alignCategories,
  type ColumnComparison,
  compareCategorical,
  compareNumeric,
  effectOfCounts,
  effectOfNumbers,
} from './compare-columns.ts';
import {
  asCategories,
  type ColumnValues,
  type DriftTable,
  mergeSorted,
  type NumericValues,
  sliceColumn,
} from './table.ts';

/** A column compared, before the columns are weighed together. */
export interface Compared {
  name: string;
  role: DriftColumn['role'];
  kind: 'numeric' | 'categorical';
  comparison: ColumnComparison;
  test: 'rows' | 'chunks';
  minEffect: number;
  /** Effect of each chunk against the reference, in the order of the chunks; undefined where it has no value. */
  chunkEffects: (number | undefined)[];
}

export interface ChunkedSides {
  reference: Chunk[];
  data: Chunk[];
  /** Whether rows stand in time order, so that chunks decide instead of rows. */
  ordered: boolean;
}

/** Measures that exist for numbers alone. */
const NUMERIC_MEASURES: readonly DriftMeasure[] = ['wasserstein', 'kolmogorov_smirnov'];

/** The policy's measure of a column, or the default of its kind. @throws UserError when it does not fit the kind. */
export function measureOf(name: string, kind: Compared['kind'], policy: DriftPolicy): DriftMeasure {
  const measure = policy.features[name]?.measure ?? (kind === 'numeric' ? 'wasserstein' : 'jensen_shannon');
  if (kind === 'numeric' || !NUMERIC_MEASURES.includes(measure)) return measure;
  throw new UserError(`${measure} is a measure of numbers, and the column ${name} is categorical.`, {
    where: { key: `features.${name}.measure` },
    fix: 'Choose jensen_shannon, psi, hellinger or total_variation.',
  });
}

function compareNumericColumn(
  before: NumericValues,
  now: NumericValues,
  measure: DriftMeasure,
  sides: ChunkedSides,
): Pick<Compared, 'comparison' | 'test' | 'chunkEffects'> {
  // Chunks cover every row, so the whole is merged from them instead of being sorted a second time.
  const referenceSorted = sortChunks(before.values, sides.reference);
  const dataSorted = sortChunks(now.values, sides.data);
  const sorted = mergeSorted(referenceSorted);
  const comparison = compareNumeric(before, now, measure, sorted, mergeSorted(dataSorted));
  const deviation = comparison.reference.deviation ?? undefined;
  const chunkEffects = [...referenceSorted, ...dataSorted].map((chunk) =>
    sorted.length > 0 && chunk.length > 0 ? effectOfNumbers(sorted, chunk, measure, deviation) : undefined,
  );
  let test: Compared['test'] = 'rows';
  if (sides.ordered && comparison.values) {
    const between = chunkPValue(
      sorted,
      sides.reference.map((chunk, index) => ({ chunk, sorted: referenceSorted[index]! })),
      sides.data.map((chunk, index) => ({ chunk, sorted: dataSorted[index]! })),
    );
    if (between !== undefined) {
      comparison.values.pValue = between;
      test = 'chunks';
    }
  }
  return { comparison, test, chunkEffects };
}

function compareCategoricalColumn(
  before: ColumnValues,
  now: ColumnValues,
  measure: DriftMeasure,
  sides: ChunkedSides,
): Pick<Compared, 'comparison' | 'test' | 'chunkEffects'> {
  const reference = asCategories(before);
  const data = asCategories(now);
  const chunkEffects = [...sides.reference, ...sides.data].map((chunk) => {
    const source = chunk.part === 'reference' ? reference : data;
    const slice = sliceColumn(source, chunk.first, chunk.end);
    if (slice.kind !== 'categorical') return undefined;
    const cells = alignCategories(reference, slice);
    const pooled = poolSmallCells(cells.reference, cells.data);
    return pooled.first.length < 2 ? undefined : effectOfCounts(pooled.first, pooled.second, measure);
  });
  return { comparison: compareCategorical(reference, data, measure), test: 'rows', chunkEffects };
}

/**
 * Compares one column that both sides have.
 * @throws UserError when the policy's measure is not one for the column's kind.
 */
export function compareColumn(
  name: string,
  role: DriftColumn['role'],
  before: ColumnValues,
  now: ColumnValues,
  policy: DriftPolicy,
  sides: ChunkedSides,
): Compared {
  const rule = policy.features[name];
  const numeric = rule?.kind !== 'categorical' && before.kind === 'numeric' && now.kind === 'numeric';
  const kind = numeric ? 'numeric' : 'categorical';
  const measure = measureOf(name, kind, policy);
  const result = numeric
    ? compareNumericColumn(before as NumericValues, now as NumericValues, measure, sides)
    : compareCategoricalColumn(before, now, measure, sides);
  return { name, role, kind, ...result, minEffect: rule?.min_effect ?? policy.defaults.min_effect };
}

/** The column's p: values and nulls, with Bonferroni's factor where both were tested. */
function columnPValue({ values, nulls }: ColumnComparison): number | undefined {
  const findings = [values, nulls].filter((finding) => finding !== undefined);
  if (findings.length === 0) return undefined;
  return Math.min(1, findings.length * Math.min(...findings.map((finding) => finding.pValue)));
}

/**
 * A column drifts when Benjamini–Hochberg over the columns rejects it and its effect is at least the policy's. Of
 * values and nulls the one that was rejected must also be the one with the effect.
 * @param compared all columns of one role.
 */
export function weighColumns(
  compared: readonly Compared[],
  policy: DriftPolicy,
  importance: ReadonlyMap<string, number>,
): DriftColumn[] {
  const raw = compared.map(({ comparison }) => columnPValue(comparison));
  const tested = raw.map((_, index) => index).filter((index) => raw[index] !== undefined);
  const adjusted = benjaminiHochbergAdjusted(tested.map((index) => raw[index]!));
  const adjustedByColumn = new Map(tested.map((column, index) => [column, adjusted[index]!]));
  const rejected = tested.filter((index) => adjustedByColumn.get(index)! <= policy.defaults.alpha);
  const cutoff = Math.max(-1, ...rejected.map((index) => raw[index]!));
  return compared.map((column, index) => {
    const { values, nulls } = column.comparison;
    const factor = values && nulls ? 2 : 1;
    const moved = (finding: { pValue: number; effect: number } | undefined) =>
      finding !== undefined &&
      Math.min(1, factor * finding.pValue) <= cutoff &&
      finding.effect >= column.minEffect &&
      finding.effect > 0;
    const nullsDrift = moved(nulls);
    const drifts = moved(values) || nullsDrift;
    const judged = raw[index] !== undefined;
    return {
      name: column.name,
      role: column.role,
      kind: column.kind,
      status: drifts ? 'drifts' : judged ? 'steady' : 'not_judged',
      test: judged ? column.test : null,
      pValue: raw[index] ?? null,
      adjustedPValue: adjustedByColumn.get(index) ?? null,
      effect: values?.effect ?? null,
      measure: column.comparison.measure,
      minEffect: column.minEffect,
      nulls: nulls ? { pValue: nulls.pValue, effect: nulls.effect, drifts: nullsDrift } : null,
      ...importanceOf(column.name, importance, policy),
      reference: column.comparison.reference,
      data: column.comparison.data,
      unseen: column.comparison.unseen,
      unseenCount: column.comparison.unseenCount,
      note: column.comparison.note,
    };
  });
}

/** Share of all importance, and whether that is enough to count as important. */
export function importanceOf(name: string, importance: ReadonlyMap<string, number>, policy: DriftPolicy) {
  const share = importance.get(name) ?? null;
  const least = policy.defaults.min_importance ?? (importance.size > 0 ? 1 / importance.size : 1);
  return { importance: share, important: share !== null && share > 0 && share >= least };
}

export interface UnmatchedColumn {
  name: string;
  role: DriftColumn['role'];
  status: 'missing' | 'new' | 'type_changed';
  note: string;
}

/** Whether the policy names a column as what the model answered. */
export function roleOf(name: string, { columns }: DriftPolicy): DriftColumn['role'] {
  return name === columns.y_score || name === columns.y_pred ? 'prediction' : 'feature';
}

/** A column that one side alone has, or whose kind changed. */
export function unmatchedColumn(
  { name, role, status, note }: UnmatchedColumn,
  policy: DriftPolicy,
  importance: ReadonlyMap<string, number>,
): DriftColumn {
  return {
    name,
    role,
    kind: null,
    status,
    test: null,
    pValue: null,
    adjustedPValue: null,
    effect: null,
    measure: null,
    minEffect: policy.features[name]?.min_effect ?? policy.defaults.min_effect,
    nulls: null,
    ...importanceOf(name, importance, policy),
    reference: null,
    data: null,
    unseen: [],
    unseenCount: 0,
    note,
  };
}

/**
 * Which new column a missing one may have become: the nearest in distribution, of the same kind, no further off
 * than what counts as no drift.
 */
export function likelyRename(
  missing: ColumnValues,
  candidates: ReadonlyMap<string, ColumnValues>,
  reference: DriftTable,
): string | undefined {
  if (reference.rowCount === 0) return undefined;
  let best: { name: string; effect: number } | undefined;
  for (const [name, candidate] of candidates) {
    if (candidate.kind !== missing.kind) continue;
    const { values, unseenCount } =
      missing.kind === 'numeric'
        ? compareNumeric(missing, candidate as NumericValues)
        : compareCategorical(missing, asCategories(candidate));
    if (!values || values.effect > 0.1) continue;
    if (missing.kind === 'categorical' && unseenCount > missing.names.length) continue;
    if (!best || values.effect < best.effect) best = { name, effect: values.effect };
  }
  return best?.name;
}
