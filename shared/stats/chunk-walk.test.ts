import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureChunk } from './chunk-calibration.ts';
import { sortChunked, splitChunks, walkChunks } from './chunk-walk.ts';
import { wassersteinDistance } from './divergence.ts';

const someNumber = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -0),
);
const chunked = fc
  .array(fc.array(someNumber, { maxLength: 30 }), { minLength: 1, maxLength: 5 })
  .map((parts) => {
    const ends = parts.map((_, at) => parts.slice(0, at + 1).flat().length);
    const chunks = parts.map((part, at) => ({ first: ends[at]! - part.length, end: ends[at]! }));
    return { values: Float64Array.from(parts.flat()), chunks };
  });

describe('one walk for all chunks', () => {
  test.each([true, false])('says what a walk for each says; chunks of the reference: %s', (arePart) => {
    fc.assert(
      fc.property(chunked, chunked, fc.constantFrom(0, 1e9), (one, other, shift) => {
        const moved = one.values.map((value) => value + shift);
        const reference = sortChunked(moved, one.chunks);
        fc.pre(reference.sorted.length > 0);
        const judged = arePart
          ? reference
          : sortChunked(
              other.values.map((value) => value + shift),
              other.chunks,
            );
        const walked = walkChunks(judged, reference.sorted, arePart);
        splitChunks(judged).forEach((chunk, at) => {
          if (chunk.length === 0) {
            expect(walked.wasserstein[at]).toBeNaN();
            return;
          }
          const exact = wassersteinDistance(reference.sorted, chunk);
          expect(Math.abs(walked.wasserstein[at]! - exact)).toBeLessThanOrEqual(1e-11 * Math.max(1, exact));
          if (arePart && chunk.length === reference.sorted.length) return;
          const { meanMidRank, logDistance } = measureChunk(chunk, reference.sorted, arePart);
          expect(walked.meanMidRank[at]).toBeCloseTo(meanMidRank, 12);
          const distance = Math.max(walked.distanceToRest[at]!, 1 / (2 * chunk.length));
          expect(Math.log(distance)).toBeCloseTo(logDistance, 12);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('sorted values keep their chunks, and what is not finite is left out', () => {
    const values = Float64Array.of(3, Number.NaN, 1, 2, Number.NEGATIVE_INFINITY, 0);
    const found = sortChunked(values, [
      { first: 0, end: 3 },
      { first: 3, end: 6 },
    ]);
    expect([...found.sorted]).toEqual([0, 1, 2, 3]);
    expect([...found.chunkOf]).toEqual([1, 0, 1, 0]);
    expect(splitChunks(found).map((part) => [...part])).toEqual([
      [1, 3],
      [0, 2],
    ]);
  });

  test('a reference without a value is refused', () => {
    const none = sortChunked(new Float64Array(0), []);
    expect(() => walkChunks(none, none.sorted, true)).toThrow(RangeError);
  });
});
