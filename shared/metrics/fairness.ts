/**
 * The value of a fairness metric from the rows of each group, as fairlearn computes it. Where fairlearn makes up a
 * number (a group without positives gives an equalized-odds difference of 1.0), the answer is why there is none.
 *
 * Every such value is the largest or smallest of *contrasts*: the difference or ratio of two groups, a group against
 * all rows, or a group alone. Its influences are those of the contrast that is the extreme one. **Near ties** (two
 * pairs of groups almost equally far apart) another draw of rows may choose another pair: the value is then biased
 * away from fairness and its distribution skewed, so bounds on the value are judged by intervals over all contrasts
 * (fairness-comparison.ts), and only changes from champion to challenger by these influences.
 */
import type { FairnessMetric, FairnessShape } from './fairness-metric.ts';
import { computeMetric, type MetricDefinition } from './metric-definition.ts';
import { type MetricValue, NO_SPREAD, noValue, type Rows, type Spread, selectRows } from './rows.ts';

/** The rows of each group that counts; groups share no row, and some rows may be in none. */
export interface Groups {
  /** For messages, such as `sex = F`. */
  names: readonly string[];
  rows: readonly Int32Array[];
}

export interface FairnessOptions {
  /** Groups against each other, or each against all rows. */
  method: 'between_groups' | 'to_overall';
  /** Of equalized odds: the worse of its two rates, or their mean. */
  agg: 'worst_case' | 'mean';
}

/** One metric of one group, or of all rows. */
export interface Entry {
  base: MetricDefinition;
  /** Place in Groups; −1 for all rows. */
  group: number;
  value: MetricValue;
}

/** A value made of entries, with its slope in each of them. */
export interface Contrast {
  value: number;
  slopes: readonly { entry: number; slope: number }[];
}

export interface FairnessValue {
  entries: readonly Entry[];
  /** Undefined: `why` says why there is no number. */
  contrasts: readonly Contrast[] | undefined;
  why: string;
  /**
   * From how many the extreme was chosen. A difference or ratio of two groups counts twice, since chance also chooses
   * which of them comes first.
   */
  choices: number;
  /** The extreme contrast, which is the value; of a mean, the mean of each rate's. */
  extreme: Contrast | undefined;
}

/** Whether the value is the largest of its contrasts or the smallest. */
export const isLargest = (shape: FairnessShape): boolean => shape === 'difference' || shape === 'group_max';

/** Computes the groups' values and every contrast of them. */
export function fairnessValue(
  metric: FairnessMetric,
  rows: Rows,
  groups: Groups,
  options: FairnessOptions,
): FairnessValue {
  const { shape, bases } = metric;
  const apart = shape === 'difference' || shape === 'ratio';
  const directions = apart ? 2 : 1;
  const toOverall = apart && options.method === 'to_overall';
  const ofGroups = groups.rows.map((chosen) => selectRows(rows, chosen));
  const entries = bases.flatMap((base): Entry[] => {
    const own = ofGroups.map((part, group) => ({ base, group, value: computeMetric(base, part) }));
    return toOverall ? [...own, { base, group: -1, value: computeMetric(base, rows) }] : own;
  });
  const none = (why: string): FairnessValue => ({
    entries,
    contrasts: undefined,
    why,
    choices: 0,
    extreme: undefined,
  });
  if (apart && !toOverall && groups.rows.length < 2) return none('there are fewer than two groups');
  if (groups.rows.length < 1) return none('there is no group');
  for (const { group, value } of entries) {
    if (value.value === undefined) return none(`${groups.names[group] ?? 'all rows'}: ${value.why}`);
    if (shape === 'ratio' && value.value < 0)
      return none(`${groups.names[group] ?? 'all rows'} has a value below 0, of which there is no ratio`);
  }
  const perBase = bases.map((base) => {
    const own = entries.flatMap((entry, index) => (entry.base === base ? [index] : []));
    return contrastsOf(shape, entries, own, toOverall);
  });
  if (perBase.some((contrasts) => contrasts.length === 0))
    return none('the metric is 0 in every group, of which there is no ratio');
  const pick = (contrasts: readonly Contrast[]): Contrast =>
    contrasts.reduce((best, one) =>
      (isLargest(shape) ? one.value > best.value : one.value < best.value) ? one : best,
    );
  if (options.agg === 'mean' && bases.length > 1) {
    const mean = meanOf(perBase.map(pick));
    const choices = perBase.reduce((product, own) => product * directions * own.length, 1);
    return { entries, contrasts: [mean], why: '', choices, extreme: mean };
  }
  const contrasts = perBase.flat();
  return { entries, contrasts, why: '', choices: directions * contrasts.length, extreme: pick(contrasts) };
}

