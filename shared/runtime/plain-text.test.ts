import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLogText } from './plain-text.ts';

const isCommand = (line: string) => line.replace(/^[\s\u0085]+/, '').startsWith('::') || line.includes('##[');

test('no line of any text is a workflow command', () => {
  const pieces = fc.constantFrom(
    '::',
    ':',
    'error',
    '##[',
    '##',
    '[',
    ' ',
    '\t',
    '\u0085',
    '\n',
    '\r',
    '\r\n',
    'x',
    '::error::x',
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      expect(
        plainLogText(parts.join(''))
          .split(/\r\n|\n|\r/)
          .some(isCommand),
      ).toBe(false);
    }),
  );
});

test('ordinary text is left alone', () => {
  expect(plainLogText('a::b\n# [x] ## y')).toBe('a::b\n# [x] ## y');
});
