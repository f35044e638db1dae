import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WordNumbers, wordsOf } from './words.ts';

const someText = fc
  .array(
    fc.constantFrom(
      'paid',
      'Late',
      'ORDER',
      '12',
      ',',
      ' ',
      '-',
      'é',
      'É',
      'ß',
      'İ',
      '\u212a',
      'k',
      '猫',
      '😀',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test('every text is its words by their numbers, whatever it is written in', () => {
  fc.assert(
    fc.property(fc.array(someText, { maxLength: 20 }), (texts) => {
      const numbers = new WordNumbers();
      const { words, starts } = numbers.tokenise(texts);
      const back = texts.map((_, at) =>
        [...words.subarray(starts[at], starts[at + 1])].map((word) => numbers.word(word)),
      );
      expect(back).toEqual(texts.map(wordsOf));
      expect(numbers.size).toBe(new Set(texts.flatMap(wordsOf)).size);
    }),
  );
});

test('many words keep their numbers while the table grows', () => {
  const texts = Array.from({ length: 30_000 }, (_, at) => `order ${at % 20_000}`);
  const numbers = new WordNumbers();
  const { words } = numbers.tokenise(texts);
  expect(numbers.size).toBe(20_001);
  expect(words[2 * 25_000 + 1]).toBe(words[2 * 5_000 + 1]);
  expect(numbers.word(words[2 * 25_000 + 1]!)).toBe('5000');
});
