import { describe, expect, test } from 'vitest';
import { findMetric } from '../../shared/metrics/catalogue.ts';
import { parseMetrics, valueFor } from './metrics-file.ts';
import type { Rule } from './rules.ts';

const rule = (name: string) => ({ name, definition: findMetric(name)?.definition }) as Rule;
const file = (text: string) => ({ path: 'm.json', digest: '', values: parseMetrics(text, 'm.json') });

describe('metrics files', () => {
  test('the bare NaN and Infinity of Python, not those inside texts', () => {
    const values = parseMetrics(
      '{"a": NaN, "b": -Infinity, "NaN": 1, "c": "say \\"NaN\\"", "d": [NaN], "e": true}',
      'm.json',
    );
    expect([...values]).toEqual([
      ['a', Number.NaN],
      ['b', Number.NEGATIVE_INFINITY],
      ['NaN', 1],
    ]);
  });

  test('nested objects are joined by dots', () => {
    expect([...parseMetrics('{"test": {"auc": 0.5}}', 'm.json')]).toEqual([['test.auc', 0.5]]);
  });

  test('what is not JSON is refused', () => {
    expect(() => parseMetrics('{"a": }', 'm.json')).toThrow(/not valid JSON/);
  });

  test('a metric is found under its aliases, a neg_ value is negated', () => {
    expect(valueFor(rule('roc_auc'), file('{"roc_auc_score": 0.8}'))).toEqual({ value: 0.8 });
    expect(valueFor(rule('log_loss'), file('{"neg_log_loss": -0.3}'))).toEqual({ value: 0.3 });
    expect(valueFor(rule('helpfulness'), file('{"helpfulness": 4}'))).toEqual({ value: 4 });
  });

  test('absent, and not a number', () => {
    expect(valueFor(rule('f1'), file('{"recall": 1}'))).toEqual({
      value: undefined,
      why: 'm.json has no f1',
      isNaN: false,
    });
    expect(valueFor(rule('f1'), file('{"f1": NaN}'))).toMatchObject({ isNaN: true });
  });
});
