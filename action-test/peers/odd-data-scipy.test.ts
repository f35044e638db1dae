/**
 * Odd files against Python: what rows and numbers validate-data finds in them is what the csv module, json and pyarrow
 * do, and each measure of drift-check between them and plain rows is scipy's, as is each p. A measure without an oracle
 * is red, and so is one that was not asked about a kind of odd data.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assess } from '../../actions/drift-check/assess.ts';
import { type LoadedSide, loadSide } from '../../actions/drift-check/load.ts';
import { policyOf } from '../../actions/drift-check/test-tables.ts';
import { type Kit, testKit } from '../../actions/validate-data/judge.test-kit.ts';
import { resolveData } from '../../shared/data/source.ts';
import { openTestEngine, temporaryFolder } from '../../shared/data/test-engine.ts';
import { DRIFT_MEASURES, type DriftMeasure, measureFits } from '../../shared/records/drift-policy.ts';
import { type OddPaths, writeOddData } from '../../shared/testing/odd-data.ts';
import { ask, expectClose, LONGEST, python, requirePython } from './oracle.ts';

interface Summary {
  rows: number;
  nulls: number;
  distinct: number;
  finite: number | null;
  mean?: number;
  deviation?: number;
  minimum?: number;
  maximum?: number;
}
type Effects = Record<string, Partial<Record<DriftMeasure, number>>>;
/** By column: before and after Benjamini–Hochberg; null where nothing can be tested. */
interface Ps {
  raw: Record<string, number | null>;
  adjusted: Record<string, number>;
}
type PAnswer = Record<(typeof WAYS)[number], Ps> & {
  nulls: Record<string, number | null>;
  correlations: Record<string, { reference: number; data: number; p: number }>;
};
type Answer = Record<
  string,
  {
    columns: Record<string, Summary>;
    asData: Effects;
    asReference: Effects;
    pAsData: PAnswer;
    pAsReference: PAnswer;
  }
>;

/** What gives a column its p: the default rule, or p alone by the test of a measure. */
const WAYS = ['both', 'kolmogorov_smirnov', 'chi_squared'] as const;

/** Of each kind of odd data the files that hold it. Where none of them can be read the actions say so, and why. */
const KINDS: Record<string, string[]> = {
  empty: ['a header alone', 'Parquet without rows'],
  'one row': ['one row'],
  constant: ['constant'],
  'all null': ['all null', 'all null text', 'nothing but nulls', 'Parquet of nulls'],
  'one category': ['one category'],
  infinities: ['infinities', 'all infinite', 'no number at all', 'Parquet with infinities'],
  'the ends of numbers': [
    'numbers at the end of what a number can be',
    'numbers beyond what a number can be',
  ],
  'mixed types': ['mixed types', 'a word among numbers', 'types that change from object to object'],
  'unseen categories': ['unseen categories'],
  'a removed column': ['a removed column'],
  'a renamed column': ['a renamed column'],
  'duplicate headers': ['duplicate headers', 'Parquet with duplicate names', 'a header without a name'],
  'a byte order mark': ['a byte order mark', 'UTF-16'],
  'ends of lines': ['carriage returns and line feeds', 'carriage returns', 'lines that end now so, now so'],
  'quotes in quotes': [
    'quotes in quotes',
    'the same, with ends of lines in quotes',
    'a quote that is not closed',
  ],
  'broken lines': ['short and long lines', 'truncated lines of JSON'],
  '10 MB in one cell': ['10 MB in a cell', '10 MB in a quoted cell', '10 MB of digits'],
};
const FILES = ['plain', ...Object.values(KINDS).flat()];

let kit: Kit;
let odd: OddPaths;
let answer: Answer;
let folder: ReturnType<typeof temporaryFolder>;
let sides: Map<string, LoadedSide>;

