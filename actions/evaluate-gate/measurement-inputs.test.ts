import { expect, test } from 'vitest';
import { type MeasurementInputs, requireMeasurementInputs } from './measurement-inputs.ts';

test.each<[MeasurementInputs]>([
  [{}],
  [{ latency: ['l.csv'], baselineLatency: ['b.csv'] }],
  [{ serveCommand: 'python serve.py', model: 'model', requests: 'r.jsonl' }],
  [{ endpoint: 'http://127.0.0.1:8080', requests: 'r.jsonl', baselineLatency: ['b.csv'] }],
  [{ attributions: ['a.csv'], baselineAttributions: ['b.csv'] }],
])('%j', (given) => {
  expect(() => requireMeasurementInputs(given)).not.toThrow();
});

test.each<[MeasurementInputs, RegExp]>([
  [{ latency: ['l.csv'], endpoint: 'http://x' }, /latency and endpoint are given/],
  [{ serveCommand: 'x', endpoint: 'http://x', requests: 'r' }, /serve-command and endpoint are given/],
  [{ baselineLatency: ['b.csv'] }, /without the speed of the model/],
  [{ serveCommand: 'x', model: 'm' }, /serve-command is given without requests/],
  [{ endpoint: 'http://x' }, /endpoint is given without requests/],
  [{ requests: 'r.jsonl' }, /nothing that they could be sent to/],
  [{ latency: ['l.csv'], requests: 'r.jsonl' }, /nothing that they could be sent to/],
  [{ serveCommand: 'x', requests: 'r.jsonl' }, /without model/],
  [{ baselineAttributions: ['b.csv'] }, /without attributions/],
])('refused: %j', (given, message) => {
  expect(() => requireMeasurementInputs(given)).toThrow(message);
});
