import { describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { parseContent } from './parse-content.ts';

const parse = (text: string, name: string) => parseContent(Buffer.from(text), name);
const document = async (text: string, name = 'm.json') => {
  const content = await parse(text, name);
  return content.form === 'document' ? content.value : content;
};

describe('JSON', () => {
  test('the bare NaN and Infinity of Python, not those inside texts', async () => {
    const text =
      '{"a": NaN, "b": [-Infinity, {"c": Infinity}], "NaN": 1, "d": "say \\"NaN\\"", "e": "number:NaN"}';
    expect(await document(text)).toEqual({
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY, { c: Number.POSITIVE_INFINITY }],
      NaN: 1,
      d: 'say "NaN"',
      e: 'number:NaN',
    });
  });

  test('the key __proto__ is a key like others', async () => {
    const value = await document('{"__proto__": {"polluted": NaN}, "__proto__x": 1}');
    expect(Object.keys(value as object)).toEqual(['__proto__', '__proto__x']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('a byte order mark, and lines of values under any name', async () => {
    expect(await document('\ufeff{"a": 1}')).toEqual({ a: 1 });
    const lines = { form: 'lines', values: [{ a: Number.NaN }, { a: 2 }] };
    expect(await parse('{"a": NaN}\n{"a": 2}\n', 'm.json')).toEqual(lines);
    expect(await parse('{"a": NaN}\n\n{"a": 2}', 'm.jsonl')).toEqual(lines);
  });

  test('a text of many megabytes, and objects nested deeper than the stack, break nothing', async () => {
    const long = 'x'.repeat(20_000_000);
    expect(await document(`{"text": "${long}", "a": NaN}`)).toMatchObject({ a: Number.NaN });
    const deep = `${'{"a":'.repeat(100_000)}NaN${'}'.repeat(100_000)}`;
    expect(await document(deep)).toBeTypeOf('object');
  });
});

describe('other forms', () => {
  test.each([
    ['m.yaml', 'test: {auc: 0.5, worst: .nan}\n'],
    ['m.toml', '[test]\nauc = 0.5\nworst = nan\n'],
    ['metrics', 'test:\n  auc: 0.5\n  worst: .nan\n'],
    ['metrics.txt', '{"test": {"auc": 0.5, "worst": NaN}}'],
  ])('%s', async (name, text) => {
    expect(await document(text, name)).toEqual({ test: { auc: 0.5, worst: Number.NaN } });
  });

  test.each(['m.csv', 'metrics'])('CSV with quotes, in %s', async (name) => {
    expect(await parse('epoch,"val, ""auc""",note\r\n0,0.5,"two\nlines"\r\n1,,\r\n', name)).toEqual({
      form: 'table',
      header: ['epoch', 'val, "auc"', 'note'],
      rows: [
        ['0', '0.5', 'two\nlines'],
        ['1', '', ''],
      ],
    });
  });

  test('a last line without its end', async () => {
    expect(await parse('a,b\n1,', 'm.csv')).toMatchObject({ rows: [['1', '']] });
  });
});

describe('what cannot be read is an error for people', () => {
  test.each([
    ['m.json', '{\n"a": 1 "b": 2}', /not valid JSON/, 2],
    ['m.json', '{"a": }', /not valid JSON/, undefined],
    ['m.jsonl', '{"a": 1}\n{"a"', /not valid JSON/, 2],
    ['m.yaml', 'a: 1\nb: [1', /not valid YAML/, 2],
    [
      'm.yaml',
      `a: &a [1]\nb: &b [${'*a,'.repeat(99)}*a]\nc: [${'*b,'.repeat(99)}*b]`,
      /not valid YAML/,
      undefined,
    ],
    ['m.toml', 'a = 1\nb = \n', /not valid TOML/, 2],
    ['m.csv', 'a,b\n1,2\n1,"2\n', /a quote is not closed/, 3],
    ['m.csv', 'a,b\n1,2\n"x\ny",2\n3\n', /1 fields where its header has 2/, 5],
    ['m.csv', 'a,a\n1,2\n', /the column "a" twice/, 1],
    ['m.csv', '\n', /no header/, 1],
  ])('%s: %j', async (name, text, message, line) => {
    const error = await parse(text, name).catch((thrown: unknown) => thrown as UserError);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), where: { file: name } });
    expect((error as UserError).where.line).toBe(line);
  });

  test('what is not UTF-8', async () => {
    await expect(parseContent(Buffer.from('\ufeff{"a": 1}', 'utf16le'), 'm.json')).rejects.toThrow(
      /not text in UTF-8/,
    );
  });
});