requirePython();
describe.skipIf(!python)('odd data (set MLOPS_TEST_PYTHON to an interpreter with scipy and pyarrow)', () => {
  beforeAll(async () => {
    kit = testKit();
    folder = temporaryFolder();
    const engine = await openTestEngine(folder.path);
    odd = await writeOddData(engine, folder.path);
    engine.close();
    sides = new Map();
    for (const name of FILES) {
      const files = await resolveData([odd[name]!]);
      const side = { where: 'the data', columns: {}, temporaryFolder: folder.path } as const;
      const own = await openTestEngine(folder.path);
      sides.set(name, await loadSide(own, files, side));
      own.close();
    }
    const readable = Object.fromEntries(FILES.map((name) => [name, odd[name]!]));
    [answer] = ask<Answer>([readable], 'odd_data_oracle.py') as [Answer];
  }, LONGEST);
  afterAll(() => {
    kit.remove();
    folder.remove();
  });

  test('every file that can be read is of a kind', async () => {
    const ordinary = /^(gzip|parquet|a zero byte|Parquet with (bytes|lists and structures))$/;
    for (const [name, path] of Object.entries(odd)) {
      if (FILES.includes(name)) continue;
      const judged = kit.judge({ data: [path] });
      if (ordinary.test(name)) expect((await judged).profile.rowCount).toBe(120);
      else await expect(judged, name).rejects.toMatchObject({ name: 'UserError' });
    }
  });

  test.each(FILES)('rows, nulls, distinct values and moments: %s', async (name) => {
    const { profile } = await kit.judge({ data: [odd[name]!] });
    const { columns } = answer[name]!;
    expect(profile.columns.map((column) => column.name)).toEqual(Object.keys(columns));
    for (const { name: column, count, nulls, distinct, moments } of profile.columns) {
      const { rows, finite, ...said } = columns[column]!;
      expect([column, count + nulls, nulls, distinct]).toEqual([column, rows, said.nulls, said.distinct]);
      expect(profile.rowCount).toBe(rows);
      expect([column, moments?.count ?? null]).toEqual([column, finite]);
      if (!moments) continue;
      // A record keeps twelve digits of a column's magnitude.
      const scale = Math.max(Math.abs(said.minimum!), Math.abs(said.maximum!), 1);
      for (const [found, wanted] of [
        [moments.mean, said.mean!],
        [moments.standardDeviation, said.deviation!],
        [moments.minimum, said.minimum!],
        [moments.maximum, said.maximum!],
      ] as const)
        expectClose(found / scale, wanted / scale, `${column} of ${name}`);
    }
  });

  describe.each(WAYS)('p by %s', (way) => {
    const policy = policyOf({
      multivariate: false,
      defaults: way === 'both' ? {} : { decide_on: 'p_value', measure: { numeric: way, categorical: 'psi' } },
    });

    test.each(Object.entries(KINDS))('%s', (_, files) => {
      let asked = 0;
      for (const name of files) {
        const [plain, side] = [sides.get('plain')!, sides.get(name)!];
        for (const [reference, data, said] of [
          [plain, side, answer[name]!.pAsData],
          [side, plain, answer[name]!.pAsReference],
        ] as const) {
          const { columns, correlations } = assess(reference.table, data.table, {
            policy,
            metrics: [],
            importance: new Map(),
            times: reference.times,
            timesNow: data.times,
          });
          const { raw, adjusted } = said[way];
          const known = columns.filter(({ status }) => !['missing', 'new', 'type_changed'].includes(status));
          expect(known.map((column) => column.name).sort()).toEqual(Object.keys(raw).sort());
          for (const { name: column, kind, pValue, adjustedPValue, nulls } of known) {
            const what = `${column} (${kind}) of ${name}`;
            expectSame(pValue, raw[column], `p of ${what}`);
            expectSame(adjustedPValue, adjusted[column], `adjusted p of ${what}`);
            expectSame(nulls?.pValue, said.nulls[column], `p of nulls of ${what}`);
            asked++;
          }
          const pairs = correlations!.largest.map(
            ({ columns: pair, ...found }) => [pair.join(' '), found] as const,
          );
          expect([name, ...pairs.map(([pair]) => pair)]).toEqual([name, ...Object.keys(said.correlations)]);
          for (const [pair, found] of pairs) {
            const wanted = said.correlations[pair]!;
            expectClose(found.reference, wanted.reference, `${pair} of ${name}`);
            expectClose(found.data, wanted.data, `${pair} of ${name}`);
            expectClose(found.adjustedPValue, wanted.p, `p of ${pair} of ${name}`);
          }
        }
      }
      expect(asked).toBeGreaterThan(0);
    });
  });

  describe.each(DRIFT_MEASURES)('%s', (measure) => {
    const policy = policyOf({
      correlations: false,
      multivariate: false,
      defaults: {
        decide_on: 'measure',
        measure: { numeric: measure, categorical: measureFits(measure, 'categorical') ? measure : 'psi' },
        limit: 0.1,
      },
    });
    const effects = (reference: LoadedSide, data: LoadedSide) =>
      assess(reference.table, data.table, {
        policy,
        metrics: [],
        importance: new Map(),
        times: reference.times,
        timesNow: data.times,
      }).columns;

    test.each(Object.entries(KINDS))('%s', (_, files) => {
      let asked = 0;
      for (const name of files) {
        const [plain, side] = [sides.get('plain')!, sides.get(name)!];
        for (const [columns, said] of [
          [effects(plain, side), answer[name]!.asData],
          [effects(side, plain), answer[name]!.asReference],
        ] as const) {
          const known = columns.filter(({ status }) => !['missing', 'new', 'type_changed'].includes(status));
          expect(known.map((column) => column.name).sort()).toEqual(Object.keys(said).sort());
          for (const { name: column, kind, effect, measure: used } of known) {
            if (used !== measure) continue;
            asked++;
            const wanted = said[column]![measure];
            const what = `${column} (${kind}) of ${name}`;
            if (wanted === undefined || effect === null) {
              // Nothing on a side, or one and the same value on both.
              expect([what, effect, Object.keys(said[column]!)]).toEqual([what, null, []]);
              continue;
            }
            // The root of a rounding error of 1e-17 is 1e-9.
            const isRoot = measure === 'jensen_shannon_distance' && wanted < 1e-6;
            if (!(isRoot && effect < 1e-6)) expectClose(effect, wanted, what);
          }
        }
      }
      expect(asked).toBeGreaterThan(0);
    });
  });
});

/** Small ones as well: relative to what it is there. */
function expectSame(found: number | null | undefined, wanted: number | null | undefined, what: string): void {
  if (typeof found === 'number' && typeof wanted === 'number' && wanted > 1e-290)
    expectClose(found / wanted, 1, what);
  else expect([what, found ?? null]).toEqual([what, wanted ?? null]);
}
