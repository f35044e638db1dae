import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import type { Expectation, Translation } from './expectation.ts';
import { boundOperators, isGiven, ownRule, sqlLiteral } from './row-rules.ts';

/** Expectations about pairs of columns, several columns, and the whole table. */
export const TABLE_EXPECTATIONS: Readonly<Record<string, Translation>> = {
  expect_table_row_count_to_be_between: ({ draft, given, head, origin }) => {
    const operators = boundOperators({
      minimum: given.min_value,
      maximum: given.max_value,
      exclusiveMinimum: given.strict_min === true,
      exclusiveMaximum: given.strict_max === true,
    });
    for (const operator of operators)
      draft.rule(undefined, { ...head, metric: 'rowCount', ...operator }, origin);
    return operators.length > 0 ? undefined : 'it gives no bound';
  },
  expect_table_row_count_to_equal: ({ draft, given, head, origin }) =>
    draft.rule(undefined, { ...head, metric: 'rowCount', mustBe: given.value }, origin),
  expect_table_row_count_to_equal_other_table: () =>
    'the other table is in a place that only its own context knows',
  expect_table_column_count_to_equal: ({ draft, given, head, origin }) =>
    draft.rule(undefined, ownRule(head, { columnCount: { mustBe: given.value } }), origin),
  expect_table_column_count_to_be_between: ({ draft, given, head, origin }) => {
    const operators = boundOperators({ minimum: given.min_value, maximum: given.max_value });
    for (const operator of operators) draft.rule(undefined, ownRule(head, { columnCount: operator }), origin);
    return operators.length > 0 ? undefined : 'it gives no bound';
  },
  expect_table_columns_to_match_ordered_list: (expectation) => {
    const names = columnsOf(expectation, 'column_list');
    if (names.length === 0) return 'it names no column';
    for (const name of names) expectation.draft.column(name, expectation.origin);
    return columnSet(expectation, { set: 'exact', ordered: true, names });
  },
  expect_table_columns_to_match_set: (expectation) => {
    const names = columnsOf(expectation, 'column_set');
    if (names.length === 0) return 'it names no column';
    for (const name of names) expectation.draft.column(name, expectation.origin);
    return expectation.given.exact_match === false
      ? undefined
      : columnSet(expectation, { set: 'exact', names });
  },
  expect_column_pair_values_a_to_be_greater_than_b: (expectation) =>
    pair(expectation, (a, b) => `${a} ${expectation.given.or_equal === true ? '>=' : '>'} ${b}`),
  expect_column_pair_values_to_be_equal: (expectation) => pair(expectation, (a, b) => `${a} = ${b}`),
  expect_column_pair_values_to_be_in_set: (expectation) => {
    const pairs = expectation.given.value_pairs_set;
    if (!Array.isArray(pairs) || pairs.length === 0) return 'its value_pairs_set is empty';
    return pair(expectation, (a, b) =>
      pairs.map((entry: unknown[]) => `(${equals(a, entry[0])} AND ${equals(b, entry[1])})`).join(' OR '),
    );
  },
  expect_compound_columns_to_be_unique: (expectation) => unique(expectation),
  expect_multicolumn_values_to_be_unique: (expectation) => distinctInRow(expectation),
  expect_select_column_values_to_be_unique_within_record: (expectation) => distinctInRow(expectation),
  expect_multicolumn_sum_to_equal: (expectation) => {
    const names = columnsOf(expectation, 'column_list');
    if (names.length === 0 || typeof expectation.given.sum_total !== 'number')
      return 'it gives no columns and sum';
    // Columns without a value are text.
    const total = names.map((name) => `TRY_CAST(${quoteIdentifier(name)} AS DOUBLE)`).join(' + ');
    return rows(
      expectation,
      names,
      `abs((${total}) - ${sqlLiteral(expectation.given.sum_total)}) <= 1e-9 * greatest(1, abs(${total}))`,
    );
  },
  unexpected_rows_expectation: ({ draft, given, head, origin }) => {
    if (typeof given.unexpected_rows_query !== 'string') return 'it gives no query';
    const inner = given.unexpected_rows_query.replaceAll('{batch}', '{object}').replace(/;\s*$/, '');
    draft.rule(
      undefined,
      { ...head, type: 'sql', query: `SELECT count(*) FROM (${inner})`, mustBe: 0 },
      origin,
    );
  },
};

