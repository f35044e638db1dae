/** Statistics and predictive power of validate-data, through the whole action, against numpy, scipy, pandas, scikit-learn. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testKit } from '../../actions/validate-data/judge.test-kit.ts';
import { CATALOGUE } from '../../actions/validate-data/rules/catalogue.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, expectClose, LONGEST, python, requirePython } from './oracle.ts';

const random = randomGenerator(11);
const series = (count: number, of: (index: number) => number | string | null) =>
  Array.from({ length: count }, (_, index) => of(index));
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const COLUMNS: Record<string, (number | string | null)[]> = {
  normal: series(2000, normal),
  'far from zero': series(500, () => 1e9 + normal()),
  lognormal: series(500, () => Math.exp(2 * normal())),
  'few whole numbers': series(400, () => Math.floor(random() * 5)),
  'many whole numbers': series(1000, () => Math.floor(random() * 700)),
  'with nulls': series(300, () => (random() < 0.3 ? null : normal())),
  'with infinities': [...series(50, normal), 'inf', '-inf'],
  constant: series(20, () => 3.5),
  'one row': [2],
  'two rows': [1, 4],
  'three rows': [1, 4, 9.5],
  'all null': [null, null, null],
  huge: series(40, () => normal() * 1e200),
  tiny: series(40, () => normal() * 1e-200),
};
const PAIRS: [(number | null)[], (number | null)[]][] = [
  [series(300, normal), series(300, normal)],
  [series(300, () => Math.floor(random() * 4)), series(300, () => Math.floor(random() * 6))],
  [
    [1, 2, null, 4, 5.5],
    [2, 1, 3, null, 8],
  ],
].map(([a, b]) => [a as (number | null)[], b as (number | null)[]]);
const CELLS = series(600, () => `c${Math.floor(random() * 12)}`) as string[];
const POWERS: [string[], (string | number)[]][] = [
  [
    CELLS,
    CELLS.map((cell) => (random() < 0.7 ? `y${Number(cell.slice(1)) % 3}` : `y${Math.floor(random() * 3)}`)),
  ],
  [CELLS, CELLS.map(() => (random() < 0.1 ? 'rare' : 'common'))],
  [CELLS, CELLS.map((cell) => Number(cell.slice(1)) + 3 * normal())],
  [
    series(300, (index) => `once${index % 290}`) as string[],
    series(300, (index) => (index % 3 === 0 ? 'a' : 'b')) as string[],
  ],
];

const TEXTS: (string | null)[][] = [
  ['a', 'bcd', null, 'Zürich', '東京', '👍🏽', 'e\u0301'],
  [' ', 'xyz'],
  [null, null],
  [`${'ab'.repeat(5_000)}`],
];

interface Answer {
  lengths: (number | null)[];
  columns: Record<string, number | null>[];
  pairs: Record<string, number | null>[];
  powers: number[];
}

const NEVER = 'mustBe: -12345.678';
const kit = testKit();
afterAll(() => kit.remove());
const observed = (text: string | null | undefined): number | null =>
  text === 'there is none' || text?.startsWith('there is none:') ? null : Number(text);
const own = (rule: string): string => `{ type: custom, engine: mlops-actions, implementation: { ${rule} } }`;

requirePython();
describe.skipIf(!python)('numbers of validate-data', () => {
  let answer: Answer;
  beforeAll(() => {
    [answer] = ask<Answer>(
      [{ columns: Object.values(COLUMNS), pairs: PAIRS, powers: POWERS, texts: TEXTS }],
      'data_statistics_oracle.py',
    ) as [Answer];
  }, LONGEST);

  test.each(Object.keys(COLUMNS).map((name, index) => [name, index] as const))(
    'statistics: %s',
    async (name, index) => {
      const expected = answer.columns[index]!;
      const rules = Object.keys(expected).map((key) => {
        const [of, quantile] = key.split(' ');
        return own(`statistic: { of: ${of}, ${quantile ? `quantile: ${quantile}, ` : ''}${NEVER} }`);
      });
      const csv = `x,k\n${COLUMNS[name]!.map((value) => `${value ?? ''},1`).join('\n')}\n`;
      const properties = `- { name: x, logicalType: number, quality: [${rules.join(', ')}] }`;
      const { record } = await kit.judge({ csv, properties });
      const checks = record.checks.filter(({ rule }) => rule.includes('mustBe'));
      expect(checks).toHaveLength(rules.length);
      for (const [position, [key, wanted]] of Object.entries(expected).entries()) {
        const found = observed(checks[position]!.observed);
        if (wanted === null || found === null) expect([key, found]).toEqual([key, wanted]);
        else expectClose(found / scaleOf(wanted), wanted / scaleOf(wanted), `${name}, ${key}`);
      }
    },
  );

  test('each statistic of the catalogue has an oracle', () => {
    const known = CATALOGUE.filter(({ check }) => check.startsWith('statistic ')).map(({ check }) =>
      check.slice(10),
    );
    const asked = answer.columns.flatMap((column) => Object.keys(column).map((key) => key.split(' ')[0]!));
    expect(known.filter((of) => !asked.includes(of))).toEqual(['averageLength']);
  });

  test('lengths of texts', async () => {
    for (const [index, texts] of TEXTS.entries()) {
      const csv = `x,k\n${texts.map((text) => `${text === null ? '' : `"${text}"`},1`).join('\n')}\n`;
      const rule = own(`statistic: { of: averageLength, ${NEVER} }`);
      const { broken } = await kit.judge({
        csv,
        properties: `- { name: x, logicalType: string, quality: [${rule}] }`,
      });
      const wanted = answer.lengths[index]!;
      const found = observed(broken[0]!.observed);
      if (wanted === null || found === null) expect([index, found]).toEqual([index, wanted]);
      else expectClose(found, wanted, `texts ${index}`);
    }
  });

  test('correlations', async () => {
    for (const [index, [a, b]] of PAIRS.entries()) {
      const methods = Object.entries(answer.pairs[index]!);
      const csv = `a,b,k\n${a.map((value, row) => `${value ?? ''},${b[row] ?? ''},1`).join('\n')}\n`;
      const rules = methods.map(([method]) =>
        own(`correlation: { columns: [a, b], method: ${method}, ${NEVER} }`),
      );
      const properties = '- { name: a, logicalType: number }\n- { name: b, logicalType: number }';
      const { broken } = await kit.judge({ csv, properties, rest: `quality: [${rules.join(', ')}]` });
      for (const [position, [method, wanted]] of methods.entries())
        expectClose(observed(broken[position]!.observed)!, wanted!, `pair ${index}, ${method}`);
    }
  });

  test('predictive power', async () => {
    for (const [index, [cells, labels]] of POWERS.entries()) {
      const csv = `x,y\n${cells.map((cell, row) => `${cell},${labels[row]}`).join('\n')}\n`;
      const rule = own('targetLeakage: { label: y, max: 0 }');
      const { record } = await kit.judge({
        csv,
        properties: '- { name: x }\n- { name: y }',
        rest: `quality: [${rule}]`,
      });
      const check = record.checks.find((found) => found.rule.startsWith('targetLeakage'))!;
      expect(check.observed).toBe(`x: ${answer.powers[index]!.toFixed(3)}`);
    }
  });
});

/** Of very large and very small numbers the relative error counts. */
const scaleOf = (wanted: number): number =>
  Math.abs(wanted) > 1e100 || (wanted !== 0 && Math.abs(wanted) < 1e-100) ? Math.abs(wanted) : 1;
