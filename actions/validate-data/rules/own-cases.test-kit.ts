/** For tests: rules of ours, each with data that keep it and data that break it. */
import { expect } from 'vitest';
import { type EarlierProfile, NUMBERS, oneADay } from '../history/history.test-kit.ts';

export interface OwnCase {
  /** The check's name in the catalogue, and what is special. */
  name: string;
  /** Rule with parameters, in YAML; `{folder}` stands for the folder of `files`. */
  rule: string;
  /** Under this property, otherwise on the object. */
  of?: string;
  properties: string;
  good: string;
  bad: string;
  /** What the broken check says. */
  broken: Record<string, unknown>;
  files?: Record<string, string>;
  reference?: string;
  /** Profiles of earlier runs. */
  earlier?: EarlierProfile[];
}

const rows = (header: string, lines: readonly string[]): string => `${header}\n${lines.join('\n')}\n`;
const numbered = (count: number, of: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => of(index));

const X = '- { name: x, logicalType: number }';
const TEXT = '- { name: x, logicalType: string }';
const XY = '- { name: x, logicalType: number }\n- { name: y, logicalType: number }';
const XK = '- { name: x, logicalType: number }\n- { name: k, logicalType: string }';

const statistic = (of: string, bound: string, good: string, bad: string, observed: unknown): OwnCase => ({
  name: `statistic ${of.split(',')[0]}`,
  rule: `statistic: { of: ${of}, ${bound} }`,
  of: 'x',
  properties: /averageLength/.test(of) ? TEXT : X,
  good,
  bad,
  broken: { failing: null, observed },
});

const column = (...values: (number | string)[]): string => rows('x', values.map(String));

const COUNT = 200;
const random = (index: number): number => Math.abs(Math.sin(index * 12.9898) * 43758.5453) % 1;
const answer = (index: number): string => (random(index) < 0.5 ? 'yes' : 'no');
/** Rows whose x is what y says, whose x and i have nothing to do with it, and whose order and i tell it. */
const told = rows(
  'i,x,y',
  numbered(COUNT, (index) => `${random(index + 0.3)},${answer(index)},${answer(index)}`),
);
const untold = rows(
  'i,x,y',
  numbered(COUNT, (index) => `${random(index + 0.3)},${answer(index + 0.7)},${answer(index)}`),
);
const ordered = rows(
  'i,x,y',
  numbered(COUNT, (index) => `${index},a,${index < COUNT / 2 ? 'yes' : 'no'}`),
);
const LABELLED = '- { name: i }\n- { name: x, logicalType: string }\n- { name: y, logicalType: string }';

