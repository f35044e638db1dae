import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparkline } from './sparkline.ts';

test('least, most, steps between, gaps, and values that do not differ', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8])).toBe('▁▂▃▄▅▆▇██');
  expect(sparkline([-1, null, 1, Number.NaN, Number.POSITIVE_INFINITY])).toBe('▁·█··');
  expect(sparkline([3, 3, null])).toBe('▄▄·');
  expect(sparkline([])).toBe('');
  expect(sparkline([-Number.MAX_VALUE, 0, Number.MAX_VALUE])).toBe('▁▅█');
});

test('keeps the length, the order and the place of gaps', () => {
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), (values) => {
      const line = [...sparkline(values)];
      expect(line).toHaveLength(values.length);
      const pairs = values.map((one, index) => ({ one, bar: line[index]! }));
      for (const { one, bar } of pairs) expect(bar === '·').toBe(one === null);
      const bars = pairs
        .filter((pair): pair is { one: number; bar: string } => pair.one !== null)
        .sort((a, b) => a.one - b.one)
        .map(({ bar }) => bar);
      expect(bars).toEqual([...bars].sort());
      if (new Set(values.filter((one) => one !== null)).size > 1 && !values.includes(-0)) {
        expect([bars[0], bars.at(-1)]).toEqual(['▁', '█']);
      }
    }),
  );
});
