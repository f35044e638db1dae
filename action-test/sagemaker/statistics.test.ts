import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judged } from './alarms.ts';
import { addValue, type MetricBin } from './metric-store.ts';
import { isStatistic, statisticOf } from './statistics.ts';

const binOfValues = (values: number[]): MetricBin => {
  const bin: MetricBin = { values: new Map(), sets: [] };
  for (const value of values) addValue(bin, value);
  return bin;
};
const of = (values: number[], statistic: string) => statisticOf(binOfValues(values), statistic);
const TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

test.each([
  ['Sum', 55],
  ['Average', 5.5],
  ['SampleCount', 10],
  ['Minimum', 1],
  ['Maximum', 10],
  ['p50', 5.5],
  ['p0', 1],
  ['p100', 10],
  // The low bound is left out, the high one is counted in.
  ['PR(:3)', 30],
  ['PR(3:5)', 20],
  ['PR(9:)', 10],
  ['TC(3:5)', 2],
  ['TC(:0)', 0],
  ['TS(3:5)', 9],
  ['TM(3:5)', 4.5],
  ['TM(:0)', undefined],
  ['TC(10%:90%)', 8],
  ['tc90', 9],
  ['tm50', 3],
  ['IQM', 5.5],
])('%s of 1 to 10', (statistic, value) => {
  expect(isStatistic(statistic)).toBe(true);
  expect(of(TEN, statistic)).toBe(value);
});

test('what is no statistic, and what has no percentiles', () => {
  for (const statistic of ['sum', 'p101', 'p', 'PR(1%:2%)', 'TC()', 'TC(:)', 'PR(5)', 'tc', 'XX(1:2)'])
    expect(isStatistic(statistic), statistic).toBe(false);
  expect(of([-1, 2], 'p50')).toBeUndefined();
  const sets = [{ SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4 }];
  expect(statisticOf({ values: new Map(), sets }, 'p50')).toBeUndefined();
  expect(statisticOf({ values: new Map([[6, 1]]), sets }, 'Average')).toBe(16 / 5);
});

test('a trimmed count is the part of all values that a percentile rank says', () => {
  const values = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 41 }), (all, bound) => {
      const count = of(all, `TC(:${bound})`)!;
      expect(count).toBe(all.filter((value) => value <= bound).length);
      expect(of(all, `PR(:${bound})`)).toBeCloseTo((100 * count) / all.length, 9);
      expect(count + of(all, `TC(${bound}:)`)!).toBe(all.length);
    }),
  );
});

/** The two tables of "configuring how CloudWatch alarms treat missing data": 0 within, X breaching, - missing. */
test.each([
  ['0-X-X', 3, 3, ['OK', 'OK', 'OK', 'OK']],
  ['----0', 3, 3, ['OK', 'OK', 'OK', 'OK']],
  ['-----', 3, 3, ['INSUFFICIENT_DATA', undefined, 'ALARM', 'OK']],
  ['0XX-X', 3, 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['--X--', 3, 3, ['ALARM', undefined, 'ALARM', 'OK']],
  ['0-X-X', 3, 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['00X0X', 3, 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0-X--', 3, 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['----0', 3, 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['---X-', 3, 2, ['ALARM', undefined, 'ALARM', 'OK']],
] as const)('%s, %i periods of which %i breach', (points, wanted, needed, states) => {
  const read = [...points].map((point) => (point === '-' ? undefined : point === 'X'));
  const all = ['missing', 'ignore', 'breaching', 'notBreaching'];
  expect(all.map((missing) => judged(read, { wanted, needed, missing }))).toEqual(states);
});
