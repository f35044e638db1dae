import type { Expectation, Translation } from './expectation.ts';
import { typed } from './foreign-types.ts';
import {
  boundOperators,
  foreignPattern,
  isGiven,
  ownRule,
  sqlLiteral,
  valuesRule,
  withinBounds,
} from './row-rules.ts';

/** Expectations about one column. */
export const COLUMN_EXPECTATIONS: Readonly<Record<string, Translation>> = {
  expect_column_to_exist: ({ draft, column, given, origin }) => {
    draft.column(column, origin);
    return isGiven(given.column_index)
      ? 'the place of a column is judged by a rule on all columns only'
      : undefined;
  },
  expect_column_values_to_not_be_null: (expectation) => {
    const { draft, column, mostly, head, origin } = expectation;
    if (mostly >= 1 && !head.severity) return draft.set(column, 'required', true, origin);
    if (mostly >= 1) return draft.rule(column, { ...head, metric: 'nullValues', mustBe: 0 }, origin);
    return shareRule(expectation, 'count({property})');
  },
  expect_column_values_to_be_null: (expectation) => shareRule(expectation, 'count(*) - count({property})'),
  expect_column_values_to_be_unique: ({ draft, column, mostly, head, origin }) => {
    if (mostly < 1) return 'a share of unique values (mostly) is not judged; use a bound on duplicateValues';
    if (!head.severity) return draft.set(column, 'unique', true, origin);
    draft.rule(column, { ...head, metric: 'duplicateValues', mustBe: 0 }, origin);
  },
  expect_column_values_to_be_between: (expectation) => {
    const condition = withinBounds(boundsOf(expectation));
    return condition ? values(expectation, condition) : 'it gives no bound';
  },
  expect_column_values_to_be_in_set: (expectation) => inSet(expectation, 'IN'),
  expect_column_values_to_not_be_in_set: (expectation) => inSet(expectation, 'NOT IN'),
  expect_column_values_to_match_regex: (expectation) =>
    patterns(expectation, 'regex', [expectation.given.regex], false),
  expect_column_values_to_not_match_regex: (expectation) =>
    patterns(expectation, 'regex', [expectation.given.regex], true),
  expect_column_values_to_match_regex_list: (expectation) =>
    patterns(expectation, 'regex', listOf(expectation.given.regex_list), false),
  expect_column_values_to_not_match_regex_list: (expectation) =>
    patterns(expectation, 'regex', listOf(expectation.given.regex_list), true),
  expect_column_values_to_match_like_pattern: (expectation) =>
    patterns(expectation, 'like', [expectation.given.like_pattern], false),
  expect_column_values_to_not_match_like_pattern: (expectation) =>
    patterns(expectation, 'like', [expectation.given.like_pattern], true),
  expect_column_values_to_match_like_pattern_list: (expectation) =>
    patterns(expectation, 'like', listOf(expectation.given.like_pattern_list), false),
  expect_column_values_to_not_match_like_pattern_list: (expectation) =>
    patterns(expectation, 'like', listOf(expectation.given.like_pattern_list), true),
  expect_column_values_to_be_of_type: ({ draft, column, given, mostly, origin }) =>
    typed(draft, column, [String(given.type_)], mostly, origin),
  expect_column_values_to_be_in_type_list: ({ draft, column, given, mostly, origin }) =>
    typed(draft, column, listOf(given.type_list).map(String), mostly, origin),
  expect_column_value_lengths_to_be_between: (expectation) => {
    const condition = withinBounds(boundsOf(expectation), 'length({property}::VARCHAR)');
    return condition ? values(expectation, condition) : 'it gives no bound';
  },
  expect_column_value_lengths_to_equal: (expectation) =>
    values(expectation, `length({property}::VARCHAR) = ${sqlLiteral(expectation.given.value)}`),
  expect_column_values_to_be_dateutil_parseable: (expectation) =>
    values(expectation, '{property} IS NULL OR TRY_CAST({property}::VARCHAR AS TIMESTAMP) IS NOT NULL'),
  expect_column_values_to_match_strftime_format: ({ draft, column, given, head, mostly, origin }) => {
    if (mostly < 1) return 'a format that most values have (mostly) is not judged';
    return draft.rule(column, ownRule(head, { dateFormat: { pattern: given.strftime_format } }), origin);
  },
  expect_column_values_to_be_json_parseable: (expectation) =>
    values(expectation, 'json_valid({property}::VARCHAR)'),
  expect_column_values_to_be_increasing: (expectation) => ordered(expectation, 'increasing'),
  expect_column_values_to_be_decreasing: (expectation) => ordered(expectation, 'decreasing'),
  expect_column_value_z_scores_to_be_less_than: (expectation) => zScores(expectation),
  expect_column_distinct_values_to_be_in_set: (expectation) => valueSet(expectation, 'subset'),
  expect_column_distinct_values_to_contain_set: (expectation) => valueSet(expectation, 'superset'),
  expect_column_distinct_values_to_equal_set: (expectation) => valueSet(expectation, 'exact'),
  expect_column_most_common_value_to_be_in_set: ({ draft, column, given, head, origin }) => {
    if (given.ties_okay === true) return 'that one of several most common values is in the set is not judged';
    return draft.rule(
      column,
      ownRule(head, { mostCommonValue: { values: listOf(given.value_set) } }),
      origin,
    );
  },
  expect_column_min_to_be_between: (expectation) => statistic(expectation, { of: 'minimum' }),
  expect_column_max_to_be_between: (expectation) => statistic(expectation, { of: 'maximum' }),
  expect_column_mean_to_be_between: (expectation) => statistic(expectation, { of: 'mean' }),
  expect_column_median_to_be_between: (expectation) => statistic(expectation, { of: 'median' }),
  expect_column_stdev_to_be_between: (expectation) => statistic(expectation, { of: 'standardDeviation' }),
  expect_column_sum_to_be_between: (expectation) => statistic(expectation, { of: 'sum' }),
  expect_column_unique_value_count_to_be_between: (expectation) =>
    statistic(expectation, { of: 'distinctCount' }),
  expect_column_proportion_of_unique_values_to_be_between: (expectation) =>
    statistic(expectation, { of: 'distinctShare' }),
  expect_column_proportion_of_non_null_values_to_be_between: (expectation) => {
    const operators = boundOperators(boundsOf(expectation));
    for (const operator of operators) {
      const query = 'SELECT count({property}) / greatest(1, count(*)) FROM {object}';
      expectation.draft.rule(
        expectation.column,
        { ...expectation.head, type: 'sql', query, ...operator },
        expectation.origin,
      );
    }
    return operators.length > 0 ? undefined : 'it gives no bound';
  },
  expect_column_quantile_values_to_be_between: quantiles,
  expect_column_kl_divergence_to_be_less_than: () =>
    'a distribution against an earlier one is judged by drift-check',
};

