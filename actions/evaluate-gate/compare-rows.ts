/** From rows of both models to the items that are judged: each rule on all rows, or on each slice. */
import type { MetricDefinition } from '../../shared/metrics/catalogue.ts';
import { compareModels } from '../../shared/metrics/comparison.ts';
import { countNotFinite, type Rows, selectRows } from '../../shared/metrics/rows.ts';
import { type Item, itemOfComparison, itemOfNumbers, type Known } from './items.ts';
import type { JudgedRows } from './rows-of-table.ts';
import type { Rule } from './rules.ts';

/** More slices than this cannot be read by anybody; the largest are kept. */
const LARGEST_SLICE_COUNT = 200;

export interface ComparedRows {
  items: Item[];
  notes: string[];
}

/** Compares all rules. Slices of the same features are cut once. */
export function compareRows(rules: readonly Rule[], rows: JudgedRows): ComparedRows {
  const notes: string[] = [];
  const slicesOf = new Map<string, Slice[]>();
  const items = rules.flatMap((rule): Item[] => {
    if (!rule.featureKeys) return [itemOfRule(rule, null, rows.champion, rows.challenger)];
    const absent = rule.featureKeys.filter((key) => !(key in rows.features));
    const all = Object.fromEntries(rule.featureKeys.map((key) => [key, '(any)']));
    if (absent.length > 0) {
      const known = {
        value: undefined,
        why: `no file has the column ${absent.join(', ')}`,
        isNaN: false,
      } as const;
      return [{ ...itemOfNumbers(rule, rows.champion && known, known, null), slice: all }];
    }
    const key = JSON.stringify(rule.featureKeys);
    const slices = slicesOf.get(key) ?? cutSlices(rule.featureKeys, rows, notes);
    slicesOf.set(key, slices);
    return slices.map((slice) => itemOfRule(rule, slice.values, slice.champion, slice.challenger));
  });
  return { items, notes };
}

function itemOfRule(rule: Rule, slice: Item['slice'], champion: Rows | undefined, challenger: Rows): Item {
  const { definition } = rule;
  if (!definition) throw new TypeError(`${rule.name} cannot be computed from predictions`);
  const lack = whatIsLacking(definition, challenger);
  if (lack) {
    const known = lacking(lack);
    return { ...itemOfNumbers(rule, champion && known, known, null), slice, rows: challenger.truth.length };
  }
  const championLack = champion && whatIsLacking(definition, champion);
  const comparison = compareModels(definition, championLack ? undefined : champion, challenger, {
    confidence: rule.confidence,
  });
  const item = itemOfComparison(rule, slice, comparison);
  if (championLack) return { ...item, champion: lacking(championLack) };
  // Predictions that are no numbers are the NaN of the gate, which fails; in a slice too, since no rows are too few.
  if (item.challenger.value === undefined && holdsNaN(definition, challenger)) {
    return { ...item, challenger: { ...item.challenger, isNaN: true } };
  }
  return item;
}

const lacking = (why: string): Known => ({ value: undefined, why, isNaN: false, lacksColumn: true });

function holdsNaN(definition: MetricDefinition, rows: Rows): boolean {
  const usesScore = definition.needs === 'scores' || definition.needs === 'probabilities';
  return countNotFinite((usesScore ? rows.score : rows.predicted)!) > 0;
}

/** Which column the metric needs and the predictions lack. */
function whatIsLacking(definition: MetricDefinition, rows: Rows): string | undefined {
  const needsScore = definition.needs === 'scores' || definition.needs === 'probabilities';
  if (needsScore) return rows.score ? undefined : 'the predictions have no y_score';
  if (rows.predicted) return undefined;
  return rows.score
    ? 'there is no y_pred, and y_score is no probability: set threshold in the policy'
    : 'the predictions have no y_pred';
}

interface Slice {
  values: Record<string, string>;
  champion: Rows | undefined;
  challenger: Rows;
}

/** One slice per combination of values that occurs, largest first; an empty value is a value. */
function cutSlices(keys: string[], rows: JudgedRows, notes: string[]): Slice[] {
  const groups = new Map<string, number[]>();
  const columns = keys.map((key) => rows.features[key]!);
  for (let row = 0; row < rows.challenger.truth.length; row++) {
    const key = JSON.stringify(columns.map((column) => column[row]));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const sorted = [...groups].sort(
    ([a, first], [b, second]) => second.length - first.length || (a < b ? -1 : 1),
  );
  if (sorted.length > LARGEST_SLICE_COUNT) {
    notes.push(
      `Of ${sorted.length} slices by ${keys.join(', ')} the ${LARGEST_SLICE_COUNT} largest are judged`,
    );
  }
  return sorted.slice(0, LARGEST_SLICE_COUNT).map(([key, indices]) => {
    const values = JSON.parse(key) as (string | null)[];
    const chosen = Int32Array.from(indices);
    return {
      values: Object.fromEntries(keys.map((name, index) => [name, values[index] ?? '(empty)'])),
      champion: rows.champion && selectRows(rows.champion, chosen),
      challenger: selectRows(rows.challenger, chosen),
    };
  });
}
