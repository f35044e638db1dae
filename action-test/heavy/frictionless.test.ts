/**
 * Frictionless on the same Table Schema and tables: each rule is broken by as many values as the tool itself says; and
 * the tool reads our report, as a reader of XML does our JUnit.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { frictionlessReport } from '../../actions/validate-data/exporting/frictionless-report.ts';
import { junitReport } from '../../actions/validate-data/exporting/junit.ts';
import { type Judged, testKit } from '../../actions/validate-data/judge.test-kit.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { installedTool } from './tool.ts';

const python = installedTool('MLOPS_TEST_FRICTIONLESS');
const kit = testKit();
afterAll(() => kit.remove());

type Counts = Record<string, number>;

interface Told {
  tables: Counts[];
  reports: { valid: boolean; said: number; listed: number }[];
  suites: { cases: number; failures: number }[];
}

function ask(asked: object): Told {
  // A module called frictionless_… would be loaded as a plugin of the tool.
  const program = fileURLToPath(new URL('table_schema_oracle.py', import.meta.url));
  const output = execFileSync(python!, [program], {
    // The tool reads no absolute path.
    cwd: kit.folder,
    input: JSON.stringify(asked),
    timeout: 300_000,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: kit.folder, PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(output.toString());
}

function randomTable(rows: number, seed: number): string {
  const random = randomGenerator(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const line = (row: number) =>
    [
      random() < 0.1 ? '' : (random() * 12).toFixed(2),
      pick(['red', 'blue', 'green', 'Red', 'reds', '']),
      random() < 0.1 ? row - 1 : row,
    ].join(',');
  return `n,word,key\n${Array.from({ length: rows }, (_, row) => line(row + 1)).join('\n')}\n`;
}

/** By what is special about them. */
const TABLES: Readonly<Record<string, string>> = {
  'random-rows': randomTable(150, 1),
  'other-random-rows': randomTable(40, 2),
  'one-row': 'n,word,key\n3,red,1\n',
  'one-broken-row': 'n,word,key\n-1,Q,1\n',
  'no-value': 'n,word,key\n,,1\n,,2\n',
  'no-row': 'n,word,key\n',
};

const SCHEMA = {
  fields: [
    { name: 'n', type: 'number', constraints: { minimum: 2, maximum: 8 } },
    {
      name: 'word',
      type: 'string',
      constraints: {
        required: true,
        enum: ['red', 'blue', 'green', 'Red'],
        minLength: 3,
        maxLength: 4,
        pattern: '[a-z]+',
      },
    },
    { name: 'key', type: 'integer', constraints: { unique: true } },
  ],
};

/** How many values break each rule that is broken, by column and the last word of the rule's place. */
function broken({ record }: Judged): Counts {
  const failed = record.checks.filter(({ verdict }) => verdict === 'fail');
  return Object.fromEntries(
    failed.map(({ columns, where, failing }) => {
      const word = where!.key.split('.').at(-1)!;
      return [`${columns[0]}: ${word === 'unique' ? 'unique-error' : word}`, failing ?? -1];
    }),
  );
}

describe.skipIf(python === undefined)('Frictionless', () => {
  test('says the same of each rule, and reads our results', { timeout: 400_000 }, async () => {
    const contract = kit.file('schema.json', JSON.stringify(SCHEMA, null, 2));
    const judged: Judged[] = [];
    for (const csv of Object.values(TABLES)) judged.push(await kit.judge({ csv, contract }));
    for (const [name, csv] of Object.entries(TABLES)) kit.file(`${name}.csv`, csv);
    const told = ask({
      schema: SCHEMA,
      tables: Object.keys(TABLES).map((name) => `${name}.csv`),
      reports: judged.map(({ record, profile }) => frictionlessReport(record, profile)),
      suites: judged.map(({ record }) => junitReport(record)),
    });
    const byName = (counts: readonly Counts[]) =>
      Object.fromEntries(Object.keys(TABLES).map((name, at) => [name, counts[at]]));
    expect(byName(judged.map(broken))).toEqual(byName(told.tables));
    const failures = judged.map(
      ({ record }) => record.checks.filter(({ verdict }) => verdict === 'fail').length,
    );
    expect(told.reports).toEqual(
      failures.map((count) => ({ valid: count === 0, said: count, listed: count })),
    );
    expect(told.suites).toEqual(
      judged.map(({ record }, at) => ({ cases: record.checks.length + 1, failures: failures[at] })),
    );
  });
});