function columnsOf({ given }: Expectation, key: string): string[] {
  const names = given[key];
  return Array.isArray(names) ? names.map(String) : [];
}

function columnSet({ draft, head, origin }: Expectation, columns: Record<string, unknown>): undefined {
  draft.rule(undefined, ownRule(head, { columns }), origin);
}

/** Which rows an expectation leaves out, as SQL, or undefined where its word is not known. */
function ignoredRows({ given }: Expectation, names: string[]): string | undefined {
  const nulls = names.map((name) => `${quoteIdentifier(name)} IS NULL`);
  const word = given.ignore_row_if ?? 'all_values_are_missing';
  if (word === 'both_values_are_missing' || word === 'all_values_are_missing') return nulls.join(' AND ');
  if (word === 'either_value_is_missing' || word === 'any_value_is_missing') return nulls.join(' OR ');
  return word === 'neither' || word === 'never' ? 'false' : undefined;
}

/** Of the rows that are not left out, most must satisfy the condition; a row without an answer does not. */
function rows(expectation: Expectation, names: string[], condition: string): string | undefined {
  const { draft, mostly, head, origin } = expectation;
  const ignored = ignoredRows(expectation, names);
  if (ignored === undefined) return `ignore_row_if: ${expectation.given.ignore_row_if} is not known`;
  for (const name of names) draft.column(name, origin);
  const holds = `COALESCE((${condition}), false)`;
  if (mostly >= 1) {
    draft.rule(undefined, { ...head, type: 'sql', query: `(${ignored}) OR ${holds}` }, origin);
    return undefined;
  }
  const asked = `NOT (${ignored})`;
  const query = `SELECT CASE WHEN count(*) FILTER (${asked}) = 0 THEN 1 ELSE
    count(*) FILTER (${asked} AND ${holds}) / count(*) FILTER (${asked}) END FROM {object}`;
  draft.rule(undefined, { ...head, type: 'sql', query, mustBeGreaterOrEqualTo: mostly }, origin);
  return undefined;
}

function pair(expectation: Expectation, condition: (a: string, b: string) => string): string | undefined {
  const { column_A: a, column_B: b } = expectation.given;
  if (typeof a !== 'string' || typeof b !== 'string') return 'it names no two columns';
  return rows(expectation, [a, b], condition(quoteIdentifier(a), quoteIdentifier(b)));
}

function equals(column: string, value: unknown): string {
  if (!isGiven(value)) return `${column} IS NULL`;
  // A column without a value is text, which is not compared with numbers.
  if (typeof value === 'number') return `TRY_CAST(${column} AS DOUBLE) = ${sqlLiteral(value)}`;
  return `${column} = ${sqlLiteral(value)}`;
}

function unique(expectation: Expectation): string | undefined {
  const { draft, head, mostly, origin } = expectation;
  const names = columnsOf(expectation, 'column_list');
  if (names.length === 0) return 'it names no column';
  if (mostly < 1) return 'a share of unique combinations (mostly) is not judged';
  for (const name of names) draft.column(name, origin);
  const ignored = ignoredRows(expectation, names);
  if (ignored === undefined) return `ignore_row_if: ${expectation.given.ignore_row_if} is not known`;
  const list = names.map(quoteIdentifier).join(', ');
  const query = `SELECT count(*) - count(DISTINCT row(${list})) FROM {object} WHERE NOT (${ignored})`;
  draft.rule(undefined, { ...head, type: 'sql', query, mustBe: 0 }, origin);
}

/** No two of the columns alike within a row; null counts as one value. */
function distinctInRow(expectation: Expectation): string | undefined {
  const names = columnsOf(expectation, 'column_list');
  if (names.length < 2) return 'it names no several columns';
  const columns = names.map(quoteIdentifier);
  const list = columns.map((column) => `${column}::VARCHAR`).join(', ');
  const hasNull = columns.map((column) => `${column} IS NULL`).join(' OR ');
  return rows(expectation, names, `len(list_distinct([${list}])) + (${hasNull})::INTEGER = ${names.length}`);
}