export const OWN_CASES: OwnCase[] = [
  {
    name: 'columns',
    rule: 'columns: { set: exact, ordered: true }',
    properties: XY,
    good: 'x,y\n1,2\n',
    bad: 'y,x,z\n1,2,3\n',
    broken: {
      rule: 'columns exact, ordered',
      observed: 'not in the contract: "z"; "y" stands where "x" is due',
    },
  },
  {
    name: 'columns as a superset',
    rule: 'columns: { set: superset }',
    properties: X,
    good: 'x,z\n1,2\n',
    bad: 'z\n1\n',
    broken: { rule: 'name: x' },
  },
  {
    name: 'columns as a subset',
    rule: 'columns: { set: subset }',
    properties: XY,
    good: 'x,y\n1,2\n',
    bad: 'x,y,z\n1,2,3\n',
    broken: { observed: 'not in the contract: "z"' },
  },
  {
    name: 'columnCount',
    rule: 'columnCount: { mustBe: 1 }',
    properties: X,
    good: 'x\n1\n',
    bad: 'x,y\n1,2\n',
    broken: { rule: 'columnCount, mustBe: 1', observed: '2' },
  },
  {
    name: 'mixedTypes',
    rule: 'mixedTypes: {}',
    of: 'x',
    properties: TEXT,
    good: 'x\nab\nc d\n',
    bad: 'x\nab\ncd\n3\n2001-01-02\n',
    broken: {
      failing: 2,
      observed: '2 text, 1 number, 1 time',
      examples: ['row 3: x = 3', 'row 4: x = 2001-01-02'],
    },
  },
  {
    name: 'disguisedNulls',
    rule: 'disguisedNulls: {}',
    of: 'x',
    properties: TEXT,
    good: 'x\nab\n',
    bad: 'x\nab\nN/A \n?\n-999\n',
    broken: { failing: 3, problem: 'value stands for nothing' },
  },
  {
    name: 'disguisedNulls of numbers',
    rule: 'disguisedNulls: { values: [-1], mustBeLessThan: 2 }',
    properties: X,
    good: 'x\n-1\n2\n',
    bad: 'x\n-1\n-1\n',
    broken: { failing: 2, columns: ['x'], rule: 'disguisedNulls -1, mustBeLessThan: 2' },
  },
  {
    name: 'nullsTogether',
    rule: 'nullsTogether: { columns: [x, y] }',
    properties: XY,
    good: 'x,y,z\n1,2,3\n,,3\n',
    bad: 'x,y,z\n1,,3\n,,3\n',
    broken: { failing: 1, columns: ['x', 'y'] },
  },
  {
    name: 'atLeastOne',
    rule: 'atLeastOne: { columns: [x, y] }',
    properties: XY,
    good: 'x,y,z\n1,,3\n',
    bad: 'x,y,z\n,,3\n',
    broken: { failing: 1, problem: 'all are null' },
  },
  {
    name: 'valueSet',
    rule: 'valueSet: { values: [a, b], set: exact }',
    of: 'x',
    properties: TEXT,
    good: 'x\na\nb\na\n',
    bad: 'x\na\nc\n',
    broken: { observed: 'not in the set: c; never in the data: b' },
  },
  {
    name: 'valueSet of numbers',
    rule: 'valueSet: { values: [1, 2.5], set: superset }',
    of: 'x',
    properties: X,
    good: 'x\n1.0\n2.50\n7\n',
    bad: 'x\n1\n3\n',
    broken: { observed: 'never in the data: 2.5' },
  },
  {
    name: 'mostCommonValue',
    rule: 'mostCommonValue: { values: [a] }',
    of: 'x',
    properties: TEXT,
    good: 'x\na\na\nb\n',
    bad: 'x\na\nb\n',
    broken: { observed: 'a, b, 1 times' },
  },
  {
    name: 'dateFormat',
    rule: 'dateFormat: { pattern: "%d.%m.%Y" }',
    of: 'x',
    properties: '- { name: x, logicalType: date }',
    good: 'x\n31.12.2001\n',
    bad: 'x\n31.12.2001\n2001-12-31\n31.02.2001\n',
    broken: { failing: 2, problem: 'text is no date as %d.%m.%Y' },
  },
  {
    name: 'json',
    rule: 'json: { required: [a], properties: { a: integer } }',
    of: 'x',
    properties: TEXT,
    good: 'x\n"{""a"": 1}"\n',
    bad: 'x\n"{""a"": 1}"\n"{""b"": 1}"\n"{""a"": ""t""}"\nno\n"[1]"\n',
    broken: { failing: 4 },
  },
  {
    name: 'json of any shape',
    rule: 'json: {}',
    of: 'x',
    properties: TEXT,
    good: 'x\n"[1, 2]"\nnull\n',
    bad: 'x\n{a\n',
    broken: { failing: 1, problem: 'text is no JSON' },
  },
  {
    name: 'increasing',
    rule: 'increasing: {}',
    of: 'x',
    properties: X,
    good: column(1, 1, 3),
    bad: column(1, 3, 2),
    broken: { failing: 1, examples: ['row 3: x = 2'] },
  },
  {
    name: 'increasing strictly by group',
    rule: 'increasing: { strictly: true, groupBy: [k] }',
    of: 'x',
    properties: XK,
    good: 'x,k\n1,a\n1,b\n2,a\n2,b\n',
    bad: 'x,k\n1,a\n1,b\n1,a\n',
    broken: { failing: 1, rule: 'increasing strictly by k' },
  },
  {
    name: 'decreasing',
    rule: 'decreasing: {}',
    of: 'x',
    properties: X,
    good: column(3, 3, 1),
    bad: column(3, 4),
    broken: { failing: 1 },
  },
  statistic('mean', 'mustBeGreaterThan: 1, mustBeLessThan: 2', column(1, 2), column(1, 3), '2'),
  statistic('median', 'mustBeBetween: [1, 2]', column(1, 2, 9), column(1, 5, 9), '5'),
  statistic(
    'standardDeviation',
    'mustBeLessThan: 1',
    column(1, 2),
    column(1, 3),
    expect.stringMatching(/^1\.4142135/),
  ),
  statistic('sum', 'mustBe: 6', column(1, 2, 3), column(1, 2), '3'),
  statistic('minimum', 'mustBeGreaterOrEqualTo: 0', column(0, 1), column(-1, 1), '-1'),
  statistic('maximum', 'mustBeLessOrEqualTo: 1', column(0, 1), column(0, 2), '2'),
  statistic(
    'quantile, quantile: 0.9',
    'mustBeLessThan: 10',
    column(...numbered(11, String)),
    column(...numbered(11, (index) => String(index * 2))),
    '18',
  ),
  statistic(
    'skewness',
    'mustBeBetween: [-0.1, 0.1]',
    column(1, 2, 3),
    column(1, 1, 9),
    expect.stringMatching(/^1\.732/),
  ),
  statistic('kurtosis', 'mustBeLessThan: 0', column(1, 2, 3, 4), column(0, 0, 0, 0, 9), '5'),
  statistic('entropy', 'mustBeGreaterThan: 0.5', column(1, 2), column(1, 1), '0'),
  statistic('distinctCount', 'mustBe: 2', column(1, 2, 2), column(1, 1), '1'),
  statistic('distinctShare', 'mustBeGreaterThan: 0.6', column(1, 2, 2), column(1, 1), '0.5'),
  statistic('uniqueShare', 'mustBeGreaterThan: 0', column(1, 2, 2), column(2, 2), '0'),
  statistic('nullShare', 'mustBeLessThan: 0.5', column(1, 2), column(1, '""', '""'), '0.666666666667'),
  statistic('averageLength', 'mustBeLessThan: 3', column('a', 'bcd'), column('abcd', 'ef'), '3'),
  {
    name: 'zScore',
    rule: 'zScore: { max: 3 }',
    of: 'x',
    properties: X,
    good: column(...numbered(20, String)),
    bad: column(...numbered(20, String), 1000),
    broken: { failing: 1, examples: ['row 21: x = 1000'] },
  },
  {
    name: 'outliers',
    rule: 'outliers: { method: iqr }',
    of: 'x',
    properties: X,
    good: column(1, 2, 3, 4),
    bad: column(1, 2, 3, 4, 40),
    broken: { failing: 1, rule: 'outliers by iqr, factor 1.5' },
  },
  {
    name: 'outliers by medianDeviation',
    rule: 'outliers: { method: medianDeviation }',
    of: 'x',
    properties: X,
    good: column(1, 2, 3, 4),
    bad: column(1, 2, 3, 4, 40, 'inf'),
    broken: { failing: 2 },
  },
  {
    name: 'outliers by zScore',
    rule: 'outliers: { method: zScore, factor: 2, mustBeLessThan: 10, unit: percent }',
    of: 'x',
    properties: X,
    good: column(...numbered(20, String), 100),
    bad: column(1, 1, 1, 1, 1, 1, 90),
    broken: { failing: 1 },
  },
  {
    name: 'sum',
    rule: 'sum: { columns: [x, y], equals: z }',
    properties: `${XY}\n- { name: z, logicalType: number }`,
    good: 'x,y,z\n0.1,0.2,0.3\n1,,7\n',
    bad: 'x,y,z\n1,2,4\n1,2,3\n',
    broken: { failing: 1, examples: ['row 1: x = 1, y = 2, z = 4'] },
  },
  {
    name: 'sum with a tolerance',
    rule: 'sum: { columns: [x, y], equals: 1, tolerance: 0.1 }',
    properties: XY,
    good: 'x,y\n0.5,0.45\n',
    bad: 'x,y\n0.5,0.2\n',
    broken: { failing: 1 },
  },
  {
    name: 'correlation',
    rule: 'correlation: { columns: [x, y], method: pearson, mustBeGreaterThan: 0.9 }',
    properties: XY,
    good: 'x,y\n1,2\n2,4\n3,6\n',
    bad: 'x,y\n1,1\n2,0\n3,1\n',
    broken: { observed: '0', columns: ['x', 'y'] },
  },
  {
    name: 'correlation by spearman',
    rule: 'correlation: { columns: [x, y], method: spearman, mustBe: 1 }',
    properties: XY,
    good: 'x,y\n1,1\n2,8\n3,900\n',
    bad: 'x,y\n1,1\n2,1\n3,0\n',
    broken: { observed: expect.stringMatching(/^-0\.866/) },
  },
  {
    name: 'correlation by cramersV',
    rule: 'correlation: { columns: [x, y], method: cramersV, mustBeLessThan: 0.5 }',
    properties: XY,
    good: 'x,y\n1,1\n1,2\n2,1\n2,2\n',
    bad: 'x,y\n1,1\n2,2\n',
    broken: { observed: '1' },
  },
  {
    name: 'correlation of a constant column',
    rule: 'correlation: { columns: [x, y], method: spearman, mustBe: 1 }',
    properties: XY,
    good: 'x,y\n1,1\n2,8\n',
    bad: 'x,y\n1,1\n1,2\n',
    broken: { observed: expect.stringContaining('there is none') },
  },
  {
    name: 'foreignKey',
    rule: 'foreignKey: { data: "{folder}/codes.csv", references: [code] }',
    of: 'x',
    properties: TEXT,
    files: { 'codes.csv': 'code,n\nA,1\nB,2\n' },
    good: 'x,k\nA,1\n,2\n',
    bad: 'x,k\nA,1\nC,2\n',
    broken: { failing: 1, examples: ['row 2: x = C'] },
  },
  {
    name: 'foreignKey of two columns',
    rule: 'foreignKey: { columns: [k, x], data: "{folder}/codes.csv", references: [code, n] }',
    properties: XK,
    files: { 'codes.csv': 'code,n\nA,1\nB,2\n' },
    good: 'x,k\n1,A\n',
    bad: 'x,k\n2,A\n',
    broken: { failing: 1, columns: ['k', 'x'] },
  },
  {
    name: 'nearConstant',
    rule: 'nearConstant: { maxShare: 0.7 }',
    of: 'x',
    properties: X,
    good: column(1, 1, 2),
    bad: column(1, 1, 1, 2),
    broken: { observed: '1 in 3 of 4 rows' },
  },
  {
    name: 'nearConstant by null',
    rule: 'nearConstant: {}',
    properties: XK,
    good: 'x,k\n1,a\n2,b\n',
    bad: 'x,k\n,a\n,b\n',
    broken: { columns: ['x'], observed: 'null in 2 of 2 rows' },
  },
  {
    name: 'duplicateColumns',
    rule: 'duplicateColumns: {}',
    properties: XY,
    good: 'x,y\n1,2\n2,1\n',
    bad: 'x,y\n1,1\n2,2\n',
    broken: { observed: 'x = y' },
  },
  {
    name: 'classBalance',
    rule: 'classBalance: { label: y, minShare: 0.3 }',
    properties: XY,
    good: 'x,y\n1,0\n2,1\n',
    bad: 'x,y\n1,0\n2,1\n3,1\n4,1\n',
    broken: { observed: '0: 1 of 4 rows, a share of 0.25' },
  },
  {
    name: 'classBalance of one class',
    rule: 'classBalance: { label: y, minShare: 0.3 }',
    properties: XY,
    good: 'x,y\n1,0\n2,1\n',
    bad: 'x,y\n1,0\n2,0\n',
    broken: { observed: 'there is one class only' },
  },
  {
    name: 'conflictingLabels',
    rule: 'conflictingLabels: { label: y }',
    properties: XY,
    good: 'x,y\n1,0\n1,0\n2,1\n',
    bad: 'x,y\n1,0\n1,1\n2,1\n',
    broken: { failing: 2, examples: ['x = 1: y = 0 and 1 in 2 rows'] },
  },
  {
    name: 'overlap',
    rule: 'overlap: { with: "{folder}/test.csv" }',
    properties: XK,
    files: { 'test.csv': 'k,x\na,1\n,2\n' },
    good: 'x,k\n1,b\n2,a\n',
    bad: 'x,k\n1,a\n2,\n3,c\n',
    broken: { failing: 2, problem: expect.stringContaining('row is also in') },
  },
  {
    name: 'overlap by key',
    rule: 'overlap: { with: "{folder}/test.csv", columns: [k], mustBeLessThan: 50, unit: percent }',
    properties: XK,
    files: { 'test.csv': 'k,x\na,1\n' },
    good: 'x,k\n1,b\n2,a\n3,c\n',
    bad: 'x,k\n7,a\n',
    broken: { failing: 1, columns: ['k'] },
  },
  {
    name: 'timeLeakage',
    rule: 'timeLeakage: { column: t, with: reference }',
    properties: '- { name: t, logicalType: date }',
    reference: 't\n2001-01-01\n2001-01-05\n',
    good: 't\n2001-01-06\n',
    bad: 't\n2001-01-05\n2001-01-07\n',
    broken: { failing: 1, examples: ['row 1: t = 2001-01-05'] },
  },
  {
    name: 'indexLeakage',
    rule: 'indexLeakage: { label: y }',
    properties: LABELLED,
    good: untold,
    bad: ordered,
    broken: { observed: expect.stringMatching(/^the order of the rows: (1|0\.9)/) },
  },
  {
    name: 'indexLeakage of a column',
    rule: 'indexLeakage: { column: i, label: y, max: 0.3 }',
    properties: LABELLED,
    good: untold,
    bad: ordered,
    broken: { columns: ['i', 'y'], observed: expect.stringMatching(/^i: (1|0\.9)/) },
  },
  {
    name: 'targetLeakage',
    rule: 'targetLeakage: { label: y }',
    properties: LABELLED,
    good: untold,
    bad: told,
    broken: { observed: 'x: 1.000' },
  },
  {
    name: 'labelCorrelationChange',
    rule: 'labelCorrelationChange: { label: y, with: reference }',
    properties: LABELLED,
    reference: untold,
    good: untold,
    bad: told,
    broken: { observed: expect.stringMatching(/^x: 0\.[01]\d\d there, 1\.000 here$/) },
  },
  {
    name: 'newCategories',
    rule: 'newCategories: { with: reference }',
    of: 'x',
    properties: TEXT,
    reference: 'x\na\nb\n',
    good: 'x\nb\n',
    bad: 'x\nb\nc\n',
    broken: { failing: 1, rule: 'newCategories against reference' },
  },
  {
    name: 'newCategories of the object',
    rule: 'newCategories: { with: "{folder}/train.csv", mustBeLessThan: 2 }',
    properties: XK,
    files: { 'train.csv': 'x,k\n1,a\n' },
    good: 'x,k\n9,a\n9,b\n',
    bad: 'x,k\n1,b\n1,c\n',
    broken: { failing: 2, columns: ['k'] },
  },
  {
    name: 'servingSkew',
    rule: 'servingSkew: { with: "{folder}/served.csv", join: [k] }',
    properties: XK,
    files: { 'served.csv': 'k,x\na,1\nb,2\n' },
    good: 'x,k\n1,a\n2,b\n5,z\n',
    bad: 'x,k\n1,a\n3,b\n',
    broken: { observed: 'x: 0.5' },
  },
  {
    name: 'servingSkew of distributions',
    rule: 'servingSkew: { with: "{folder}/served.csv", max: 0.2 }',
    properties: XK,
    files: { 'served.csv': 'k,x\na,1\nb,2\na,3\nb,4\n' },
    good: 'x,k\n1,b\n2,a\n3,a\n4,b\n',
    bad: 'x,k\n3,a\n4,a\n',
    broken: { observed: 'x: 0.5, k: 0.5' },
  },
  {
    name: 'personalData',
    rule: 'personalData: {}',
    properties: TEXT,
    good: 'x\nword\n12.5\n4111111111111112\n',
    bad: 'x\na@example.org\n+44 20 7946 0958\n4111 1111 1111 1111\nGB82 WEST 1234 5698 7654 32\n078-05-1120\nAB 12 34 56 C\n192.168.0.1\n',
    broken: { failing: 7, columns: ['x'] },
  },
  {
    name: 'personalData of one kind',
    rule: 'personalData: { kinds: [iban], mustBeLessThan: 1, unit: percent }',
    of: 'x',
    properties: TEXT,
    good: 'x\nGB82WEST12345698765433\na@example.org\n',
    bad: 'x\nGB82WEST12345698765432\n',
    broken: { failing: 1, rule: 'personalData iban, mustBeLessThan: 1 percent' },
  },
  {
    name: 'history relativeChange',
    rule: 'history: { of: rowCount, method: relativeChange, maxDecrease: 0.25, maxIncrease: 0.25, last: 2 }',
    properties: X,
    earlier: oneADay([{ rowCount: 900 }, { rowCount: 4 }, { rowCount: 4 }]),
    good: column(1, 2, 3),
    bad: column(1, 2),
    broken: {
      rule: 'history of rowCount by relativeChange, maxDecrease 0.25, maxIncrease 0.25, last 2',
      problem: 'is the number of rows, unlike in earlier runs',
      observed: '2; expected 4, 3 to 5, by 2 earlier runs since 2001-01-30',
    },
  },
  {
    name: 'history absoluteChange',
    rule: 'history: { of: nullShare, method: absoluteChange, maxIncrease: 0.25 }',
    of: 'x',
    properties: XK,
    earlier: oneADay([{ column: { count: 100, nulls: 0 } }]),
    good: 'x,k\n1,a\n2,a\n3,a\n,a\n',
    bad: 'x,k\n1,a\n,a\n',
    broken: { observed: '0.5; expected 0, at most 0.25, by 1 earlier run since 2001-01-31' },
  },
  {
    name: 'history threeSigma',
    rule: 'history: { of: mean, method: threeSigma }',
    of: 'x',
    properties: X,
    earlier: oneADay(
      [9, 10, 11, 10, 9, 11, 10].map((mean) => ({ column: { moments: { ...NUMBERS, mean } } })),
    ),
    good: column(12, 14),
    bad: column(14.1, 14.5),
    // scipy: 10 + t.ppf(0.99865, 6) * std([9, 10, 11, 10, 9, 11, 10], ddof=1) * sqrt(1 + 1 / 7)
    broken: { observed: '14.3; expected 10, 5.71945 to 14.2806, by 7 earlier runs since 2001-01-25' },
  },
  {
    name: 'history seasonal',
    rule: 'history: { of: rowCount, method: seasonal, every: 1d, period: 7 }',
    properties: X,
    // 2001-02-01 is a Thursday; on Saturdays and Sundays few rows come.
    earlier: oneADay(
      Array.from({ length: 21 }, (_, index) => ({
        rowCount: [50, 50, 10, 10, 50, 50, 50][(index + 4) % 7]! + (index % 2),
      })),
    ),
    good: rows('x', numbered(50, String)),
    bad: rows('x', numbered(10, String)),
    broken: { observed: expect.stringMatching(/^10; expected 5\d.*, by 21 earlier runs since 2001-01-11$/) },
  },
];
