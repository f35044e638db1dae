import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

describe('JSON that every parser understands alike', () => {
  test('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each([
    ['the same key twice', '{"a": 1, "a": 1}'],
    ['one of them with an escape', '{"a": 1, "\\u0061": 2}'],
    ['inside an array', '[{"b": 1}, {"a": 1, "b": [], "a": {}}]'],
    ['after an inner object that has the key too', '{"a": {"a": 1}, "a": 2}'],
    ['beside a string that looks like syntax', '{"a": "{\\"a\\": [", "b": "\\\\", "a": 2}'],
  ])('is not %s', (_, text) => {
    JSON.parse(text);
    expect(() => parseStrictJson(text)).toThrow(SyntaxError);
  });

  test.each([
    ['the key of an inner object', '{"a": {"a": 1}, "b": {"a": 1}}'],
    ['equal strings in an array', '{"a": ["a", "a"], "b": "a"}'],
    ['text that looks like a second key', '{"a": "\\"a\\": 1, ", "b": "a"}'],
  ])('may have %s', (_, text) => expect(parseStrictJson(text)).toEqual(JSON.parse(text)));

  test('may hold a string of millions of letters, and very deep brackets', () => {
    const long = JSON.stringify({ payload: 'A'.repeat(6_000_000) });
    expect(parseStrictJson(long)).toEqual(JSON.parse(long));
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    expect(Array.isArray(parseStrictJson(deep))).toBe(true);
  });
});
