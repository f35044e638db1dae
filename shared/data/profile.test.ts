import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ColumnSketch } from '../records/data-profile.ts';
import { describeTable } from './columns.ts';
import type { Engine } from './engine.ts';
import { mergeProfiles } from './merge-profiles.ts';
import { type ProfileOptions, profileTable } from './profile.ts';
import { quoteText } from './sql-text.ts';
import { openTestEngine, temporaryFolder } from './test-engine.ts';

let engine: Engine;
let folder: ReturnType<typeof temporaryFolder>;
let tables = 0;

beforeAll(async () => {
  folder = temporaryFolder();
  engine = await openTestEngine(folder.path);
});
afterAll(() => {
  engine.close();
  folder.remove();
});

async function profile(query: string, options: ProfileOptions = {}) {
  const table = `p${++tables}`;
  await engine.run(`CREATE TABLE ${table} AS ${query}`);
  return profileTable(engine, table, await describeTable(engine, table), options);
}

describe('profileTable', () => {
  test('counts, moments, quantiles, histogram and top values of numbers', async () => {
    const { columns, rowCount } = await profile('SELECT range AS x FROM range(1, 1002)');
    const [x] = columns;
    expect(rowCount).toBe(1001);
    expect(x).toMatchObject({ name: 'x', kind: 'numeric', count: 1001, nulls: 0, distinct: 1001 });
    expect(x?.moments).toEqual({
      count: 1001,
      mean: 501,
      standardDeviation: 289.10811127,
      minimum: 1,
      maximum: 1001,
    });
    expect(x?.quantiles).toEqual([11, 51, 251, 501, 751, 951, 991]);
    expect(x?.histogram?.counts.reduce((sum, count) => sum + count)).toBe(1001);
    expect(x?.histogram?.edges[3]).toBe(26);
    expect(x?.top).toEqual({ values: [], otherCount: 1001 });
  });

  test('agrees on quantiles with the engine where values repeat and where they do not', async () => {
    const shares = '[0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]';
    for (const query of [
      'SELECT (range * 7919) % 97 AS x FROM range(1000)',
      'SELECT sqrt(range) AS x FROM range(777)',
    ]) {
      const [sketch] = (await profile(query)).columns;
      const [row] = await engine.rows(`SELECT quantile_cont(x::DOUBLE, ${shares}) AS q FROM (${query})`);
      for (const [index, expected] of ((row?.q ?? []) as number[]).entries()) {
        expect(sketch?.quantiles?.[index]).toBeCloseTo(expected, 10);
      }
    }
  });

  test('keeps NaN, infinities and nulls out of the moments and counts them', async () => {
    const [x] = (await profile("SELECT unnest([1.0, 3.0, 'nan'::DOUBLE, 'inf'::DOUBLE, NULL]) AS x")).columns;
    expect(x).toMatchObject({ count: 4, nulls: 1, moments: { count: 2, mean: 2, minimum: 1, maximum: 3 } });
    expect(x?.histogram?.counts.reduce((sum, count) => sum + count)).toBe(2);
  });

  test('describes text, times, booleans and columns without values', async () => {
    const { columns } =
      await profile(`SELECT unnest(['b', 'a', 'b', NULL]) AS s, unnest([true, true, false, NULL]) AS b,
      unnest([DATE '1970-01-02', DATE '1970-01-03', NULL, NULL]) AS d, NULL::DOUBLE AS n, [1] AS l`);
    const [s, b, d, n, l] = columns as ColumnSketch[];
    expect(s?.top).toEqual({
      values: [
        { value: 'b', count: 2 },
        { value: 'a', count: 1 },
      ],
      otherCount: 0,
    });
    expect(b).toMatchObject({
      kind: 'boolean',
      distinct: 2,
      top: {
        values: [
          { value: 'true', count: 2 },
          { value: 'false', count: 1 },
        ],
      },
    });
    expect(d).toMatchObject({ kind: 'time', nulls: 2, moments: { minimum: 86_400, maximum: 172_800 } });
    expect(n).toMatchObject({
      count: 0,
      nulls: 4,
      distinct: 0,
      moments: null,
      quantiles: null,
      histogram: null,
    });
    expect(l).toMatchObject({ kind: 'text', distinct: 1 });
  });

  test('does not list values that occur once among many', async () => {
    const [id] = (await profile("SELECT 'id' || range AS id FROM range(1000)")).columns;
    expect(id?.top).toEqual({ values: [], otherCount: 1000 });
  });

  test('uses the edges of an earlier profile', async () => {
    const [x] = (await profile('SELECT range AS x FROM range(10)', { edges: new Map([['x', [2, 5]]]) }))
      .columns;
    expect(x?.histogram).toEqual({ edges: [2, 5], counts: [3, 3, 4] });
  });

  test('says when quantiles come from a sample, and takes the same sample each time', async () => {
    const query = 'SELECT (range * 7919) % 10007 AS x FROM range(10000)';
    const sampled = await profile(query, { exactQuantileRows: 1000 });
    expect(sampled.approximate).toEqual([expect.stringContaining('every 10th row')]);
    expect(sampled.columns[0]?.quantiles?.[3]).toBeGreaterThan(4500);
    expect(sampled.columns[0]?.histogram?.counts.reduce((sum, count) => sum + count)).toBe(10_000);
    expect(await profile(query, { exactQuantileRows: 1000 })).toEqual(sampled);
  });

  test('is the same with one thread and with four', async () => {
    const query = "SELECT sin(range) * 1e6 + 0.1 AS x, 'c' || range % 7 AS s FROM range(300000)";
    const profiles = await Promise.all(
      [1, 4].map(async (threads) => {
        const other = await openTestEngine(folder.path, threads);
        await other.run(`CREATE TABLE t AS ${query}`);
        const made = await profileTable(other, 't', await describeTable(other, 't'), {
          chunk: { rows: 50_000 },
        });
        other.close();
        return made;
      }),
    );
    expect(profiles[0]).toEqual(profiles[1]);
  });

  test('is the same whether numbers are sorted here or counted by the engine', async () => {
    const query = `SELECT i % 7 AS few, (hash(i) % 100000)::BIGINT AS many, round(sqrt(i) - 30, 2) AS decimals,
        sin(i) AS digits, DATE '2020-01-01' + (i % 400)::INTEGER AS days,
        TIMESTAMP '2020-01-01' + to_seconds((hash(i) % 1000000)::BIGINT) AS seconds,
        (i % 50)::DECIMAL(9, 2) / 4 AS money, CASE WHEN i % 3 > 0 THEN -i END AS gaps, NULL::DOUBLE AS none,
        CASE i % 5 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN '-inf'::DOUBLE ELSE i / 8 END AS odd
      FROM range(9000) numbers(i)`;
    const sorted = await profile(query);
    const counted = await profile(query, { sortedRows: 0 });
    expect(sorted).toEqual(counted);
    expect(sorted.columns.map(({ distinct }) => distinct)).toEqual([
      7,
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      400,
      expect.any(Number),
      50,
      6000,
      0,
      expect.any(Number),
    ]);
  });

  test('survives hostile column names and values', async () => {
    const name = '"; DROP TABLE p1; --';
    const { columns } = await profile(
      `SELECT ${quoteText("'); DROP TABLE p1; --")} AS "${name.replaceAll('"', '""')}"`,
      { chunk: { rows: 1 } },
    );
    expect(columns[0]).toMatchObject({
      name,
      top: { values: [{ value: "'); DROP TABLE p1; --", count: 1 }] },
    });
  });

  test('cuts chunks by rows and by period', async () => {
    const query = "SELECT TIMESTAMP '2001-01-01' + to_days(range::INTEGER) AS d, range AS x FROM range(17)";
    const byRows = await profile(query, { chunk: { rows: 10 } });
    expect(byRows.chunks.map(({ label, rowCount }) => [label, rowCount])).toEqual([
      ['rows 1 to 10', 10],
      ['rows 11 to 20', 7],
    ]);
    const weeks = await profile(query, { chunk: { column: 'd', milliseconds: 7 * 86_400_000 } });
    expect(weeks.chunks.map(({ label, rowCount }) => [label, rowCount])).toEqual([
      ['2001-01-01', 7],
      ['2001-01-08', 7],
      ['2001-01-15', 3],
    ]);
    expect(weeks.chunks[1]?.columns[1]?.moments?.mean).toBe(10);
  });
});

