/** Every column of the reference against the data: the rule of the policy, Benjamini–Hochberg, what is important. */

import type { DriftColumn } from '../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import { benjaminiHochbergAdjusted } from '../../shared/stats/multiple-testing.ts';
import type { Compared } from './compare-column.ts';
import { compareCategorical, compareNumeric, type Finding } from './compare-columns.ts';
import { performanceTask } from './metrics.ts';
import { classScoreColumns } from './performance/class-columns.ts';
import { asCategories, type ColumnValues, type DriftTable, type NumericValues } from './table.ts';

/** Everything by which a column was tested. Where its measure alone decides, its values were not. */
function testedFindings({ comparison, decideOn }: Compared): Finding[] {
  const { values, nulls, aspects = [] } = comparison;
  return [decideOn === 'measure' ? undefined : values, nulls, ...aspects].filter(
    (finding) => finding !== undefined,
  );
}

/** The column's p: values and nulls (or what stands for them), with Bonferroni's factor where several were tested. */
function columnPValue(findings: readonly Finding[]): number | undefined {
  if (findings.length === 0) return undefined;
  return Math.min(1, findings.length * Math.min(...findings.map((finding) => finding.pValue)));
}

/**
 * A column drifts when Benjamini–Hochberg over the columns rejects it and its effect is at least the policy's. Of
 * values and nulls the one that was rejected must also be the one with the effect. Where the policy lets the measure
 * alone decide, values drift above the limit, and only nulls are tested.
 * @param compared all columns of one role.
 */
export function weighColumns(
  compared: readonly Compared[],
  policy: DriftPolicy,
  importance: ReadonlyMap<string, number>,
): DriftColumn[] {
  const findings = compared.map(testedFindings);
  const raw = findings.map(columnPValue);
  const tested = raw.map((_, index) => index).filter((index) => raw[index] !== undefined);
  const adjusted = benjaminiHochbergAdjusted(tested.map((index) => raw[index]!));
  const adjustedByColumn = new Map(tested.map((column, index) => [column, adjusted[index]!]));
  const rejected = tested.filter((index) => adjustedByColumn.get(index)! <= policy.defaults.alpha);
  const cutoff = Math.max(-1, ...rejected.map((index) => raw[index]!));
  return compared.map((column, index) => {
    const { comparison, decideOn, minEffect } = column;
    const { values, nulls, aspects } = comparison;
    const factor = findings[index]!.length;
    const moved = (finding: Finding | undefined, least: number) =>
      finding !== undefined &&
      Math.min(1, factor * finding.pValue) <= cutoff &&
      finding.effect >= least &&
      finding.effect > 0;
    // A limit of another measure says nothing of nulls, which are held to the default effect then.
    const nullsDrift = moved(nulls, decideOn === 'both' ? minEffect : policy.defaults.min_effect);
    const judgedAspects = aspects?.map(({ name, measure, pValue, effect }) => {
      const drifts = moved({ pValue, effect }, minEffect);
      return { name, measure, pValue, effect, drifts };
    });
    const valuesDrift =
      decideOn === 'measure' ? values !== undefined && values.effect > minEffect : moved(values, minEffect);
    const drifts = valuesDrift || nullsDrift || (judgedAspects?.some((aspect) => aspect.drifts) ?? false);
    const judged = raw[index] !== undefined || values !== undefined;
    const largest = judgedAspects?.reduce(
      (best: { effect: number } | undefined, one) => (best && best.effect >= one.effect ? best : one),
      undefined,
    );
    return {
      name: column.name,
      role: column.role,
      kind: column.kind,
      status: drifts ? 'drifts' : judged ? 'steady' : 'not_judged',
      test: raw[index] === undefined ? null : column.test,
      pValue: raw[index] ?? null,
      adjustedPValue: adjustedByColumn.get(index) ?? null,
      effect: values?.effect ?? largest?.effect ?? null,
      measure: comparison.measure,
      ...(decideOn !== 'both' && { decidedBy: decideOn }),
      minEffect,
      ...(comparison.effectError !== undefined && { effectError: comparison.effectError }),
      nulls: nulls ? { pValue: nulls.pValue, effect: nulls.effect, drifts: nullsDrift } : null,
      ...(judgedAspects && judgedAspects.length > 0 && { aspects: judgedAspects }),
      ...importanceOf(column.name, importance, policy),
      reference: comparison.reference,
      data: comparison.data,
      unseen: comparison.unseen.map(({ value, rows }) => ({ value: shortened(value), rows })),
      unseenCount: comparison.unseenCount,
      note: comparison.note,
    };
  });
}

const LONGEST_NAMED = 200;
/** A value may be a document; of one that is merely named the beginning is enough. */
const shortened = (value: string): string =>
  value.length > LONGEST_NAMED ? `${value.slice(0, LONGEST_NAMED)}…` : value;

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
export function roleOf(name: string, policy: DriftPolicy): DriftColumn['role'] {
  const { columns } = policy;
  const isScoreOfClass = (column: string): boolean =>
    performanceTask(policy) === 'multiclass' && classScoreColumns([column], columns).size > 0;
  return name === columns.y_score || name === columns.y_pred || isScoreOfClass(name)
    ? 'prediction'
    : 'feature';
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
