import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberClusters, type Rows } from '../../../shared/metrics/rows.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import type { JudgedRows } from '../predictions/rows-of-table.ts';
import { mostFails } from './draw-verdicts.ts';
import { swapPairs, unitsOf } from './swapped-rows.ts';

const COUNT = 60;
const truth = new Float64Array(COUNT);
/** Numbers that say of which model and row they are. */
const column = (model: number, more = 0) =>
  Float64Array.from({ length: COUNT }, (_, row) => 1000 * model + row + more);
const model = (number: number): Rows => ({
  truth,
  predicted: column(number),
  score: column(number, 0.5),
  classScores: [column(number, 0.25), column(number, 0.75)],
  labels: [{ name: 'a', truth, predicted: column(number, 0.1), score: column(number, 0.2) }],
});
const judged = (more: Partial<JudgedRows> = {}): JudgedRows => ({
  champion: model(1),
  challenger: model(2),
  seeds: undefined,
  features: {},
  labels: [],
  notes: [],
  ...more,
});
const columnsOf = (rows: Rows) => [
  rows.predicted!,
  rows.score!,
  ...rows.classScores!,
  rows.labels![0]!.predicted!,
  rows.labels![0]!.score!,
];
const from = (rows: Rows) =>
  columnsOf(rows).map((values) => [...values].map((value) => Math.floor(value / 1000)));

test('each row is swapped whole, in all columns, and neither side loses a prediction', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { champion, challenger } = swapPairs(judged(), undefined, randomGenerator(seed));
      const [first, ...others] = from(champion!);
      for (const other of others) expect(other).toEqual(first);
      for (const column of from(challenger)) expect(column).toEqual(first!.map((side) => 3 - side));
      expect(columnsOf(champion!)[0]!.map((value) => value % 1000)).toEqual(
        Float64Array.from({ length: COUNT }, (_, row) => row),
      );
    }),
    { numRuns: 20 },
  );
});

test('half of the rows are swapped, and each draw is another, in arrays of its own', () => {
  const rows = judged();
  const random = randomGenerator(1);
  let swapped = 0;
  for (let draw = 0; draw < 200; draw++)
    swapped += from(swapPairs(rows, undefined, random).champion!)[0]!.filter((side) => side === 2).length;
  expect(swapped / (200 * COUNT)).toBeCloseTo(0.5, 1);
  expect(rows.champion!.predicted).toEqual(column(1));
});

test('the rows of a cluster are swapped together, and the seeds of a row', () => {
  const clusters = numberClusters(Array.from({ length: COUNT }, (_, row) => row % 7));
  const drawn = swapPairs(
    judged({ seeds: { champion: [model(1), model(3)], challenger: [model(2), model(4)] } }),
    clusters,
    randomGenerator(2),
  );
  const [first, second] = drawn.seeds!.champion!.map((rows) => from(rows)[0]!);
  for (let row = 7; row < COUNT; row++) expect(first![row]).toBe(first![row - 7]);
  expect(second).toEqual(first!.map((side) => side + 2));
  expect(new Set(first).size).toBe(2);
});

test('queries, series and clusters stand or fall as a whole, a query also where it is cut by clusters', () => {
  const numbered = (size: number) =>
    numberClusters(Array.from({ length: COUNT }, (_, row) => Math.floor(row / size)));
  const [queries, clusters] = [numbered(6), numbered(10)];
  expect(unitsOf('binary', model(1))).toEqual({ units: undefined, swapped: 'rows' });
  expect(unitsOf('binary', { ...model(1), clusters })).toEqual({ units: clusters, swapped: 'clusters' });
  expect(unitsOf('ranking', { ...model(1), groups: queries })).toEqual({
    units: queries,
    swapped: 'queries',
  });
  expect(unitsOf('forecasting', { ...model(1), groups: queries, clusters: queries }).swapped).toBe('series');
  const both = unitsOf('ranking', { ...model(1), groups: queries, clusters });
  expect(both.swapped).toBe('clusters');
  const [first] = from(swapPairs(judged(), both.units, randomGenerator(4)).champion!);
  for (let row = 0; row < COUNT; row += 6)
    expect(new Set(first!.slice(row, row + 6)).size, `query of row ${row}`).toBe(1);
});

test('a column that only one model has is lost to both', () => {
  const drawn = swapPairs(
    judged({
      champion: { truth, predicted: column(1) },
      challenger: { truth, predicted: column(2), score: column(2) },
    }),
    undefined,
    randomGenerator(3),
  );
  expect(drawn.challenger.score).toBeUndefined();
  expect(drawn.challenger.predicted).toBeDefined();
});

test('of 1,000 draws that fail by 2.5 % at most 37 do, but for one in a hundred such thousands', () => {
  expect(mostFails(1000, 0.025)).toBe(37);
  expect(mostFails(200, 0.025)).toBe(11);
  expect(mostFails(100, 0.05)).toBe(11);
});
