/** From rows of both models to the items that are judged: each rule on all rows, or on each slice. */
import type { MetricDefinition } from '../../../shared/metrics/catalogue.ts';
import { compareModels } from '../../../shared/metrics/comparison.ts';
import { meanScore } from '../../../shared/metrics/mean-score.ts';
import { neededColumns } from '../../../shared/metrics/metric-definition.ts';
import { countNotFinite, type Rows } from '../../../shared/metrics/rows.ts';
import { compareSeeds } from '../../../shared/metrics/seeds.ts';
import { type Item, itemOfComparison, itemOfNumbers, type Known } from '../judgement/items.ts';
import type { Rule } from '../policy/rules.ts';
import { type GapsOfModels, withPlace } from './gaps.ts';
import { observationsOf } from './observations.ts';
import type { JudgedRows } from './rows-of-table.ts';
import { cutSlices, type Runs, type Slice } from './slices.ts';

/** More slices than this cannot be read by anybody; the largest are kept. */
const LARGEST_SLICE_COUNT = 200;

export interface ComparedRows {
  items: Item[];
  notes: string[];
}

/** Compares all rules. Slices of the same features are cut once. */
export function compareRows(rules: readonly Rule[], rows: JudgedRows): ComparedRows {
  const notes: string[] = [];
  const runs: Runs = rows.seeds ?? {
    champion: rows.champion && [rows.champion],
    challenger: [rows.challenger],
  };
  const byFeatures = Map.groupBy(rules, (rule) => JSON.stringify(rule.featureKeys ?? null));
  const items = new Map<Rule, Item[]>();
  for (const sameFeatures of byFeatures.values()) {
    const keys = sameFeatures[0]!.featureKeys;
    const absent = keys?.filter((key) => !(key in rows.features)) ?? [];
    if (keys && absent.length > 0) {
      for (const rule of sameFeatures) items.set(rule, [itemWithoutFeature(rule, keys, absent, rows)]);
      continue;
    }
    const slices = keys ? slicesOf(keys, rows, runs, notes) : [{ values: null, ...runs }];
    for (const rule of sameFeatures) {
      const definition = rule.definition ?? scoreDefinition(rule, runs);
      const compared = slices.map((slice) =>
        itemOfRule(rule, definition, slice.values, slice, { gaps: rows.gaps }),
      );
      items.set(rule, compared);
    }
  }
  return { items: rules.flatMap((rule) => items.get(rule)!), notes };
}

function itemWithoutFeature(rule: Rule, keys: string[], absent: string[], rows: JudgedRows): Item {
  const known = {
    value: undefined,
    why: `no file has the column ${absent.join(', ')}`,
    isNaN: false,
  } as const;
  const slice = Object.fromEntries(keys.map((key) => [key, '(any)']));
  return { ...itemOfNumbers(rule, rows.champion && known, known, null), slice };
}

function slicesOf(keys: string[], rows: JudgedRows, runs: Runs, notes: string[]): Slice[] {
  const { slices, count } = cutSlices(keys, rows.features, runs, LARGEST_SLICE_COUNT);
  if (count > slices.length) {
    notes.push(`Of ${count} slices by ${keys.join(', ')} the ${slices.length} largest are judged.`);
  }
  return slices;
}

interface ItemOptions {
  /** How one model of either side is compared; of several training runs `compareSeeds` does it. */
  compare?: typeof compareModels;
  gaps?: GapsOfModels | undefined;
}

/** One rule on some rows, as an item to judge. */
export function itemOfRule(
  rule: Rule,
  definition: MetricDefinition,
  slice: Item['slice'],
  runs: Runs,
  { compare = compareModels, gaps }: ItemOptions = {},
): Item {
  const challenger = runs.challenger[0]!;
  const lack = whatIsLacking(rule, definition, challenger);
  if (lack) {
    const known = lacking(lack);
    return {
      ...itemOfNumbers(rule, runs.champion && known, known, null),
      slice,
      rows: challenger.truth.length,
    };
  }
  const championLack = runs.champion && whatIsLacking(rule, definition, runs.champion[0]!);
  const champion = championLack ? undefined : runs.champion;
  const options = { confidence: rule.confidence };
  const hasSeeds = runs.challenger.length > 1 || (champion?.length ?? 1) > 1;
  const comparison = hasSeeds
    ? compareSeeds(definition, champion, runs.challenger, options)
    : compare(definition, champion?.[0], challenger, options);
  const observations = observationsOf(definition.task, challenger);
  const item = { ...itemOfComparison(rule, slice, comparison), ...(observations && { observations }) };
  if (championLack) return { ...item, champion: lacking(championLack) };
  // Predictions that are no numbers are the NaN of the gate, which fails; in a slice too, since no rows are too few.
  const holdsNaN = (rows: Rows): boolean =>
    columnsRead(rule, definition, rows).some((column) => countNotFinite(column) > 0);
  const reads = definition.task === 'scores' ? rule.name : definition.needs;
  const placed = (known: Known, side: keyof GapsOfModels): Known => {
    if (known.value !== undefined || !runs[side]?.some(holdsNaN)) return known;
    return {
      ...known,
      why: withPlace(known.why, gaps?.[side], reads, slice === null),
      isNaN: side === 'challenger',
    };
  };
  return {
    ...item,
    champion: item.champion && placed(item.champion, 'champion'),
    challenger: placed(item.challenger, 'challenger'),
  };
}

/** The mean of the column that a rule names; of scores that are all 0 or 1 a rate. */
function scoreDefinition(rule: Rule, runs: Runs): MetricDefinition {
  const scores = [...runs.challenger, ...(runs.champion ?? [])].flatMap(
    (rows) => scoreColumn(rule.name, rows) ?? [],
  );
  const isRate = scores.every((column) => column.every((score) => score === 0 || score === 1));
  return {
    ...meanScore(rule.name, rule.direction, isRate),
    prepare: (rows) => ({ ...rows, labels: undefined, predicted: scoreColumn(rule.name, rows) }),
  };
}

const scoreColumn = (name: string, rows: Rows): Float64Array | undefined =>
  rows.labels?.find((label) => label.name === name)?.predicted;

const lacking = (why: string): Known => ({ value: undefined, why, isNaN: false, lacksColumn: true });

/** The columns of predictions that a metric reads; empty where the file has them not. */
function columnsRead(rule: Rule, definition: MetricDefinition, rows: Rows): Float64Array[] {
  if (definition.task !== 'scores') return neededColumns(definition.needs, rows);
  const scores = scoreColumn(rule.name, rows);
  return scores ? [scores] : [];
}

/** Which column the metric needs and the predictions lack. */
function whatIsLacking(rule: Rule, definition: MetricDefinition, rows: Rows): string | undefined {
  if (columnsRead(rule, definition, rows).length > 0) return undefined;
  if (definition.task === 'scores') return `the predictions have no column ${rule.name}`;
  const usesScores = definition.needs === 'scores' || definition.needs === 'probabilities';
  if (rows.score && !usesScores) {
    return 'there is no y_pred, and y_score is no probability: set threshold in the policy';
  }
  const perLabel = rows.labels || (rows.classes && usesScores) ? '_<label>' : '';
  return `the predictions have no ${usesScores ? 'y_score' : 'y_pred'}${perLabel}`;
}
