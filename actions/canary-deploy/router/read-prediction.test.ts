import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketPlace, predictionBucket } from '../engine/prediction-buckets.ts';
import { countGroups, groupPredictions } from '../engine/prediction-groups.ts';
import { firstPrediction } from './read-prediction.ts';

test.each([
  ['{"predictions": ["yes", "no"]}', 'yes'],
  ['{"predictions": [[0.1, 0.7, 0.2]]}', '#1'],
  ['{"predictions": [{"label": "spam", "score": 0.9}]}', 'spam'],
  ['{"predictions": [0, 1]}', 'n:0'],
  ['{"outputs": [{"name": "y", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}]}', 'a'],
  ['{"outputs": [{"shape": [2, 3], "data": [0.9, 0.1, 0, 0.2, 0.8, 0]}]}', '#0'],
  ['{"predictions": [[12.5, 0.25]]}', predictionBucket(12.5)],
  ['{"predictions": [[0.2, 0.2, 0.2]]}', predictionBucket(0.2)],
  ['{"predictions": [[-3, 4]]}', predictionBucket(-3)],
  ['{"predictions": [["a", "b"]]}', 'a'],
  ['{"predictions": [[1, 0]]}', 'n:0'],
  ['[true, false]', 'true'],
  ['[]', undefined],
  ['{"predictions": []}', undefined],
  ['{"outputs": [{}]}', undefined],
  ['{"error": "no such column"}', undefined],
  ['not JSON', undefined],
  ['null', undefined],
])('of %s', (text, name) => {
  expect(firstPrediction(text)).toBe(name);
});

test('the chances of two classes are told apart like the odds, in order and near both ends', () => {
  const place = (chance: number) =>
    bucketPlace(firstPrediction(JSON.stringify({ predictions: [[1 - chance, chance]] }))!)!;
  const places = [0, 0.001, 0.002, 0.02, 0.04, 0.5, 0.9, 0.97, 0.99, 0.999, 1].map(place);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(new Set(places).size).toBe(places.length);
});

test('buckets of numbers are in the order of the numbers, and 5 % wide', () => {
  const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(number, number, (one, other) => {
      const [a, b] = [one, other].map((value) => bucketPlace(predictionBucket(value)!)!) as [number, number];
      if (one < other) expect(a).toBeLessThanOrEqual(b);
      if (one > 0 && other > one * 1.06) expect(a).toBeLessThan(b);
    }),
  );
  expect(bucketPlace('yes')).toBeUndefined();
});

test('numbers are grouped by the tenths of the champion, classes each by itself', () => {
  const champion = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n:${index + 1}`, 1]));
  const groups = groupPredictions({ ...champion, yes: 5 }, { no: 2 });
  expect(countGroups(groups, champion).slice(0, 10)).toEqual(new Array(10).fill(10));
  expect(countGroups(groups, { yes: 5, no: 2, never: 3, 'n:1000': 4 }).slice(9)).toEqual([4, 5, 2, 3]);
});
