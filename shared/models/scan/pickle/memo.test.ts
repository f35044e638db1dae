import { expect, test } from 'vitest';
import { Memo, MemoAbove } from './memo.ts';
import { Entries, Global, INSPECTED_BYTES, STRANGE_TEXT, type Value } from './values.ts';

test('gives back what an import can hang on, and nothing else', () => {
  const memo = new Memo();
  const kept: Value[] = [
    'numpy',
    -77,
    new Global('os', 'system'),
    INSPECTED_BYTES,
    STRANGE_TEXT,
    new Entries(),
  ];
  const values: Value[] = [...kept, undefined, 5, null, true];
  for (const [place, value] of values.entries()) expect(memo.put(place, value)).toBe(true);
  expect(values.map((_, place) => memo.get(place))).toEqual([
    ...kept,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(memo.count).toBe(values.length);
});

test('knows which places are filled, in any order and as far away as a pickle can say', () => {
  const memo = new Memo();
  const places = [0, 5, 4_294_967_295, 20_000_000, 1];
  const system = new Global('os', 'system');
  for (const place of places) memo.put(place, system);
  expect(memo.count).toBe(places.length);
  for (const place of places) expect([memo.has(place), memo.get(place)]).toEqual([true, system]);
  expect([2, 4, 6, 20_000_001].map((place) => memo.has(place))).toEqual([false, false, false, false]);
});

test('forgets what was overwritten, and takes what lies far away for any text', () => {
  const memo = new Memo();
  for (const place of [3, 30_000_000]) {
    memo.put(place, new Global('os', 'system'));
    memo.put(place, 7);
  }
  expect([memo.get(3), memo.get(30_000_000)]).toEqual([undefined, STRANGE_TEXT]);
});

test('says so where it cannot keep an import, which would be taken for nothing', () => {
  const memo = new Memo();
  const one = new Global('collections', 'OrderedDict');
  let place = 0;
  while (place < 2_000_000 && memo.put(place, one)) place += 1;
  expect(place).toBe(1_000_000);
  expect(memo.put(place, 'numpy')).toBe(true);
});

test('lies above another without changing it', () => {
  const below = new Memo();
  below.put(0, 'numpy');
  const above = new MemoAbove(below);
  above.put(1, 'os');
  above.put(0, undefined);
  expect([above.count, above.get(0), above.get(1), above.has(2)]).toEqual([2, undefined, 'os', false]);
  expect([below.count, below.get(0), below.has(1)]).toEqual([1, 'numpy', false]);
});
