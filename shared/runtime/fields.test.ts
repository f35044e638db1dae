import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { fieldMeta, fields, parseDuration, parseShare, parseSize } from './fields.ts';

const read = (schema: z.ZodType, text?: string) => schema.safeParse(text);

describe('strict parsing', () => {
  test.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
  ])('duration %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  test.each(['5', '5 m', 'm5', '-5m', '5M', '', '1e3s'])('refuses the duration %j', (text) =>
    expect(() => parseDuration(text)).toThrow(/duration/),
  );

  test('sizes know decimal and binary units', () => {
    expect(parseSize('10MB')).toBe(10_000_000);
    expect(parseSize('4GiB')).toBe(4 * 1024 ** 3);
    expect(() => parseSize('4 GB')).toThrow(/size/);
  });

  test('shares are numbers or percents between 0 and 1', () => {
    expect(parseShare('0.02')).toBe(0.02);
    expect(parseShare('2%')).toBe(0.02);
    for (const text of ['2', '101%', '-1%', 'x']) expect(() => parseShare(text)).toThrow(/share/);
  });

  test('any finite number survives, anything else is an error', () => {
    const schema = fields.number({});
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(schema, String(value)).data).toBe(value === 0 ? 0 : value);
      }),
    );
    for (const text of ['abc', 'NaN', 'Infinity', '1,5', '0x10', '1e999'])
      expect(read(schema, text).success).toBe(false);
  });

  test('integers keep to their range', () => {
    const schema = fields.integer({ min: 1, max: 10 });
    expect(read(schema, '10').data).toBe(10);
    for (const text of ['0', '11', '1.5']) expect(read(schema, text).success).toBe(false);
  });
});

describe('given, not given, default', () => {
  test('a required field refuses an empty text, an optional one gives undefined', () => {
    expect(read(fields.text({}), '').success).toBe(false);
    expect(read(fields.text({}), undefined).success).toBe(false);
    expect(read(fields.text({ optional: true }), '').data).toBeUndefined();
  });

  test('a default is parsed as if it had been written', () => {
    expect(read(fields.duration({ default: '5m' }), undefined).data).toBe(300_000);
    expect(fieldMeta(fields.duration({ default: '5m' }))).toEqual({
      required: false,
      default: '5m',
      expression: undefined,
    });
  });

  test('a wrong text never becomes the default', () => {
    expect(read(fields.integer({ default: '3' }), 'three').success).toBe(false);
  });
});

describe('lists, choices and pairs', () => {
  test('lists take commas and lines', () => {
    expect(read(fields.list({}), 'a, b\n c\n\n').data).toEqual(['a', 'b', 'c']);
  });

  test('a misspelt choice names the nearest', () => {
    const result = read(fields.choice(['register', 'promote'], { default: 'register' }), 'promot');
    expect(result.error?.issues[0]?.message).toContain('did you mean "promote"');
  });

  test('pairs keep their order and refuse repetition', () => {
    expect(read(fields.keyValues({}), 'team=risk\nurl: https://x/y=z').data).toEqual({
      team: 'risk',
      url: 'https://x/y=z',
    });
    expect(read(fields.keyValues({}), 'a=1\na=2').success).toBe(false);
    expect(read(fields.keyValues({}), 'word').success).toBe(false);
  });
});