describe('mergeProfiles', () => {
  const cell = fc.record({
    x: fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
    n: fc.option(fc.integer({ min: 0, max: 5 })),
    s: fc.option(fc.constantFrom('a', 'b', "it's", '"', '')),
  });

  const literal = (value: number | string | null): string =>
    value === null ? 'NULL' : typeof value === 'number' ? `${value}::DOUBLE` : quoteText(value);

  test('of all chunks is the sketch of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (rows, size) => {
          const values = rows.map(
            (row) => `(${literal(row.x)}, ${literal(row.n)}::BIGINT, ${literal(row.s)}::VARCHAR)`,
          );
          const whole = await profile(`SELECT * FROM (VALUES ${values.join(', ')}) v(x, n, s)`, {
            chunk: { rows: size },
          });
          expect(whole.chunks).toHaveLength(Math.ceil(rows.length / size));
          const merged = whole.chunks.reduce<{ rowCount: number; columns: ColumnSketch[] }>(
            (sum, chunk) => mergeProfiles(sum, chunk),
            { ...whole.chunks[0]!, rowCount: 0, columns: whole.chunks[0]!.columns.map(emptied) },
          );
          expect(merged.rowCount).toBe(whole.rowCount);
          for (const [index, column] of merged.columns.entries()) {
            const expected = whole.columns[index]!;
            expect(column).toMatchObject({
              count: expected.count,
              nulls: expected.nulls,
              histogram: expected.histogram,
            });
            expect(column.distinct).toBe(expected.distinct);
            expect(column.top).toEqual(expected.top);
            expect(column.moments === null).toBe(expected.moments === null);
            if (!column.moments || !expected.moments) continue;
            expect(column.moments.count).toBe(expected.moments.count);
            expect([column.moments.minimum, column.moments.maximum]).toEqual([
              expected.moments.minimum,
              expected.moments.maximum,
            ]);
            const scale = Math.max(
              Math.abs(expected.moments.minimum),
              Math.abs(expected.moments.maximum),
              1e-6,
            );
            expect(Math.abs(column.moments.mean - expected.moments.mean) / scale).toBeLessThan(1e-9);
            const spread = column.moments.standardDeviation ** 2 - expected.moments.standardDeviation ** 2;
            expect(Math.abs(spread) / scale ** 2).toBeLessThan(1e-9);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  function emptied(column: ColumnSketch): ColumnSketch {
    const histogram = column.histogram && {
      ...column.histogram,
      counts: column.histogram.counts.map(() => 0),
    };
    return { ...column, count: 0, nulls: 0, moments: null, histogram, top: { values: [], otherCount: 0 } };
  }

  test('counts a value with the others where the other part may hold more of it', async () => {
    const sketch = (values: { value: string; count: number }[], otherCount: number) => ({
      rowCount: 0,
      columns: [
        {
          name: 's',
          type: 'VARCHAR',
          kind: 'text' as const,
          count: 0,
          nulls: 0,
          distinct: 0,
          moments: null,
          quantiles: null,
          histogram: null,
          top: { values, otherCount },
        },
      ],
    });
    const merged = mergeProfiles(
      sketch(
        [
          { value: 'a', count: 5 },
          { value: 'b', count: 4 },
        ],
        0,
      ),
      sketch([{ value: 'a', count: 1 }], 3),
    );
    expect(merged.columns[0]?.top).toEqual({ values: [{ value: 'a', count: 6 }], otherCount: 7 });
    expect(merged.columns[0]?.distinct).toBeNull();
  });

  test('refuses unequal edges and other columns', async () => {
    const first = await profile('SELECT range AS x FROM range(10)');
    const other = await profile('SELECT range * 2 AS x FROM range(10)');
    expect(() => mergeProfiles(first, other)).toThrow('different edges');
    expect(() => mergeProfiles(first, { rowCount: 1, columns: [] })).toThrow('different columns');
    expect(() => mergeProfiles(first, { ...first, columns: [{ ...first.columns[0]!, name: 'y' }] })).toThrow(
      'different columns',
    );
  });
});
