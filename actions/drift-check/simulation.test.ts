/** Small seeded simulations of the default rule: how often it alarms with and without drift. */
import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import type { ChunkSize } from './chunks.ts';
import type { ColumnValues, DriftTable } from './table.ts';
import { categorical, normalNumbers, numeric, policyOf, randomNumbers, tableOf } from './test-tables.ts';

const policy = policyOf();

function drifting(reference: DriftTable, data: DriftTable, chunk?: ChunkSize): string[] {
  const found = assess(reference, data, { policy, metrics: [], importance: new Map(), chunk, times: [] });
  return found.columns.filter((column) => column.status === 'drifts').map((column) => column.name);
}

/** 17 normal columns and one of 5, 50 and 1,000 categories; `shift` in deviations moves the first. */
function mixedTable(rows: number, seed: number, shift = 0): DriftTable {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  const columns: Record<string, ColumnValues> = {};
  for (let index = 0; index < 17; index++) {
    columns[`n${index}`] = numeric(rows, () => normal() + (index === 0 ? shift : 0));
  }
  for (const size of [5, 50, 1000])
    columns[`c${size}`] = categorical(rows, () => `v${Math.floor(random() * size)}`);
  return tableOf(columns);
}

/** Share of pairs for which `alarms` holds. */
function share(pairs: number, alarms: (pair: number) => boolean): number {
  let count = 0;
  for (let pair = 0; pair < pairs; pair++) if (alarms(pair)) count++;
  return count / pairs;
}

describe('the default rule', () => {
  test('without drift at most 5 % of pairs alarm, n = 500', () => {
    const rate = share(
      120,
      (pair) => drifting(mixedTable(500, 2 * pair), mixedTable(500, 2 * pair + 1)).length > 0,
    );
    expect(rate).toBeLessThanOrEqual(0.05);
  });

  test('a shift of 0.3 deviations in one of 20 columns is found in at least 80 %, n = 500', () => {
    const rate = share(60, (pair) =>
      drifting(mixedTable(500, 2 * pair), mixedTable(500, 2 * pair + 1, 0.3)).includes('n0'),
    );
    expect(rate).toBeGreaterThanOrEqual(0.8);
  });

  test('a shift of 0.03 deviations is silent however many rows there are', () => {
    const normal = normalNumbers(randomNumbers(1));
    const reference = tableOf({ x: numeric(300_000, normal) });
    const data = tableOf({ x: numeric(300_000, () => normal() + 0.03) });
    const [column] = assess(reference, data, {
      policy,
      metrics: [],
      importance: new Map(),
      times: [],
    }).columns;
    expect(column?.adjustedPValue).toBeLessThan(0.05);
    expect(column?.status).toBe('steady');
  });

  test('autocorrelated rows (AR(1), φ = 0.9) alarm in at most 5 % with chunks, and always by rows', () => {
    const series = (seed: number) => {
      const normal = normalNumbers(randomNumbers(seed));
      let state = normal() / Math.sqrt(1 - 0.81);
      return () => {
        state = 0.9 * state + normal();
        return state;
      };
    };
    const alarms = (chunk?: ChunkSize) =>
      share(150, (pair) => {
        const next = series(pair);
        const columns = (rows: number) => tableOf({ x: numeric(rows, next) });
        return drifting(columns(5000), columns(500), chunk).length > 0;
      });
    expect(alarms({ by: 'rows', size: 500 })).toBeLessThanOrEqual(0.05);
    expect(alarms()).toBeGreaterThan(0.5);
  });

  test('a real shift is found between chunks of autocorrelated rows', () => {
    const rate = share(40, (pair) => {
      const normal = normalNumbers(randomNumbers(pair));
      let state = 0;
      const next = (shift: number) => () => {
        state = 0.9 * state + normal();
        return state + shift;
      };
      const reference = tableOf({ x: numeric(5000, next(0)) });
      return (
        drifting(reference, tableOf({ x: numeric(1500, next(3)) }), { by: 'rows', size: 500 }).length > 0
      );
    });
    expect(rate).toBeGreaterThanOrEqual(0.9);
  });
});
