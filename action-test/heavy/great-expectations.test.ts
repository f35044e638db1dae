/**
 * Great Expectations on the same suites and tables: each rule has the same answer and the same number of unexpected
 * values as the tool itself gives, and the tool's own classes read the result that we write.
 *
 * What differs by design:
 * - Of values that must be unique, the tool counts every row that has a like; here the repeats are counted.
 * - A quantile lies between two values (as in numpy by default); the tool takes the nearer one of them.
 * - A score (z) that is exactly the threshold is within it; to the tool it is too large.
 * - Values that are the most common ones alike may all be in the set; to the tool more than one is wrong.
 * - What does not exist breaks its rule: the sum of no value, or the share of unique ones (0 there). A column without a
 *   value has any type here, as an empty cell tells none; in pandas it is float64.
 * - Times as text are those of ISO 8601; dateutil guesses at others, such as 03.02.2001.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { greatExpectationsResult } from '../../actions/validate-data/exporting/great-expectations-result.ts';
import { COLUMN_EXPECTATIONS } from '../../actions/validate-data/importing/great-expectations-columns.ts';
import { TABLE_EXPECTATIONS } from '../../actions/validate-data/importing/great-expectations-tables.ts';
import { testKit } from '../../actions/validate-data/judge.test-kit.ts';
import { EXPECTATIONS, type Expectation, TABLES } from './great-expectations-cases.ts';
import { installedTool } from './tool.ts';

const python = installedTool('MLOPS_TEST_GREAT_EXPECTATIONS');
const kit = testKit();

const OTHER_COUNT = new Set(['expect_column_values_to_be_unique', 'expect_compound_columns_to_be_unique']);
const OF_NO_VALUE = new Set([
  'expect_column_sum_to_be_between',
  'expect_column_proportion_of_unique_values_to_be_between',
  'expect_column_values_to_be_of_type',
]);

/** What the head of this file names. */
function isByDesign(table: string, { type, kwargs }: Expectation): boolean {
  if (type === 'expect_column_quantile_values_to_be_between') return kwargs.column === 'x';
  if (type === 'expect_column_most_common_value_to_be_in_set')
    return table.endsWith(kwargs.column === 'gap' ? 'random rows' : 'two rows');
  return OF_NO_VALUE.has(type) && (table === 'no value' || table === 'no row');
}

/** Left over by the importer, or what the tool asks of no frame of pandas. */
const UNASKED = new Set([
  'expect_column_kl_divergence_to_be_less_than',
  'expect_table_row_count_to_equal_other_table',
  'expect_column_values_to_match_like_pattern',
  'expect_column_values_to_not_match_like_pattern',
  'expect_column_values_to_match_like_pattern_list',
  'expect_column_values_to_not_match_like_pattern_list',
  'expect_multicolumn_values_to_be_unique',
  'unexpected_rows_expectation',
]);

afterAll(() => kit.remove());

interface Answer {
  success: boolean;
  /** Null where it is about no number of values. */
  unexpected: number | null;
  /** The tool could not judge it at all. */
  raised?: boolean;
}

interface Told {
  tables: Answer[][];
  results: { success: boolean; results: number }[];
}

function ask(asked: {
  tables: { csv: string; expectations: readonly Expectation[] }[];
  results: string[];
}): Told {
  const program = fileURLToPath(new URL('great_expectations_oracle.py', import.meta.url));
  const output = execFileSync(python!, [program], {
    input: JSON.stringify(asked),
    maxBuffer: 1 << 28,
    timeout: 540_000,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: kit.folder, PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(output.toString());
}

/** Each expectation has a line of its own, by which its checks are found again. */
const FIRST_LINE = 3;
const suite = (expectations: readonly Expectation[]) =>
  `{"name": "suite",\n"expectations": [\n${expectations.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`;

async function judge(csv: string) {
  const { record } = await kit.judge({ csv, contract: kit.file('suite.json', suite(EXPECTATIONS)) });
  const answers = EXPECTATIONS.map((_, index) => {
    const checks = record.checks.filter((check) => check.where?.line === FIRST_LINE + index);
    return {
      // A column that has to be there is no check of its own where it is.
      judged: checks.every(({ verdict }) => verdict !== 'not_judged'),
      success: checks.every(({ verdict }) => verdict === 'pass'),
      unexpected: checks.length === 1 ? checks[0]!.failing : null,
    };
  });
  return { record, answers };
}

describe.skipIf(python === undefined)('Great Expectations', () => {
  test('every kind that is carried over is asked', () => {
    const asked = new Set(EXPECTATIONS.map(({ type }) => type));
    const known = Object.keys({ ...COLUMN_EXPECTATIONS, ...TABLE_EXPECTATIONS });
    expect(known.filter((type) => !asked.has(type) && !UNASKED.has(type))).toEqual([]);
  });

  test('says the same of each rule, and reads our results', { timeout: 600_000 }, async () => {
    const judged: Awaited<ReturnType<typeof judge>>[] = [];
    for (const csv of Object.values(TABLES)) judged.push(await judge(csv));
    const told = ask({
      tables: Object.entries(TABLES).map(([name, csv]) => {
        return { csv: kit.file(`${name}.csv`, csv), expectations: EXPECTATIONS };
      }),
      results: judged.map(({ record }) => greatExpectationsResult(record)),
    });
    const differences = Object.keys(TABLES).flatMap((name, at) =>
      EXPECTATIONS.flatMap((expectation, index) => {
        const [ours, theirs] = [judged[at]!.answers[index]!, told.tables[at]![index]!];
        if (isByDesign(name, expectation)) return [];
        const isSame =
          ours.judged &&
          !theirs.raised &&
          ours.success === theirs.success &&
          (OTHER_COUNT.has(expectation.type) ||
            ours.unexpected === null ||
            theirs.unexpected === null ||
            ours.unexpected === theirs.unexpected);
        return isSame
          ? []
          : [
              `${name}: ${JSON.stringify(expectation)}: here ${JSON.stringify(ours)}, there ${JSON.stringify(theirs)}`,
            ];
      }),
    );
    expect(differences).toEqual([]);
    expect(told.results).toEqual(
      judged.map(({ record }) => ({
        success: record.verdict === 'pass',
        results: record.checks.filter(({ verdict }) => verdict !== 'not_judged' && verdict !== 'missing')
          .length,
      })),
    );
  });
});
