import { expect, test } from 'vitest';
import { loadChartTools } from './chart.ts';
import { shortNumber, valueScale, valueText } from './value-scale.ts';

const tools = await loadChartTools();
const scaleOf = (values: number[], mayBeLog = true) => {
  const { isLog, ticks, write } = valueScale(tools, values, [100, 0], mayBeLog);
  return { isLog, ticks: ticks.map(write) };
};

test('a curve over decades is drawn by powers of ten, with few ticks that say so', () => {
  expect(scaleOf([2.3, 0.02])).toEqual({
    isLog: true,
    ticks: ['0.02', '0.05', '0.1', '0.2', '0.5', '1', '2'],
  });
  expect(scaleOf([3e-4, 4e-7])).toEqual({ isLog: true, ticks: ['1e−6', '1e−5', '1e−4'] });
  expect(scaleOf([1e-9, 1e12]).ticks.length).toBeLessThanOrEqual(5);
});

test('what is near, not above zero or a share stays linear', () => {
  expect(scaleOf([2.3, 0.4])).toEqual({ isLog: false, ticks: ['0.5', '1.0', '1.5', '2.0'] });
  expect(scaleOf([2.3, 0]).isLog).toBe(false);
  expect(scaleOf([0.01, 0.99], false).isLog).toBe(false);
  expect(scaleOf([1_200_000, 1_500_000]).ticks).toContain('1.3M');
  expect(scaleOf([5, 5]).ticks.length).toBeGreaterThan(0);
});

test('the largest numbers that are drawn have places', () => {
  const { y } = valueScale(tools, [1e300, -1e300], [100, 0], true);
  expect(y(1e300)).toBeLessThan(y(-1e300));
});

test.each([
  [0, '0', '0'],
  [0.467, '0.467', '0.467'],
  [3.95e-7, '3.95e−7', '3.95e−7'],
  [-0.00012345, '−1.23e−4', '−0.0001235'],
  [1_234_567, '1.235M', '1,234,567'],
  [98_765.4, '98,765', '98,765.4'],
  [123_456, '123.5k', '123,456'],
  [1e10, '10G', '1e10'],
])('%s is %s in a chart and %s in a table', (value, short, text) => {
  expect([shortNumber(value), valueText(value)]).toEqual([short, text]);
});

test('what is no number has its name', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(valueText)).toEqual([
    'NaN',
    'Infinity',
    '−Infinity',
  ]);
});