function boundsOf({ given }: Expectation) {
  return {
    minimum: given.min_value,
    maximum: given.max_value,
    exclusiveMinimum: given.strict_min === true,
    exclusiveMaximum: given.strict_max === true,
  };
}

function values({ draft, column, mostly, head, origin }: Expectation, condition: string): undefined {
  draft.rule(column, valuesRule(head, condition, mostly), origin);
}

/** @param holding how many rows hold; of no row all do. */
function shareRule({ draft, column, mostly, head, origin }: Expectation, holding: string): undefined {
  const query = `SELECT CASE WHEN count(*) = 0 THEN 1 ELSE (${holding}) / count(*) END FROM {object}`;
  draft.rule(column, { ...head, type: 'sql', query, mustBeGreaterOrEqualTo: mostly }, origin);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function inSet(expectation: Expectation, operator: 'IN' | 'NOT IN'): string | undefined {
  const set = listOf(expectation.given.value_set).filter(isGiven);
  if (set.length === 0) return 'its value_set is empty';
  const { draft, column, head, mostly, origin } = expectation;
  if (operator === 'IN' && mostly >= 1) {
    draft.rule(
      column,
      { ...head, metric: 'invalidValues', arguments: { validValues: set }, mustBe: 0 },
      origin,
    );
    return undefined;
  }
  return values(expectation, `{property} ${operator} (${set.map(sqlLiteral).join(', ')})`);
}

/** How a column's text is held against a pattern. */
const MATCHES = {
  regex: (pattern: string) => `regexp_matches({property}::VARCHAR, ${sqlLiteral(pattern)})`,
  like: (pattern: string) => `{property}::VARCHAR LIKE ${sqlLiteral(pattern)}`,
};

function patterns(
  expectation: Expectation,
  kind: keyof typeof MATCHES,
  given: unknown[],
  isRefused: boolean,
): string | undefined {
  const texts = given.filter((pattern) => typeof pattern === 'string');
  if (texts.length === 0 || texts.length < given.length) return 'it gives no pattern';
  const foreign = kind === 'regex' ? texts.map(foreignPattern).find((why) => why !== undefined) : undefined;
  if (foreign) return foreign;
  return values(
    expectation,
    combine(texts.map(MATCHES[kind]), isRefused, String(expectation.given.match_on ?? 'any')),
  );
}

function combine(tests: string[], isRefused: boolean, matchOn: string): string {
  if (isRefused) return `NOT (${tests.join(' OR ')})`;
  return tests.join(matchOn === 'all' ? ' AND ' : ' OR ');
}

function ordered(
  { draft, column, given, head, mostly, origin }: Expectation,
  direction: string,
): string | undefined {
  if (mostly < 1) return 'an order that most rows keep (mostly) is not judged';
  draft.rule(
    column,
    ownRule(head, { [direction]: given.strictly === true ? { strictly: true } : {} }),
    origin,
  );
}

function zScores({ draft, column, given, head, mostly, origin }: Expectation): string | undefined {
  const { threshold, double_sided: isDoubleSided } = given;
  if (isDoubleSided === false) return 'scores of one side only are not judged';
  if (typeof threshold !== 'number') return 'it gives no threshold';
  if (mostly >= 1)
    return draft.rule(column, ownRule(head, { zScore: { max: threshold, mustBe: 0 } }), origin);
  // As a share that holds: that of the others, 1 less it, would miss its limit by a last digit. Equal values have no
  // score, and hold.
  const far = `abs({property} - mean) >= ${sqlLiteral(threshold)} * nullif(deviation, 0)`;
  const query = `SELECT CASE WHEN count({property}) = 0 THEN 1 ELSE
    (count({property}) - count(*) FILTER (${far})) / count({property}) END
    FROM {object}, (SELECT avg({property}) AS mean, stddev({property}) AS deviation FROM {object})`;
  draft.rule(column, { ...head, type: 'sql', query, mustBeGreaterOrEqualTo: mostly }, origin);
}

function valueSet({ draft, column, given, head, origin }: Expectation, set: string): undefined {
  draft.rule(
    column,
    ownRule(head, { valueSet: { values: listOf(given.value_set).filter(isGiven), set } }),
    origin,
  );
}

function statistic(expectation: Expectation, of: Record<string, unknown>): string | undefined {
  const operators = boundOperators(boundsOf(expectation));
  for (const operator of operators) {
    const rule = ownRule(expectation.head, { statistic: { ...of, ...operator } });
    expectation.draft.rule(expectation.column, rule, expectation.origin);
  }
  return operators.length > 0 ? undefined : 'it gives no bound';
}

function quantiles({ draft, column, given, head, origin }: Expectation): string | undefined {
  const { quantiles: shares, value_ranges: ranges } = (given.quantile_ranges ?? {}) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(shares) || !Array.isArray(ranges) || shares.length !== ranges.length)
    return 'its quantile_ranges are not pairs';
  for (const [index, quantile] of shares.entries()) {
    const [minimum, maximum] = listOf(ranges[index]);
    for (const operator of boundOperators({ minimum, maximum }))
      draft.rule(column, ownRule(head, { statistic: { of: 'quantile', quantile, ...operator } }), origin);
  }
}