function meanOf(contrasts: readonly Contrast[]): Contrast {
  const share = 1 / contrasts.length;
  return {
    value: contrasts.reduce((sum, { value }) => sum + value, 0) * share,
    slopes: contrasts.flatMap(({ slopes }) =>
      slopes.map(({ entry, slope }) => ({ entry, slope: slope * share })),
    ),
  };
}

function contrastsOf(
  shape: FairnessShape,
  entries: readonly Entry[],
  own: readonly number[],
  toOverall: boolean,
): Contrast[] {
  const numberOf = (entry: number): number => entries[entry]!.value.value!;
  if (shape === 'group_min' || shape === 'group_max')
    return own.map((entry) => ({ value: numberOf(entry), slopes: [{ entry, slope: 1 }] }));
  const groups = own.filter((entry) => entries[entry]!.group >= 0);
  const overall = own.filter((entry) => entries[entry]!.group < 0);
  const pairs = toOverall
    ? groups.map((entry) => [entry, overall[0]!] as const)
    : groups.flatMap((first, at) => groups.slice(at + 1).map((second) => [first, second] as const));
  return pairs.flatMap(([first, second]): Contrast[] => {
    const [high, low] = numberOf(first) >= numberOf(second) ? [first, second] : [second, first];
    const [larger, smaller] = [numberOf(high), numberOf(low)];
    if (shape === 'difference') {
      const slopes = [
        { entry: high, slope: 1 },
        { entry: low, slope: -1 },
      ];
      return [{ value: larger - smaller, slopes }];
    }
    // Two values of 0 have no ratio; beside a pair that has one they do not matter.
    if (!(larger > 0)) return [];
    const slopes = [
      { entry: low, slope: 1 / larger },
      { entry: high, slope: -smaller / larger ** 2 },
    ];
    return [{ value: smaller / larger, slopes }];
  });
}

/** The rows of an entry. */
export const rowsOfEntry = (entry: Entry, groups: Groups): Int32Array | undefined => groups.rows[entry.group];

/**
 * The metric on groups that are known, as a definition that `compareModels` takes: its `compute` closes over them.
 */
export function boundToGroups(
  metric: FairnessMetric,
  groups: Groups,
  options: FairnessOptions,
): MetricDefinition {
  return {
    name: metric.name,
    aliases: [],
    task: metric.bases[0]!.task,
    direction: metric.direction,
    needs: metric.bases[0]!.needs,
    intervalMethod: 'infinitesimal jackknife',
    formulaSource: 'fairlearn.metrics',
    parameters: [],
    compute(rows): MetricValue {
      const { entries, extreme, why } = fairnessValue(metric, rows, groups, options);
      if (!extreme) return noValue(why);
      return { value: extreme.value, spread: spreadOf(extreme, entries, groups, rows.truth.length) };
    },
  };
}

function spreadOf(contrast: Contrast, entries: readonly Entry[], groups: Groups, count: number): Spread {
  const parts = contrast.slopes.map(({ entry, slope }) => {
    const { value } = entries[entry]!;
    if (value.value === undefined) throw new TypeError('a contrast is made of numbers');
    return { slope, value: value.value, spread: value.spread, rows: rowsOfEntry(entries[entry]!, groups) };
  });
  if (parts.every(({ spread }) => spread.kind === 'influence')) {
    return {
      kind: 'influence',
      influence() {
        const sum = new Float64Array(count);
        for (const { slope, spread, rows } of parts) {
          if (spread.kind !== 'influence') continue;
          const own = spread.influence();
          for (let at = 0; at < own.length; at++) sum[rows ? rows[at]! : at]! += slope * own[at]!;
        }
        return sum;
      },
    };
  }
  if (parts.every(({ spread }) => spread.kind === 'replicates')) {
    return {
      kind: 'replicates',
      without(jackknife, total) {
        const replicates = new Float64Array(total).fill(contrast.value);
        for (const { slope, value, spread, rows } of parts) {
          if (spread.kind !== 'replicates') continue;
          const own = spread.without(
            rows ? Uint8Array.from(rows, (row) => jackknife[row]!) : jackknife,
            total,
          );
          for (let at = 0; at < total; at++) replicates[at]! += slope * (own[at]! - value);
        }
        return replicates;
      },
    };
  }
  return NO_SPREAD;
}
