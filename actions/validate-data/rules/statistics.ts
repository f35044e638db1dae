/** Rules about numbers that summarise a column, and about values far from the others. */
import { quoteIdentifier, quoteNumber } from '../../../shared/data/sql-text.ts';
import type { OwnRuleParameters, Statistic } from '../../../shared/records/contract-rules.ts';
import { type Moments, QUANTILE_SHARES } from '../../../shared/records/data-profile.ts';
import { limitOf, limitWords } from '../rule.ts';
import {
  type ColumnOfRule,
  holdsNoNumbers,
  type Made,
  ownColumn,
  ownRule,
  type RuleContext,
  ruleWords,
} from './rule-context.ts';

/** `statistic`: one number of a column, over its finite values, between bounds. */
export const statistic = ownRule('statistic', (given, context) => {
  const column = ownColumn(context);
  const limit = limitOf(given)!;
  const name = given.of === 'quantile' ? `quantile ${given.quantile}` : given.of;
  const made = { words: `${name} ${limitWords(limit)}`, problem: `is the ${name}`, limit };
  const value = statisticOf(given, column, quoteIdentifier(context.facts.table));
  return { ...made, test: value === undefined ? holdsNoNumbers(column) : { kind: 'number', value } };
});

/** As an aggregate in SQL, or the number itself where the sketch has it; undefined where it needs numbers. */
function statisticOf(
  given: OwnRuleParameters<'statistic'>,
  column: ColumnOfRule,
  table: string,
): string | number | null | undefined {
  const { sketch, number, sql } = column;
  const known = sketch && COUNTED[given.of]?.(sketch.count, sketch.nulls, sketch.distinct);
  if (known !== undefined) return known;
  switch (given.of) {
    case 'nullShare':
      return `count_if(${sql} IS NULL) / count(*)`;
    case 'distinctCount':
      return `count(DISTINCT ${sql})`;
    case 'distinctShare':
      return `count(DISTINCT ${sql}) / count(${sql})`;
    case 'uniqueShare':
      return uniqueShare(column, table);
    case 'entropy':
      return entropy(column, table);
    case 'averageLength':
      return `avg(length(${sql}::VARCHAR))`;
    default:
      return number === undefined ? undefined : numeric(given, column, number, table);
  }
}

type Count = (count: number, nulls: number, distinct: number | null) => number | null | undefined;

const COUNTED: Partial<Record<Statistic, Count>> = {
  nullShare: (count, nulls) => (count + nulls === 0 ? null : nulls / (count + nulls)),
  distinctCount: (_, __, distinct) => distinct ?? undefined,
  distinctShare: (count, _, distinct) =>
    distinct === null ? undefined : count === 0 ? null : distinct / count,
};

/** Values that occur once, as a share of all. */
function uniqueShare({ sketch, sql }: ColumnOfRule, table: string): string | number | null {
  if (sketch?.top?.otherCount === 0) {
    const once = sketch.top.values.filter(({ count }) => count === 1).length;
    return sketch.count === 0 ? null : once / sketch.count;
  }
  return `(SELECT count_if(n = 1) / sum(n) FROM (SELECT count(*) AS n FROM ${table} WHERE ${sql} IS NOT NULL GROUP BY ${sql}))`;
}

/** Shannon's, in nats, of the values that are there. */
function entropy({ sketch, sql }: ColumnOfRule, table: string): string | number | null {
  if (sketch?.top?.otherCount === 0) {
    if (sketch.count === 0) return null;
    const shares = sketch.top.values.map(({ count }) => count / sketch.count);
    return Math.abs(shares.reduce((sum, share) => sum - share * Math.log(share), 0));
  }
  return `(SELECT ln(sum(n)) - sum(n * ln(n)) / sum(n)
    FROM (SELECT count(*)::DOUBLE AS n FROM ${table} WHERE ${sql} IS NOT NULL GROUP BY ${sql}))`;
}

function numeric(
  given: OwnRuleParameters<'statistic'>,
  { sketch, kind }: ColumnOfRule,
  number: string,
  table: string,
): string | number | null {
  // The sketch of a column that was read as text has no numbers, though its contract says that it holds some.
  const moments = kind === 'numeric' && sketch?.moments;
  const quantiles = kind === 'numeric' ? sketch?.quantiles : undefined;
  const at = (share: number): string | number => {
    const index = QUANTILE_SHARES.indexOf(share as (typeof QUANTILE_SHARES)[number]);
    return quantiles?.[index] ?? `quantile_cont(${number}, ${quoteNumber(share)})`;
  };
  switch (given.of) {
    case 'mean':
      return moments ? moments.mean : `avg(${number})`;
    case 'standardDeviation':
      // About the mean, so that no digits are lost far from 0.
      return (
        knownDeviation(moments) ??
        `stddev_samp(${moments ? `${number} - ${quoteNumber(moments.mean)}` : number})`
      );
    case 'minimum':
      return moments ? moments.minimum : `min(${number})`;
    case 'maximum':
      return moments ? moments.maximum : `max(${number})`;
    case 'median':
      return at(0.5);
    case 'quantile':
      return at(given.quantile!);
    case 'skewness':
      return standardised(number, moments, table).skewness;
    case 'kurtosis':
      return standardised(number, moments, table).kurtosis;
    default:
      return `sum(${number})`;
  }
}

/** Larger squares are no numbers in the engine. */
const HUGE = 1e150;

/**
 * The sketch's standard deviation, where it is exact: it is rounded to the column's magnitude, so that of numbers far
 * from 0 that lie close together too few digits are left. Of one value there is none.
 */
