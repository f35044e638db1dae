import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainAnnotation, plainLogText } from './plain-text.ts';

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

test('an annotation keeps its lines, and nothing that moves a cursor or turns the direction of reading', () => {
  expect(plainAnnotation('a\nb\tc é\u001b[2J\u202ed\u0000')).toBe('a\nb\tc é\ufffd[2J\ufffdd\ufffd');
});
