import { expect, test } from 'vitest';
import { type Given, judgedFrom } from './inputs.ts';

test.each<[Given, string]>([
  [{ predictions: ['p.csv'] }, 'predictions'],
  [{ metrics: ['m.json'], baselineMetrics: ['b.json'], model: 'model' }, 'metrics'],
  [{ predictCommand: 'python predict.py', model: 'model', data: ['d.csv'] }, 'predict-command'],
])('%j', (given, way) => {
  expect(judgedFrom(given)).toBe(way);
});

test.each<[Given, RegExp]>([
  [{}, /nothing to judge/],
  [{ predictions: ['p.csv'], metrics: ['m.json'] }, /predictions and metrics are given/],
  [{ predictCommand: 'x', data: ['d.csv'] }, /without model/],
  [{ predictCommand: 'x', model: 'm' }, /without data/],
  [
    { metrics: ['m.json'], baselinePredictions: ['p.csv'] },
    /baseline-predictions cannot be compared with metrics/,
  ],
  [{ metrics: ['m.json'], baseline: 'oci-layout:r/n@champion' }, /baseline cannot be compared with metrics/],
  [{ predictions: ['p.csv'], baselineMetrics: ['b.json'] }, /without metrics/],
  [
    { predictions: ['p.csv'], baseline: 'x', baselinePredictions: ['b.csv'] },
    /Both baseline and baseline-predictions/,
  ],
])('refused: %j', (given, message) => {
  expect(() => judgedFrom(given)).toThrow(message);
});
