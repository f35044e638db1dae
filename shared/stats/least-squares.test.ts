import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastSquares } from './least-squares.ts';

const column = (...values: number[]) => Float64Array.from(values);

describe('least squares', () => {
  test('of a line, with the leverage of a row beyond', () => {
    const ones = column(1, 1, 1, 1);
    const fit = leastSquares([ones, column(1, 2, 3, 4)], column(2, 4, 5, 9));
    expect([...fit.coefficients]).toEqual([expect.closeTo(-0.5, 12), expect.closeTo(2.2, 12)]);
    expect(fit.squares).toBeCloseTo(0.3 ** 2 + 0.1 ** 2 + 1.1 ** 2 + 0.7 ** 2, 12);
    // 1/n + (x − x̄)²/Σ(x − x̄)² of x = 5.
    expect(fit.leverage([1, 5])).toBeCloseTo(1 / 4 + 2.5 ** 2 / 5, 12);
  });

  test('of columns that make each other up, only rows of the same kind have a leverage', () => {
    const fit = leastSquares([column(1, 1, 1), column(2, 2, 2)], column(3, 4, 5));
    expect(fit).toMatchObject({ rank: 1, squares: expect.closeTo(2, 12) });
    expect([...fit.coefficients]).toEqual([expect.closeTo(4, 12), 0]);
    expect(fit.leverage([1, 2])).toBeCloseTo(1 / 3, 12);
    expect(fit.leverage([1, 3])).toBe(Number.POSITIVE_INFINITY);
  });

  test('of a column of zeros, or of more columns than rows', () => {
    expect(leastSquares([column(0, 0)], column(1, 2))).toMatchObject({ rank: 0, squares: 5 });
    const fit = leastSquares([column(1, 2), column(1, 1), column(5, 0)], column(3, 4));
    expect(fit.rank).toBe(2);
    expect(fit.squares).toBeCloseTo(0, 20);
  });

  test('leaves residuals that are at right angles to every column', () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true });
    const rows = fc.integer({ min: 1, max: 8 }).chain((count) =>
      fc.record({
        columns: fc.array(fc.array(value, { minLength: count, maxLength: count }), { maxLength: 4 }),
        target: fc.array(value, { minLength: count, maxLength: count }),
      }),
    );
    fc.assert(
      fc.property(rows, ({ columns, target }) => {
        const fit = leastSquares(
          columns.map((values) => column(...values)),
          column(...target),
        );
        const residuals = target.map((value, row) =>
          columns.reduce((rest, values, index) => rest - values[row]! * fit.coefficients[index]!, value),
        );
        const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
        // As far as the coefficients are not far larger than the numbers themselves.
        fc.pre(fit.coefficients.every((coefficient) => Math.abs(coefficient) < 1e4));
        expect(Math.abs(squares - fit.squares)).toBeLessThan(1e-4);
        for (const values of columns) {
          const product = values.reduce((sum, value, row) => sum + value * residuals[row]!, 0);
          expect(Math.abs(product)).toBeLessThan(1e-3);
        }
      }),
    );
  });
});
