import { describe, expect, test } from 'vitest';
import { normaliseImportance, parseImportance } from './importance.ts';

describe('the importance file', () => {
  test.each([
    ['a JSON map', '{"age": 0.3, "fare": -0.1}'],
    ['a JSON list', '[{"feature": "age", "importance": 0.3}, {"feature": "fare", "importance": -0.1}]'],
    ['a CSV', 'feature,importance\nage,0.3\nfare,-0.1\n'],
    [
      'a CSV with other columns, quotes, BOM and CRLF',
      '\ufeffrank,Name,gain\r\n1,"age",0.3\r\n2,fare,-0.1\r\n',
    ],
  ])('may be %s', (_, text) => {
    expect([...parseImportance(text, 'f')]).toEqual([
      ['age', 0.3],
      ['fare', 0.1],
    ]);
  });

  test('a comma in a quoted name is part of it', () => {
    expect([...parseImportance('feature,importance\n"a, ""b""",1\n', 'f').keys()]).toEqual(['a, "b"']);
  });

  test.each([
    ['{"age": "much"}', 'the importance of "age" is not a number'],
    ['[1]', 'its list holds something else than objects'],
    ['[{"importance": 1}]', 'an entry has no "feature"'],
    ['{', 'it is not valid JSON'],
    ['a,b\n1,2', 'its header lacks feature or importance'],
    ['feature,importance\nage,\n', 'the importance of "age" is not a number'],
    ['feature,importance\nage,1\nage,2\n', '"age" stands there twice'],
    ['{}', 'it names no feature'],
  ])('%j is refused', (text, why) => {
    expect(() => parseImportance(text, 'f')).toThrow(why);
  });
});

test('shares are of the columns that are judged', () => {
  const shares = normaliseImportance(
    new Map([
      ['a', 3],
      ['b', 1],
      ['gone', 96],
    ]),
    ['a', 'b', 'c'],
  );
  expect([...shares]).toEqual([
    ['a', 0.75],
    ['b', 0.25],
    ['c', 0],
  ]);
  expect(normaliseImportance(new Map([['gone', 1]]), ['a']).size).toBe(0);
});
