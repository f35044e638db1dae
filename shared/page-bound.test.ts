import { expect, test } from 'vitest';
import { PageBound } from './page-bound.ts';

test('lets ordinary lists be read', () => {
  const bound = new PageBound('tags');
  for (let page = 0; page < 100; page++) bound.turn(1000, `page ${page + 1}`);
  bound.turn(0, undefined);
  bound.turn(0, undefined);
});

test('ends at a page that comes again', () => {
  const bound = new PageBound('the tags of acme/churn');
  bound.turn(10, 'a');
  bound.turn(10, 'b');
  expect(() => bound.turn(10, 'a')).toThrow(
    'The list of the tags of acme/churn never ends: a page names one before it as the next.',
  );
});

test('ends at too many entries, and at too many pages with nothing on them', () => {
  const bound = new PageBound('tags', 1000);
  bound.turn(1000, 'a');
  expect(() => bound.turn(1, 'b')).toThrow('has more than 1000 entries, and is not read on');
  const empty = new PageBound('tags');
  for (let page = 0; page < 10_000; page++) empty.turn(0, String(page));
  expect(() => empty.turn(0, 'one more')).toThrow('has more than 10000 pages');
});
