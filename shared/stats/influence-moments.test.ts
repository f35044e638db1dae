import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { degreesOf, influenceMoments, momentsError, momentsOfCells } from './influence-moments.ts';
import { influenceError, type WeightedPart } from './paired-intervals.ts';
import { randomGenerator } from './random.ts';

/** Σ(Σ factor·influence)ᵏ over rows, or over sums of clusters. */
function powerSum(
  power: number,
  parts: readonly WeightedPart[],
  clusters: { of: Int32Array; count: number } | undefined,
): number {
  const count = parts[0]!.values.length;
  const sums = new Float64Array(clusters?.count ?? count);
  for (let row = 0; row < count; row++)
    for (const { values, factor } of parts) sums[clusters?.of[row] ?? row]! += factor * values[row]!;
  return sums.reduce((total, sum) => total + sum ** power, 0);
}

test('twelve sums give the error of any combination, and those of cells are the same', () => {
  const influence = [0.5, -0.25, 0.125, -1];
  const factor = fc.double({ min: -2, max: 2, noNaN: true });
  const row = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(4));
  const ofOther = fc.oneof(fc.constant(0), factor);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 2, maxLength: 40 }),
      factor,
      ofOther,
      (rows, ofFirst, ofSecond) => {
        const cells = [0, 1].map((side) => Uint8Array.from(rows, (cellsOfRow) => cellsOfRow[side]!));
        const [first, second] = cells.map((of) => Float64Array.from(of, (cell) => influence[cell]!));
        const clusters = { of: Int32Array.from(rows, ([, , cluster]) => cluster), count: 5 };
        const parts = [
          { values: first!, factor: ofFirst },
          { values: second!, factor: ofSecond },
        ];
        for (const by of [undefined, clusters]) {
          const moments = influenceMoments(first!, second!, by);
          const expected = influenceError(parts, by);
          expect(momentsError(moments, ofFirst, ofSecond).standardError).toBeCloseTo(
            expected.standardError,
            7,
          );
          const fourth = powerSum(4, parts, by);
          const { deciding, degrees, standardError, skewness } = momentsError(moments, ofFirst, ofSecond);
          // Sums that cancel are not asked for digits that they have lost.
          if (standardError < 1e-3) continue;
          const squares = expected.standardError ** 2 * (by ? 4 / 5 : 1);
          expect(deciding).toBeCloseTo(squares ** 2 / fourth, 5);
          expect(skewness).toBeCloseTo(powerSum(3, parts, by) / squares ** 1.5, 5);
          if (ofSecond === 0)
            expect(degrees).toBeCloseTo(degreesOf(squares, fourth, by ? 5 : rows.length), 5);
          else expect(degrees).toBe(by ? 4 : Number.POSITIVE_INFINITY);
        }
        const [own, theirs] = cells.map((of) => ({ of, influence }));
        const counted = momentsOfCells(own!, theirs!);
        const summed = influenceMoments(first!, second!);
        for (const key of ['own', 'change', 'product'] as const)
          expect(counted[key]).toBeCloseTo(summed[key], 12);
        for (const key of ['thirds', 'fourths'] as const)
          counted[key].forEach((sum, at) => {
            expect(sum).toBeCloseTo(summed[key][at]!, 12);
          });
        const alone = momentsOfCells(own!, undefined);
        expect([alone.own, alone.thirds[0]]).toEqual(
          [summed.own, summed.thirds[0]].map((sum) => expect.closeTo(sum, 12)),
        );
      },
    ),
  );
});

test('of a model and itself the change has no error at all', () => {
  const influences = Float64Array.from({ length: 50 }, (_, row) => Math.sin(row));
  expect(momentsError(influenceMoments(influences, influences), 1, -1).standardError).toBe(0);
});

describe('how well an error is known', () => {
  const errorOf = (influences: number[]) =>
    momentsError(influenceMoments(Float64Array.from(influences), undefined), 1, 0);

  test('of rows of equal influence all decide, and their number less one are the degrees', () => {
    const found = errorOf([1, -1, 1, -1, 1, -1, 1, -1]);
    expect(found.deciding).toBeCloseTo(8, 12);
    expect(found.degrees).toBe(7);
  });

  test('of three rows among many that are alike three decide', () => {
    const found = errorOf([...new Array<number>(3).fill(-1), ...new Array<number>(997).fill(3 / 997)]);
    expect(found.deciding).toBeCloseTo(3, 1);
    expect(found.degrees).toBeCloseTo(6, 0);
  });

  test('of normal influences their number', () => {
    const random = randomGenerator(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    expect(errorOf(Array.from({ length: 20_000 }, normal)).degrees / 20_000).toBeCloseTo(1, 1);
  });

  test('without any influence no row decides', () => {
    expect(errorOf([0, 0, 0])).toEqual({ standardError: 0, degrees: 2, deciding: 0, skewness: 0 });
  });
});
