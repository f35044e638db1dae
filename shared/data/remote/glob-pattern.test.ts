import { expect, test } from 'vitest';
import { globPattern, literalBeginning } from './glob-pattern.ts';

test.each([
  ['a/*.csv', ['a/b.csv', 'a/.csv'], ['a/b/c.csv', 'a/b.csv.gz', 'b/a/b.csv']],
  ['a/**/c.csv', ['a/c.csv', 'a/b/c.csv', 'a/b/d/c.csv'], ['a/bc.csv', 'c.csv']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
  ['day=2024-0[1-3]/x', ['day=2024-02/x'], ['day=2024-04/x']],
  ['[!a]b', ['cb'], ['ab']],
  ['{a,b/c}.csv', ['a.csv', 'b/c.csv'], ['c.csv', 'a,b/c.csv']],
  ['a?b', ['axb'], ['a/b', 'ab']],
  ['a+(b).csv', ['a+(b).csv'], ['aab.csv']],
  ['a[b', ['a[b'], ['ab']],
])('%s', (glob, matching, others) => {
  const pattern = globPattern(glob);
  expect(matching.filter((key) => !pattern.test(key))).toEqual([]);
  expect(others.filter((key) => pattern.test(key))).toEqual([]);
});

test('what a listing can begin with', () => {
  expect(literalBeginning('a/b*/c')).toBe('a/b');
  expect(literalBeginning('a/b')).toBe('a/b');
});
