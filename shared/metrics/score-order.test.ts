import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averagePrecision, rocAuc } from './ranking.ts';
import type { MetricValue, Rows } from './rows.ts';
import { selectRows } from './rows.ts';
import { rocCurve } from './score-curves.ts';
import { inheritOrder } from './score-order.ts';

/** Few values, so that scores tie and weights are zero. */
const drawn = fc.array(
  fc.record({
    truth: fc.constantFrom(0, 1),
    score: fc.integer({ min: 0, max: 5 }),
    weight: fc.constantFrom(0, 1, 2.5),
    part: fc.integer({ min: -1, max: 2 }),
  }),
  { minLength: 8, maxLength: 40 },
);
type Drawn = { truth: number; score: number; weight: number; part: number }[];

const rowsOf = (rows: Drawn, weighted: boolean): Rows => ({
  truth: Float64Array.from(rows, ({ truth }) => truth),
  score: Float64Array.from(rows, ({ score }) => score / 5),
  weight: weighted ? Float64Array.from(rows, ({ weight }) => weight) : undefined,
});
const indicesOf = (rows: Drawn, keep: (row: Drawn[number]) => boolean): Int32Array =>
  Int32Array.from(rows.flatMap((row, index) => (keep(row) ? index : [])));

test('the average precision without a group of rows is that of the other rows', () => {
  fc.assert(
    fc.property(drawn, fc.boolean(), (drawnRows, weighted) => {
      const rows = rowsOf(drawnRows, weighted);
      const found = averagePrecision(rows);
      if (found.value === undefined || found.spread.kind !== 'replicates') return;
      const groups = Uint8Array.from(drawnRows, ({ part }) => part + 1);
      const without = found.spread.without(groups, 4);
      for (const [group, value] of without.entries()) {
        const left = selectRows(
          rows,
          indicesOf(drawnRows, ({ part }) => part + 1 !== group),
        );
        const expected = averagePrecision(left);
        if (expected.value !== undefined) expect(value).toBeCloseTo(expected.value, 12);
      }
    }),
    { numRuns: 300 },
  );
});

describe('a slice that inherits its order', () => {
  const shown = (found: MetricValue): unknown => [
    found.value,
    found.value !== undefined && found.spread.kind === 'influence'
      ? [...found.spread.influence()]
      : undefined,
  ];

  test('has the numbers of one that is sorted by itself', () => {
    fc.assert(
      fc.property(drawn, fc.boolean(), (drawnRows, weighted) => {
        const whole = rowsOf(drawnRows, weighted);
        const cut = (): Rows[] =>
          [0, 1, 2].map((part) =>
            selectRows(
              whole,
              indicesOf(drawnRows, (row) => row.part === part),
            ),
          );
        const [inheriting, sorted] = [cut(), cut()];
        // The whole is in order once a metric has asked.
        rocAuc(whole);
        inheritOrder(
          whole.score!,
          Int32Array.from(drawnRows, ({ part }) => part),
          inheriting.map(({ score }) => score!),
        );
        for (const metric of [rocAuc, averagePrecision])
          expect(inheriting.map(metric).map(shown)).toEqual(sorted.map(metric).map(shown));
        expect(inheriting.map((rows) => rocCurve(rows, 100))).toEqual(
          sorted.map((rows) => rocCurve(rows, 100)),
        );
      }),
      { numRuns: 100 },
    );
  });
});
