import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMetrics } from './metrics.ts';

test('reads what Python writes, with bare NaN and infinities', () => {
  const text = '{"loss": NaN, "auc": 0.5, "NaN": -Infinity, "a \\" NaN": Infinity, "big": 1e999}';
  expect(parseMetrics(text)).toEqual({
    metrics: { loss: 'NaN', auc: 0.5, NaN: '-Infinity', 'a " NaN': 'Infinity', big: 'Infinity' },
    problem: '',
  });
});

test('leaves out what is not a number and names it', () => {
  expect(parseMetrics('{"auc": 1, "note": "NaN", "list": [1], "ok": true}')).toEqual({
    metrics: { auc: 1 },
    problem: 'not a number and left out: note, list, ok',
  });
});

test('a metric may have any name', () => {
  const name = '</details><img src=x onerror=alert(1)>@everyone ::error::x';
  expect(Object.entries(parseMetrics(JSON.stringify({ [name]: 1 })).metrics)).toEqual([[name, 1]]);
  expect(Object.entries(parseMetrics('{"__proto__": 2}').metrics)).toEqual([['__proto__', 2]]);
});

test('says what is wrong with the file', () => {
  expect(parseMetrics('auc: 1').problem).toBe('the metrics file is not valid JSON');
  expect(parseMetrics('[1]').problem).toContain('does not hold a map');
  expect(parseMetrics('').problem).toBe('the metrics file is not valid JSON');
});

test('finite numbers come back as they are, whatever the names', () => {
  const numbers = fc.dictionary(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(numbers, (metrics) => {
      const written = JSON.stringify(metrics);
      expect(parseMetrics(written).metrics).toEqual(JSON.parse(written));
    }),
  );
});
