/**
 * pandera on the same schemas and tables: each check is broken by as many values as the tool itself says, in a schema as
 * people write it and in each form in which the tool writes it again.
 *
 * What differs by design:
 * - Types are those of what a file says: each column is asked to be converted (coerce), as a file has no types of numpy.
 *   There a number with a fraction becomes a whole one in silence; here it is none.
 * - Of values that must be unique the repeats are counted, as with report_duplicates: exclude_first; by default the tool
 *   counts the first one as well. It refuses null that is repeated in one column, and names none; here it repeats nothing.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { testKit } from '../../actions/validate-data/judge.test-kit.ts';
import { COLUMNS, FRAME_TABLES, FRAMES, LEFT_OVER, TABLES } from './pandera-cases.ts';
import { installedTool } from './tool.ts';

const python = installedTool('MLOPS_TEST_PANDERA_IO');
const kit = testKit();
afterAll(() => kit.remove());

type Counts = Record<string, number>;

interface Told {
  /** By schema and by table. */
  judged: { passed: boolean; broken: Counts; warned: string[] }[][];
  written: string[][];
  checks: string[];
}

/** Checks of other frames than tables: xarray has dimensions and attributes. */
const OF_XARRAY = /^(cf_\w+|dim_size|has_\w+|is_monotonic|ndim|no_duplicates_in_coord)$/;
/** They compare groups of rows, and are left over. */
const HYPOTHESES = ['one_sample_ttest', 'two_sample_ttest'];

/**
 * A column out of its place is one wrong order here and one for each column there; that one is missing breaks the
 * order as well.
 */
const comparable = ({ ordered, missing, ...counts }: Counts) => ({
  ...counts,
  isMissing: missing !== undefined,
  isOrdered: missing !== undefined || ordered === undefined,
});

function ask(schemas: string[], tables: Readonly<Record<string, string>>): Told {
  const program = fileURLToPath(new URL('pandera_oracle.py', import.meta.url));
  const paths = Object.entries(tables).map(([name, csv]) => kit.file(`${name}.csv`, csv));
  const output = execFileSync(python!, [program], {
    input: JSON.stringify({ schemas, tables: paths }),
    maxBuffer: 1 << 28,
    timeout: 300_000,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: kit.folder, PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(output.toString());
}

/** JSON is YAML but for numbers without an end. */
const yaml = (schema: object) =>
  JSON.stringify(schema, (_, one) => (one === Infinity ? '.inf' : one), 2).replaceAll('".inf"', '.inf');

/** By column and check the number of values that break it, and which columns only warn. */
async function judge(contract: string, csv: string) {
  const { record } = await kit.judge({ csv, contract: kit.file('schema.yaml', contract) });
  const broken: Counts = {};
  for (const { verdict, columns, where, failing } of record.checks) {
    if (verdict !== 'fail') continue;
    // Where it stands in the schema: columns.c3.checks.in_range, or the column itself, which is not there.
    const [first, , ...more] = where!.key.split('.');
    const word = more.at(-1) ?? (first === 'columns' ? 'missing' : first!);
    const key = more.length > 0 ? `${columns[0]} ${word}` : word;
    broken[key] = (broken[key] ?? 0) + (failing ?? 1);
  }
  const of = (wanted: string) => record.checks.filter(({ verdict }) => verdict === wanted);
  return {
    passed: record.verdict !== 'fail',
    broken,
    warned: of('warn').map(({ columns }) => columns[0]!),
    left: of('not_judged').map(({ rule }) => rule),
  };
}

/** What the tool tells of a check that only warns begins with its column. */
const warnedColumns = (messages: string[]): (string | undefined)[] =>
  messages.map((message) => /^Column '(\w+)' failed/.exec(message)?.[1]);

describe.skipIf(python === undefined)('pandera', () => {
  test('says the same of each column, however its schema is written', { timeout: 400_000 }, async () => {
    const columns = COLUMNS.map(({ asked }, at) => [`c${at}`, { coerce: true, ...asked }]);
    const schema = yaml({ schema_type: 'dataframe', columns: Object.fromEntries(columns) });
    const told = ask([schema], TABLES);
    const asked = COLUMNS.flatMap(({ asked: { checks = {} } }) => Object.keys(checks));
    const known = told.checks.filter((name) => !OF_XARRAY.test(name) && !HYPOTHESES.includes(name));
    expect(known.filter((name) => !asked.includes(name))).toEqual([]);
    for (const [at, [name, csv]] of Object.entries(TABLES).entries()) {
      const { warned, ...answer } = told.judged[0]![at]!;
      const expected = { name, ...answer, warned: warnedColumns(warned), left: [] };
      for (const text of [schema, ...told.written[0]!])
        expect({ name, ...(await judge(text, csv)) }).toEqual(expected);
    }
  });

  test('says the same of whole frames', { timeout: 400_000 }, async () => {
    const columns = { x: { nullable: true }, y: { nullable: true } };
    const schemas = FRAMES.map((frame) => yaml({ schema_type: 'dataframe', columns, ...frame }));
    const told = ask(schemas, FRAME_TABLES);
    const differences: string[] = [];
    for (const [at, texts] of told.written.entries())
      for (const [table, [name, csv]] of Object.entries(FRAME_TABLES).entries()) {
        const [here, there] = [await judge(texts[0]!, csv), told.judged[at]![table]!];
        const isSame =
          here.passed === there.passed &&
          isDeepStrictEqual(comparable(here.broken), comparable(there.broken));
        if (!isSame)
          differences.push(
            `${name}, ${schemas[at]}: here ${JSON.stringify(here)}, there ${JSON.stringify(there)}`,
          );
      }
    expect(differences).toEqual([]);
  });

  test('is said where something is not judged, and the rest is', { timeout: 400_000 }, async () => {
    const told = ask([yaml(LEFT_OVER.schema)], FRAME_TABLES);
    expect(told.written[0]!.length).toBe(3);
    for (const text of [yaml(LEFT_OVER.schema), ...told.written[0]!]) {
      const here = await judge(text, FRAME_TABLES['as asked']!);
      expect({ ...here, left: here.left.sort() }).toEqual({
        passed: false,
        broken: { 'x less_than': 1 },
        warned: [],
        left: LEFT_OVER.rules,
      });
    }
  });
});