function knownDeviation(moments: Moments | false | null | undefined): number | undefined {
  if (!moments || moments.count < 2) return undefined;
  const magnitude = Math.max(Math.abs(moments.minimum), Math.abs(moments.maximum));
  const isExact = magnitude <= 1000 * moments.standardDeviation || magnitude > HUGE;
  return isExact ? moments.standardDeviation : undefined;
}

/**
 * Sample skewness G₁ and excess kurtosis G₂ (Joanes & Gill 1998; pandas' `skew` and `kurt`), null of a constant column.
 * The engine's own take powers of the values as they are, and lose all digits where the mean is far from 0.
 */
function standardised(
  number: string,
  moments: { mean: number; standardDeviation: number } | false | null | undefined,
  table: string,
): { skewness: string; kurtosis: string } {
  const centre = moments ? quoteNumber(moments.mean) : `(SELECT avg(${number}) FROM ${table})`;
  const scale = moments
    ? quoteNumber(moments.standardDeviation)
    : `(SELECT stddev_samp(${number}) FROM ${table})`;
  const z = `((${number} - ${centre}) / nullif(${scale}, 0))`;
  const power = (exponent: number): string => `avg(${Array.from({ length: exponent }, () => z).join(' * ')})`;
  const [a, b, c, d] = [power(1), power(2), power(3), power(4)];
  const n = `count(${number})::DOUBLE`;
  const second = `nullif(${b} - ${a} * ${a}, 0)`;
  const third = `(${c} - 3 * ${a} * ${b} + 2 * ${a} * ${a} * ${a})`;
  const fourth = `(${d} - 4 * ${a} * ${c} + 6 * ${a} * ${a} * ${b} - 3 * ${a} * ${a} * ${a} * ${a})`;
  return {
    skewness: `CASE WHEN ${n} > 2 THEN ${third} / (${second} * sqrt(${second})) * sqrt(${n} * (${n} - 1)) / (${n} - 2) END`,
    kurtosis: `CASE WHEN ${n} > 3 THEN (${n} - 1) / ((${n} - 2) * (${n} - 3))
      * ((${n} + 1) * (${fourth} / (${second} * ${second}) - 3) + 6) END`,
  };
}

/** `zScore`: rows farther than so many standard deviations from the mean. */
export const zScore = ownRule('zScore', (given, context) => {
  const column = ownColumn(context);
  const limit = limitOf(given);
  return {
    words: ruleWords('zScore', `max ${given.max}`, limit),
    problem: `value is farther than ${given.max} standard deviations from the mean`,
    limit,
    test: farTest(column, far(column, 'zScore', given.max, context)),
  };
});

const FACTORS = { iqr: 1.5, zScore: 3, medianDeviation: 3.5 } as const;

/** `outliers`: rows far from the others, by Tukey's fences, by standard deviations, or by the median deviation. */
export const outliers = ownRule('outliers', (given, context) => {
  const column = ownColumn(context);
  const limit = limitOf(given);
  const factor = given.factor ?? FACTORS[given.method];
  return {
    words: ruleWords('outliers', `by ${given.method}, factor ${factor}`, limit),
    problem: 'value is far from the others',
    limit,
    test: farTest(column, far(column, given.method, factor, context)),
  };
});

function farTest(column: ColumnOfRule, failing: string | undefined): Made['test'] {
  if (failing === undefined) return holdsNoNumbers(column);
  const isFloat = /^(FLOAT|DOUBLE)$/.test(column.type);
  const infinite = isFloat ? ` OR isinf(${column.sql})` : '';
  return { kind: 'rows', failing: `COALESCE(${failing}, false)${infinite}`, shown: [column.name] };
}

/** The condition over a row, from the sketch's own numbers where it has them. */
function far(
  column: ColumnOfRule,
  method: keyof typeof FACTORS,
  factor: number,
  context: RuleContext,
): string | undefined {
  const { number, sketch, kind } = column;
  // Of no value none is far, whatever type the column was taken for.
  if (sketch?.count === 0) return 'false';
  if (number === undefined) return undefined;
  const table = quoteIdentifier(context.facts.table);
  const whole = (aggregate: string): string => `(SELECT ${aggregate} FROM ${table})`;
  const quantile = (share: (typeof QUANTILE_SHARES)[number]): string => {
    const known = kind === 'numeric' ? sketch?.quantiles?.[QUANTILE_SHARES.indexOf(share)] : undefined;
    return known === undefined ? whole(`quantile_cont(${number}, ${share})`) : quoteNumber(known);
  };
  if (method === 'iqr') {
    const [low, high] = [quantile(0.25), quantile(0.75)];
    const reach = `${quoteNumber(factor)} * (${high} - ${low})`;
    return `(${number} < ${low} - ${reach} OR ${number} > ${high} + ${reach})`;
  }
  if (method === 'medianDeviation') {
    // 0.6745 makes the median deviation of a normal distribution its standard deviation (Iglewicz & Hoaglin 1993).
    const reach = `${quoteNumber(factor)} * nullif(${whole(`mad(${number})`)}, 0)`;
    return `(0.6745 * abs(${number} - ${quantile(0.5)}) > ${reach})`;
  }
  const moments = kind === 'numeric' ? sketch?.moments : undefined;
  const centre = moments ? quoteNumber(moments.mean) : whole(`avg(${number})`);
  const known = knownDeviation(moments);
  const scale = known === undefined ? whole(`stddev_samp(${number})`) : quoteNumber(known);
  return `(abs(${number} - ${centre}) > ${quoteNumber(factor)} * nullif(${scale}, 0))`;
}
