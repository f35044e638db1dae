import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonEvents, JsonStream } from './json-stream.ts';

/** What is told of a text, pushed in parts of a size. */
function walk(text: string, part = text.length, more: Partial<JsonEvents> = { takesNumbers: true }) {
  const told: unknown[] = [];
  const json = new JsonStream({
    open: (kind) => told.push(kind),
    close: (kind) => told.push(`end of ${kind}`),
    key: (name) => told.push(`key ${name}`),
    value: (value, line) => told.push([value, line]),
    duplicate: (name) => told.push(`again ${name}`),
    ...more,
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += part) json.push(bytes.subarray(at, at + part));
  json.finish();
  return { told, problem: json.problem, offset: json.offset };
}

describe('JsonStream', () => {
  test.each([true, false])('tells the same however its bytes come, with numbers: %s', (takesNumbers) => {
    const texts = fc.tuple(fc.json(), fc.constantFrom(undefined, 1), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(texts, ([json, indent, part]) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        const whole = walk(text, text.length, { takesNumbers });
        expect(whole.problem).toBeUndefined();
        expect(walk(text, part, { takesNumbers })).toEqual(whole);
      }),
    );
  });

  test('tells values with their lines, and keys that come again', () => {
    expect(walk('{"a": [1, -2.5e3,\n"x"], "a": null}', 3).told).toEqual([
      'object',
      'key a',
      'array',
      [1, 1],
      [-2500, 1],
      ['x', 2],
      'end of array',
      'again a',
      'key a',
      [null, 2],
      'end of object',
    ]);
  });

  test('tells only what is taken', () => {
    const taken = {
      takesText: (bytes: Buffer, start: number) => bytes[start] === 0x61,
      remembers: () => false,
    };
    expect(walk('{"k": ["a", "b", 1, 2, true], "k": "\\u0061"}', 4, taken).told).toEqual([
      'object',
      'key k',
      'array',
      ['a', 1],
      [true, 1],
      'end of array',
      'key k',
      'end of object',
    ]);
  });

  test.each([
    '[01]',
    '[1.]',
    '[1e]',
    '[-]',
    '[1,]',
    '[.5]',
    '[+1]',
    '[1 2]',
    '[1,2,03,4]',
    '["\\x"]',
    '[tru]',
  ])('refuses %s, whatever is taken', (text) => {
    for (const part of [1, 2, text.length])
      for (const more of [{ takesNumbers: true }, { takesText: () => false }])
        expect(walk(text, part, more).problem).toBeDefined();
  });

  test('says where the problem is: behind the first byte that does not belong there', () => {
    for (const part of [1, 3, 20]) expect(walk('{"a": 1} {', part)).toMatchObject({ offset: 10 });
    for (const part of [1, 3, 20]) expect(walk('[1, 2, x]', part)).toMatchObject({ offset: 9 });
  });
});
