import { expect, test } from 'vitest';
import { Texts } from './texts.ts';
import { STRANGE_TEXT, type Value } from './values.ts';

test('known words are told at once', () => {
  const texts = new Texts();
  expect(texts.takeText('collections')).toBe('collections');
  expect(texts.takeText('numpy._core.multiarray')).toBe('numpy._core.multiarray');
});

test.each(['', 'os', 'system', 'my.own.Model', 'Größe', 'x'.repeat(255)])('%j is read again', (text) => {
  const texts = new Texts();
  const before = texts.takeText('before');
  const reference = texts.takeText(text);
  texts.takeText('after');
  expect([texts.read(before), texts.read(reference)]).toEqual(['before', text]);
});

test.each(['two words', 'a-b', 'x'.repeat(256), 'line\n'])('%j names nothing', (text) => {
  expect(new Texts().takeText(text)).toBe(STRANGE_TEXT);
});

test('other values are what they are', () => {
  const texts = new Texts();
  const values: Value[] = [undefined, null, true, 0, 7, 'numpy', STRANGE_TEXT];
  for (const value of values) expect(texts.read(value)).toBe(value);
});

test('texts of long ago are let go, and never taken for others', () => {
  const texts = new Texts();
  const count = 200_000;
  const nameOf = (index: number) => `name_${index}_${'x'.repeat(index % 240)}`;
  const references = Array.from({ length: count }, (_, index) => texts.takeText(nameOf(index)));
  const read = references.map((reference) => texts.read(reference));
  const wrong = read.filter((text, index) => text !== STRANGE_TEXT && text !== nameOf(index));
  expect(wrong).toEqual([]);
  expect(read[0]).toBe(STRANGE_TEXT);
  expect(read.at(-1)).toBe(nameOf(count - 1));
  // About as many as 16 MB hold.
  expect(read.filter((text) => text !== STRANGE_TEXT).length).toBeGreaterThan(110_000);
});
