/** What a profile loses, and how far that may take an effect from that of the rows; several profiles as one. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveData } from '../../shared/data/source.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import { writeRecordText } from '../../shared/records/text.ts';
import { compareNumeric } from './compare-columns.ts';
import { compareNumericSketches } from './compare-sketches.ts';
import { profileOfFiles } from './profile-source.ts';
import { fromRows, type NumericSketch } from './sketch-column.ts';

const numeric = (values: number[]) => ({ kind: 'numeric' as const, values: Float64Array.from(values) });

describe('the error of a profile', () => {
  const value = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 10);
  const values = fc.array(value, { minLength: 2, maxLength: 80 });
  const edges = fc
    .uniqueArray(value, { minLength: 1, maxLength: 12 })
    .map((list) => list.sort((a, b) => a - b));

  test.each(['wasserstein', 'kolmogorov_smirnov'] as const)('%s of rows lies within the bound', (measure) => {
    fc.assert(
      fc.property(values, values, edges, (first, second, bounds) => {
        fc.pre(new Set(first).size > 1);
        const cells = { kind: 'numeric', edges: bounds } as unknown as NumericSketch;
        const [before, now] = [first, second].map((rows) => fromRows(numeric(rows), cells) as NumericSketch);
        const sketched = compareNumericSketches(before!, now!, measure);
        const exact = compareNumeric(numeric(first), numeric(second), measure).values!.effect;
        expect(Math.abs(sketched.values!.effect - exact)).toBeLessThanOrEqual(sketched.effectError! + 1e-9);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('measures whose cells are not those of rows have no bound', () => {
    const cells = { kind: 'numeric', edges: [0] } as unknown as NumericSketch;
    const side = (rows: number[]) => fromRows(numeric(rows), cells) as NumericSketch;
    expect(compareNumericSketches(side([-1, 1]), side([1, 1]), 'psi').effectError).toBeNull();
  });
});

describe('several profiles', () => {
  const profile = (digit: string, counts: number[], edges = [0]): DataProfile => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    const moments = { count: rows, mean: 0, standardDeviation: 1, minimum: -2, maximum: 2 };
    const histogram = { edges, counts };
    return {
      ...recordHead('DataProfile', {
        name: 'flights',
        source: { repository: null, commit: null, runUrl: null },
        createdAt: new Date('2001-07-01T00:00:00Z'),
        subject: `sha256:${digit.repeat(64)}`,
        inputs: [],
        verdict: 'pass',
        reason: 'Described.',
      }),
      format: 'csv',
      files: [],
      rowCount: rows,
      rejectedLines: 0,
      columns: [
        {
          name: 'x',
          type: 'DOUBLE',
          kind: 'numeric',
          count: rows,
          nulls: 0,
          distinct: null,
          moments,
          quantiles: null,
          histogram,
          top: null,
        },
      ],
      chunks: [],
      approximate: [],
    };
  };
  const find = async (given: string[]) => (await profileOfFiles(await resolveData(given)))!;

  test('days add up to a week, by list or by glob; the same day twice, or other edges, are refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    const write = async (name: string, record: DataProfile) => {
      const path = join(folder, name);
      await writeFile(path, writeRecordText(record));
      return path;
    };
    const monday = await write('monday.json', profile('1', [3, 4]));
    const tuesday = await write('tuesday.json', profile('2', [10, 0]));
    const listed = await find([tuesday, monday]);
    expect(listed).toMatchObject({ rowCount: 17, columns: [{ count: 17, histogram: { counts: [13, 4] } }] });
    const globbed = await find([join(folder, '*.json')]);
    expect(globbed.subject).toEqual(listed.subject);
    const again = await write('again.json', profile('1', [3, 4]));
    await expect(find([monday, again])).rejects.toThrow(/same rows/);
    const other = await write('other.json', profile('3', [1, 1], [1]));
    await expect(find([monday, other])).rejects.toThrow(/different edges/);
    await expect(find([join(folder, 'none-*.json')])).rejects.toThrow(/No data file matches/);
  });
});
