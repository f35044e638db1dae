import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../../shared/data/engine.ts';
import { openTestEngine, temporaryFolder } from '../../../../shared/data/test-engine.ts';
import { readLatencyFiles } from './latency-files.ts';

const folder = temporaryFolder();
let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine(folder.path, 1);
});
afterAll(() => {
  engine.close();
  folder.remove();
});

const read = async (name: string, lines: string[]) => {
  const path = folder.file(name, `${lines.join('\n')}\n`);
  const { sample, files } = await readLatencyFiles(engine, [path], 'latency', 'latency', folder.path);
  expect(files.digest).toMatch(/^sha256:/);
  return [Array.from(sample.answered), sample.failures];
};

describe('a table of requests', () => {
  test('without a status: all were answered', async () => {
    expect(await read('plain.csv', ['latency_ms', '12.5', '3', '7'])).toEqual([[3, 7, 12.5], 0]);
  });

  test('with a status: anything but 2xx failed, whatever its time', async () => {
    const lines = ['latency_ms,status', '5,200', '0.1,500', '0.1,429', ',timeout', '6,204', '9,'];
    expect(await read('status.csv', lines)).toEqual([[5, 6], 4]);
  });

  test('with an error: any text but false failed', async () => {
    const lines = ['latency_ms,error', '5,', '1,connection refused', '6,false'];
    expect(await read('error.csv', lines)).toEqual([[5, 6], 1]);
    const json = [{ latency_ms: 5, error: false }, { latency_ms: 1, error: true }, { latency_ms: 7 }];
    expect(
      await read(
        'error.jsonl',
        json.map((row) => JSON.stringify(row)),
      ),
    ).toEqual([[5, 7], 1]);
  });
});

describe('what load generators write', () => {
  test('vegeta: nanoseconds', async () => {
    const line = (seq: number, code: number, latency: number, error = '') =>
      JSON.stringify({ attack: '', seq, code, timestamp: '2026-01-01T00:00:00Z', latency, error });
    const lines = [
      line(0, 200, 12_500_000),
      line(1, 0, 30_000_000_000, 'EOF'),
      line(2, 503, 1_000_000, '503'),
    ];
    expect(await read('vegeta.jsonl', lines)).toEqual([[12.5], 2]);
  });

  test('k6: only the points of http_req_duration', async () => {
    const point = (metric: string, value: number, status: string) =>
      JSON.stringify({ metric, type: 'Point', data: { time: 't', value, tags: { status, method: 'POST' } } });
    const about = {
      type: 'Metric',
      data: { name: 'http_req_duration', type: 'trend' },
      metric: 'http_req_duration',
    };
    const lines = [
      JSON.stringify(about),
      point('http_reqs', 1, '200'),
      point('http_req_duration', 12.5, '200'),
      point('http_req_duration', 0, '0'),
    ];
    expect(await read('k6.jsonl', lines)).toEqual([[12.5], 1]);
    expect(await read('k6-points.jsonl', lines.slice(1))).toEqual([[12.5], 1]);
  });

  test('JMeter', async () => {
    const lines = [
      'timeStamp,elapsed,label,responseCode,success',
      '1,12,a,200,true',
      '2,3,a,200,false',
      '3,4,a,500,false',
    ];
    expect(await read('results.csv', lines)).toEqual([[12], 2]);
  });
});

test.each<[string, string[], RegExp]>([
  ['no column of times', ['milliseconds', '1'], /no column latency_ms/],
  [
    'an answered request without a time',
    ['latency_ms,status', ',200', '1,200'],
    /time is missing or below 0 in 1 answered request\./,
  ],
  ['a time below 0', ['latency_ms', '-1'], /time is missing or below 0 in 1 answered request\./],
  [
    'a time that is no number',
    ['latency_ms,status', 'fast,200'],
    /time is missing or below 0 in 1 answered request\./,
  ],
  ['no request', ['latency_ms'], /holds no request/],
  ['a broken line', ['latency_ms,status', '1,200', '2,200,3,4'], /cannot be read/],
])('%s is refused', async (what, lines, message) => {
  await expect(read(`${what.replaceAll(' ', '-')}.csv`, lines)).rejects.toThrow(message);
});
