import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  binomialCdf,
  binomialSurvival,
  chiSquareSurvival,
  kolmogorovSurvival,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from './distributions.ts';

const probability = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
const degrees = fc.double({ min: 0.5, max: 1e5, noNaN: true });

describe('distributions', () => {
  test('agree with tabled values', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(studentQuantile(0.975, 19)).toBeCloseTo(2.093024054408263, 12);
    expect(chiSquareSurvival(3.841458820694124, 1)).toBeCloseTo(0.05, 14);
    expect(kolmogorovSurvival(1.3580986393225507)).toBeCloseTo(0.05, 12);
    expect(betaQuantile(0.5, 2, 3)).toBeCloseTo(0.3857275681323463, 13);
  });

  test('a quantile is the inverse of its cdf', () => {
    fc.assert(
      fc.property(probability, degrees, (p, freedom) => {
        expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 11);
        expect(studentCdf(studentQuantile(p, freedom), freedom) / p).toBeCloseTo(1, 10);
        expect(betaCdf(betaQuantile(p, freedom, 3), freedom, 3)).toBeCloseTo(p, 10);
      }),
    );
  });

  test('both tails of the binomial make one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        probability,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, p, share) => {
          const k = Math.round(share * n);
          expect(binomialCdf(k, n, p) + binomialSurvival(k, n, p)).toBeCloseTo(1, 12);
        },
      ),
    );
  });

  test('what lies outside the range is refused', () => {
    expect(() => normalQuantile(1.1)).toThrow(RangeError);
    expect(() => studentCdf(1, 0)).toThrow(RangeError);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});
