/** `history`: a number of this run against the same number of earlier runs. */
import type { HistoryMethod, HistoryParameters } from '../../../shared/records/contract-history.ts';
import {
  changeLimits,
  type Expectation,
  fewestOfSeason,
  seasonalLimits,
  usualLimits,
} from '../../../shared/stats/history-limits.ts';
import { earlierValues } from '../history/earlier-values.ts';
import type { History } from '../history/history.ts';
import { columnStatistic, isOfNumbers } from '../history/statistics.ts';
import type { Rule } from '../rule.ts';
import {
  type ColumnOfRule,
  type DataFacts,
  decided,
  holdsNoNumbers,
  type Made,
  ownRule,
  type RuleContext,
  ruleWords,
} from './rule-context.ts';

/** By so many runs the limits of threeSigma are ±5.2 standard deviations; by fewer they are wider still. */
const USUALLY_LEAST = 7;
/** A deviation of two says nothing. */
const FEWEST_OF_SPREAD = 3;
/** More earlier values than these are no picture. */
const MOST_SHOWN = 60;

export const history = ownRule('history', (given, context) => {
  const column = columnOf(given, context);
  const { facts } = context;
  if (!facts.history)
    throw context.fail(
      'A rule compares with earlier runs, and none are given',
      'Give the input history: the folder in which their profiles are kept, or a registry with the model’s name.',
    );
  return compare(given, column, facts, leastOf(given, context));
});

/** What is judged where earlier runs are given and the contract has no rule about them: the number of rows. */
export function historyOfRows(facts: DataFacts): Rule {
  const made = compare({ of: 'rowCount', method: 'threeSigma' }, undefined, facts, USUALLY_LEAST);
  return { columns: [], severity: 'warning', ...made };
}

function compare(
  given: HistoryParameters,
  column: ColumnOfRule | undefined,
  facts: DataFacts,
  least: number,
): Made {
  const made = { words: wordsOf(given), problem: `is the ${nameOf(given)}, unlike in earlier runs` };
  if (column && isOfNumbers(given.of) && column.kind !== 'numeric')
    return { ...made, test: holdsNoNumbers(column) };
  const value = column ? column.sketch && columnStatistic(column.sketch, given) : facts.rowCount;
  if (value !== undefined)
    return { ...made, ...judged({ given, column, least, value, earlier: facts.history! }) };
  if (given.of === 'valueShare' && column?.sketch && column.sketch.count > 0)
    return {
      ...made,
      ...missing(given, 'its profile lists only the most frequent values, and not this one'),
    };
  return { ...made, test: decided(false, 'there is none') };
}

/** @throws UserError where a number of rows stands under a property, or one of a column on the object. */
function columnOf(given: HistoryParameters, context: RuleContext): ColumnOfRule | undefined {
  const { column } = context;
  if (given.of === 'rowCount' && column)
    throw context.fail(
      'rowCount counts the rows of the object',
      "Move it to the object's own quality.",
      'of',
    );
  if (given.of !== 'rowCount' && !column)
    throw context.fail(`${given.of} is about one property`, 'Move it under a property.', 'of');
  return column;
}

const nameOf = ({ of, quantile, value }: HistoryParameters): string =>
  of === 'rowCount'
    ? 'number of rows'
    : of === 'quantile'
      ? `quantile ${quantile}`
      : of === 'valueShare'
        ? `share of ${JSON.stringify(value)}`
        : of;

/** `history of rowCount by threeSigma, least 7`: the same in every run, so that it is known since when it is broken. */
function wordsOf({ of, method, ...rest }: HistoryParameters): string {
  const parameters = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
  return [ruleWords('history', `of ${of} by ${method}`), ...parameters].join(', ');
}

/** How many earlier runs the rule needs. @throws UserError where `least` or `last` are below what its method needs. */
function leastOf(given: HistoryParameters, context: RuleContext): number {
  const fewest: Record<HistoryMethod, number> = {
    relativeChange: 1,
    absoluteChange: 1,
    threeSigma: FEWEST_OF_SPREAD,
    seasonal: given.period === undefined ? 0 : fewestOfSeason(given.period),
  };
  const needed = fewest[given.method];
  for (const key of ['least', 'last'] as const)
    if ((given[key] ?? needed) < needed)
      throw context.fail(
        `${given.method} needs at least ${needed} earlier runs`,
        `Write ${key}: ${needed} or more.`,
        key,
      );
  if (given.least !== undefined) return given.least;
  return given.method === 'threeSigma' ? Math.min(USUALLY_LEAST, given.last ?? USUALLY_LEAST) : needed;
}

interface Judging {
  given: HistoryParameters;
  column: ColumnOfRule | undefined;
  least: number;
  value: number;
  earlier: History;
}

function judged({ given, column, least, value, earlier: history }: Judging): Pick<Made, 'test' | 'severity'> {
  const { series, leftOut } = earlierValues(history, given, column?.name);
  const earlier = series.filter((run) => run !== undefined);
  const without = leftOut.length > 0 ? `; left out: ${leftOut.join(', ')}` : '';
  if (earlier.length < least)
    return missing(given, `${counted(earlier.length)}, and ${least} are needed${without}`);
  if (given.of === 'valueShare' && value === 0 && earlier.every((run) => run.value === 0))
    return missing(given, `no run has the value ${JSON.stringify(given.value)}`);
  const limits = limitsOf(
    given,
    series.map((run) => run?.value),
  );
  if (!limits)
    return missing(given, `too few of ${counted(earlier.length)} at this place of the period${without}`);
  const { expected } = limits;
  const lower = given.direction === 'increase' ? Number.NEGATIVE_INFINITY : limits.lower;
  const upper = given.direction === 'decrease' ? Number.POSITIVE_INFINITY : limits.upper;
  const by = `by ${counted(earlier.length)} since ${earlier[0]!.at.slice(0, 10)}`;
  const observed = `${short(value)}; expected ${short(expected)}, ${range(lower, upper)}, ${by}${without}`;
  const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null);
  const shown = earlier.slice(-MOST_SHOWN);
  return {
    test: {
      kind: 'settled',
      verdict: value >= lower && value <= upper ? 'pass' : 'fail',
      observed,
      history: { earlier: shown, value, expected, lower: finite(lower), upper: finite(upper) },
    },
  };
}

/** Nothing to compare with: not judged, unless the rule says what becomes of it. */
function missing(
  { onMissing = 'pass' }: HistoryParameters,
  observed: string,
): Pick<Made, 'test' | 'severity'> {
  if (onMissing === 'pass') return { test: { kind: 'settled', verdict: 'not_judged', observed } };
  return { test: decided(false, observed), severity: onMissing === 'warn' ? 'warning' : 'error' };
}

function limitsOf(
  given: HistoryParameters,
  series: readonly (number | undefined)[],
): Expectation | undefined {
  if (given.method === 'seasonal') return seasonalLimits(series, given.period!, given.tolerance);
  const values = series.filter((value) => value !== undefined);
  if (given.method === 'threeSigma') return usualLimits(values, given.tolerance);
  return changeLimits(values, { ...given, isRelative: given.method === 'relativeChange' });
}

const counted = (count: number): string => `${count} earlier ${count === 1 ? 'run' : 'runs'}`;
const short = (value: number): string => String(Number(value.toPrecision(6)));

function range(lower: number, upper: number): string {
  if (!Number.isFinite(lower)) return `at most ${short(upper)}`;
  return Number.isFinite(upper) ? `${short(lower)} to ${short(upper)}` : `at least ${short(lower)}`;
}
