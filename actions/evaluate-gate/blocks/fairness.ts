/** Whether groups of people are treated alike, in fairlearn's names, each with its interval. */
import type { Groups } from '../../../shared/metrics/fairness.ts';
import { fairnessComparison } from '../../../shared/metrics/fairness-comparison.ts';
import {
  computeMetric,
  type MetricDefinition,
  neededColumns,
} from '../../../shared/metrics/metric-definition.ts';
import { type Rows, selectRows } from '../../../shared/metrics/rows.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { FairnessGroup } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { type Item, itemOfNumbers, type Known } from '../judgement/items.ts';
import { countedOf, leastSamples } from '../judgement/samples.ts';
import { itemOfRule } from '../predictions/compare-rows.ts';
import { countObservations, observationsOf } from '../predictions/observations.ts';
import type { JudgedRows } from '../predictions/rows-of-table.ts';
import { groupRows } from '../predictions/slices.ts';
import { type FairnessRule, fairnessRules } from './fairness-rules.ts';

/** Sensitive features are of few values; with more groups they are something else, such as an age in days. */
const MOST_GROUPS = 200;
/** Groups that are left out and named one by one. */
const NAMED_GROUPS = 5;

export interface FairnessEvidence {
  items: Item[];
  groups: FairnessGroup[];
  notes: string[];
}

/** The features whose columns are needed beside those of slices. */
export const sensitiveFeatures = (policy: GatePolicy): string[] =>
  policy.fairness.flatMap((rule) => rule.sensitive_features);

/** @throws UserError for names that are no fairness metric, with the nearest one. */
export function fairnessEvidence(
  policy: GatePolicy,
  locate: PositionedDocument<GatePolicy>['locate'] | undefined,
  rows: JudgedRows,
): FairnessEvidence {
  const groupings = new Map<string, Grouping>();
  const listed = new Map<string, FairnessGroup[]>();
  const items = fairnessRules(policy, locate).map((one): Item => {
    const absent = one.features.filter((feature) => !(feature in rows.features));
    if (absent.length > 0)
      return withoutNumber(one, rows, `no file has the column ${absent.join(', ')}`, true);
    const key = JSON.stringify([one.features, one.rule.minSamples]);
    const grouping = groupings.get(key) ?? groupPeople(one, rows);
    groupings.set(key, grouping);
    const why = wrongCount(one, grouping);
    if (why) return withoutNumber(one, rows, why, false);
    for (const base of one.metric.bases) {
      const listKey = `${key} ${base.name}`;
      if (!listed.has(listKey)) listed.set(listKey, valuesOfGroups(base, grouping, rows));
    }
    return itemOfGroups(one, grouping, rows);
  });
  return {
    items,
    groups: [...listed.values()].flat(),
    notes: [...new Set([...groupings.values()].flatMap(({ note }) => (note ? [note] : [])))],
  };
}

interface Grouping {
  groups: Groups;
  /** Of each group the value of every feature. */
  values: Record<string, string>[];
  /** Which groups are too small. */
  note: string | undefined;
  /** What a group needs, as in `200 rows`. */
  atLeast: string;
}

/** Rows by the values of all features together, groups sorted by their names; an empty value is a value. */
function groupPeople({ features, rule, metric }: FairnessRule, rows: JudgedRows): Grouping {
  const { clusters } = rows.challenger;
  const of = observationsOf(metric.bases[0]!.task, rows.challenger)?.of ?? 'rows';
  const least = leastSamples(rule, of);
  const { groupOf, groups: combinations } = groupRows(features.map((feature) => rows.features[feature]!));
  const members = combinations.map((): number[] => []);
  groupOf.forEach((group, row) => {
    members[group]!.push(row);
  });
  const all = combinations
    .map((combination, group) => {
      const values = features.map((feature, at) => [feature, combination[at] ?? '(empty)'] as const);
      const name = values.map(([feature, value]) => `${feature} = ${value}`).join(', ');
      return { name, values: Object.fromEntries(values), rows: members[group]! };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((group) => ({ ...group, samples: countObservations(group.rows, clusters) }));
  const large = all.filter(({ samples }) => samples >= least);
  const small = all.filter(({ samples }) => samples < least);
  const named = small
    .slice(0, NAMED_GROUPS)
    .map(({ name, samples }) => `${name} (${countedOf(samples, of)})`);
  const more = small.length > NAMED_GROUPS ? `; and ${small.length - NAMED_GROUPS} more` : '';
  return {
    groups: {
      names: large.map(({ name }) => name),
      rows: large.map((group) => Int32Array.from(group.rows)),
    },
    values: large.map(({ values }) => values),
    note:
      small.length > 0
        ? `Fairness by ${features.join(', ')} leaves out groups with fewer than ${least} ${of}: ${named.join('; ')}${more}.`
        : undefined,
    atLeast: `${least} ${of}`,
  };
}

/** Why there are too few groups or too many; undefined where neither is so. */
function wrongCount(
  { metric, features, options }: FairnessRule,
  { groups, atLeast }: Grouping,
): string | undefined {
  const count = groups.rows.length;
  const compares = metric.shape === 'difference' || metric.shape === 'ratio';
  const needed = compares && options.method === 'between_groups' ? 2 : 1;
  if (count < needed)
    return `groups by ${features.join(', ')} with at least ${atLeast}: ${count}, and ${needed} are needed`;
  return count > MOST_GROUPS
    ? `${count} groups by ${features.join(', ')}, and at most ${MOST_GROUPS} can be judged`
    : undefined;
}

function itemOfGroups({ rule, metric, options }: FairnessRule, grouping: Grouping, rows: JudgedRows): Item {
  const { definition, compare } = fairnessComparison(metric, grouping.groups, options);
  const runs = rows.seeds ?? {
    champion: rows.champion && [rows.champion],
    challenger: [rows.challenger],
  };
  return itemOfRule(rule, definition, null, runs, { compare, gaps: rows.gaps });
}

function withoutNumber({ rule }: FairnessRule, rows: JudgedRows, why: string, lacksColumn: boolean): Item {
  const known: Known = { value: undefined, why, isNaN: false, lacksColumn };
  return { ...itemOfNumbers(rule, rows.champion && known, known, null), rows: rows.challenger.truth.length };
}

function valuesOfGroups(
  base: MetricDefinition,
  { groups, values }: Grouping,
  { champion, challenger }: JudgedRows,
): FairnessGroup[] {
  const numberOf = (rows: Rows | undefined, chosen: Int32Array): number | null => {
    if (!rows || neededColumns(base.needs, rows).length === 0) return null;
    return computeMetric(base, selectRows(rows, chosen)).value ?? null;
  };
  return groups.rows.map((chosen, at) => ({
    metric: base.name,
    group: values[at]!,
    rows: chosen.length,
    champion: numberOf(champion, chosen),
    challenger: numberOf(challenger, chosen),
  }));
}
