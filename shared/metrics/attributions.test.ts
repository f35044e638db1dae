import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributionNdcg, largestAttributions } from './attributions.ts';

const of = (sizes: Record<string, number>) => new Map(Object.entries(sizes));
const ndcg = (champion: Record<string, number>, challenger: Record<string, number>): number => {
  const { value } = attributionNdcg(of(champion), of(challenger));
  return value!;
};
const sizes = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 0, max: 9 }), {
  minKeys: 1,
});
const discount = (position: number) => 1 / Math.log2(position + 1);

describe('attributionNdcg', () => {
  test('is the gain in the order of the challenger over that in the own order', () => {
    const best = 3 * discount(1) + 2 * discount(2) + 1 * discount(3);
    const reached = 1 * discount(1) + 3 * discount(2) + 2 * discount(3);
    expect(ndcg({ a: 3, b: 2, c: 1 }, { a: 5, b: 4, c: 9 })).toBeCloseTo(reached / best, 12);
  });

  test('is 1 for the same order, whatever the sizes and signs', () => {
    fc.assert(
      fc.property(sizes, (champion) => {
        fc.pre(Object.values(champion).some((size) => size > 0));
        const challenger = Object.fromEntries(
          Object.entries(champion).map(([name, size]) => [name, -7 * size]),
        );
        const ties = new Set(Object.values(champion)).size < Object.keys(champion).length;
        expect(ndcg(champion, challenger)).toBeCloseTo(1, 12);
        expect(ties || ndcg(challenger, champion) > 1 - 1e-12).toBe(true);
      }),
    );
  });

  test('a feature that one model lacks counts as 0', () => {
    fc.assert(
      fc.property(sizes, sizes, (champion, challenger) => {
        fc.pre(Object.values(champion).some((size) => size > 0));
        const all = { a: 0, b: 0, c: 0, d: 0, e: 0, f: 0 };
        const names = new Set([...Object.keys(champion), ...Object.keys(challenger)]);
        const filled = (side: Record<string, number>) =>
          Object.fromEntries(Object.entries({ ...all, ...side }).filter(([name]) => names.has(name)));
        expect(ndcg(champion, challenger)).toBeCloseTo(ndcg(filled(champion), filled(challenger)), 12);
      }),
    );
  });

  test('has no number where the champion has no attribution', () => {
    expect(attributionNdcg(of({ a: 0 }), of({ a: 1 }))).toMatchObject({
      value: undefined,
      why: expect.stringContaining('are 0'),
    });
    expect(attributionNdcg(of({}), of({}))).toMatchObject({ value: undefined, why: 'there is no feature' });
  });
});

test('the largest are those that weigh most with either model', () => {
  const [champion, challenger] = [of({ a: 10, b: 1, gone: 8 }), of({ a: 1, b: -200, fresh: 100 })];
  expect(largestAttributions(champion, challenger, 3)).toEqual([
    { feature: 'a', champion: 10, challenger: 1 },
    { feature: 'b', champion: 1, challenger: -200 },
    { feature: 'gone', champion: 8, challenger: null },
  ]);
  expect(largestAttributions(undefined, challenger, 9).map(({ feature }) => feature)).toEqual([
    'b',
    'fresh',
    'a',
  ]);
});
