import { expect, test } from 'vitest';
import { loadingNotes } from './loading-notes.ts';

test('notes are kept as they are, or clipped, counted and named', () => {
  expect(loadingNotes(['Read as utf-16.'])).toEqual(['Read as utf-16.']);
  expect(loadingNotes(['Read as utf-16.'], 'reference')).toEqual(['reference: Read as utf-16.']);
  const [long] = loadingNotes(['😀'.repeat(400)]);
  expect([...long!]).toHaveLength(300);
  const many = loadingNotes(Array.from({ length: 25 }, (_, index) => `note ${index}`));
  expect(many).toHaveLength(21);
  expect(many.at(-1)).toBe('And 5 more: see the log.');
});
