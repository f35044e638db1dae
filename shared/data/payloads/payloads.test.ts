import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { loadTable, resolveData } from '../source.ts';
import { openTestEngine, temporaryFolder } from '../test-engine.ts';

let engine: Engine;
let folder: ReturnType<typeof temporaryFolder>;
let spill: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  spill = temporaryFolder();
  engine = await openTestEngine(spill.path);
});
afterAll(() => {
  engine.close();
  spill.remove();
});
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function load(...paths: string[]) {
  const loaded = await loadTable(engine, await resolveData(paths), 'log', { temporaryFolder: spill.path });
  return { ...loaded, rows: await engine.rows('FROM log') };
}

describe("SageMaker's Data Capture", () => {
  test('CSV, plain and in base64, becomes numbered features and one prediction', async () => {
    const { rows, rejected, notes, columns } = await load(fixture('sagemaker-csv.jsonl'));
    const common = { event_time: expect.anything(), inference_id: null };
    const id = 'bfb8dc50-7c70-4c60-9c3b-c6ae1f3fb2b1';
    expect(rows.map((row) => ({ ...row, event_id: String(row.event_id) }))).toEqual([
      {
        ...{ ...common, event_id: id, event_row: 0, prediction: 0.01076381653547287 },
        ...{ feature_0: 132, feature_1: 25, feature_2: 113.2, feature_3: 96, feature_4: 'NY' },
      },
      {
        ...{ ...common, event_id: id, event_row: 1, prediction: 0.9 },
        ...{ feature_0: 7, feature_1: 3, feature_2: null, feature_3: 5, feature_4: 'O, K' },
      },
      {
        ...{ ...common, event_id: '0c4fbb60-dd95-4c4b-8b1b-9cf0e7a4a1bb', event_row: 0, prediction: 0.5 },
        ...{
          inference_id: 'ride-7',
          feature_0: 1,
          feature_1: 2,
          feature_2: 3,
          feature_3: 4,
          feature_4: 'CA',
        },
      },
    ]);
    expect(columns.find(({ name }) => name === 'event_time')?.type).toBe('TIMESTAMP');
    expect(rejected).toEqual([
      {
        file: fixture('sagemaker-csv.jsonl'),
        line: 3,
        message: expect.stringContaining('application/x-image'),
      },
    ]);
    expect(notes).toEqual([expect.stringContaining("SageMaker's Data Capture")]);
  });

  test('JSON keeps the names of its features, and names predictions after its own', async () => {
    const { rows, rejected } = await load(fixture('sagemaker-json.jsonl'));
    expect(rows.map(({ event_time: _, ...row }) => row)).toEqual([
      { event_id: 'a', event_row: 0, age: 41, city: 'Bern', prediction_score: 0.25, prediction_label: 0 },
      { event_id: 'a', event_row: 1, age: 29, city: null, prediction_score: 0.75, prediction_label: 1 },
      { event_id: 'b', event_row: 0, age: 50, city: 'Chur', prediction_score: 0.5, prediction_label: 1 },
    ]);
    expect(rejected).toMatchObject([{ line: 3, message: '2 rows were asked and 1 answered' }]);
  });

  test('a feature with the name of a column of the log is no reason to overwrite it', async () => {
    const data = JSON.stringify({ instances: [{ event_id: 'mine' }] });
    const input = { observedContentType: 'application/json', mode: 'INPUT', data, encoding: 'JSON' };
    const line = {
      captureData: { endpointInput: input },
      eventMetadata: { eventId: 'e', inferenceTime: 't' },
    };
    const { rejected, rowCount } = await load(folder.file('a.jsonl', `${JSON.stringify(line)}\n`));
    expect([rowCount, rejected[0]?.message]).toEqual([
      0,
      'a feature is called event_id, which is a column of the log',
    ]);
  });
});

describe('the V2 inference protocol', () => {
  test('joins requests and answers on their id, row by row', async () => {
    const { rows, rejected, notes } = await load(fixture('v2-events.jsonl'));
    expect(rows).toEqual([
      {
        ...{ event_id: 'e1', event_time: new Date('2026-11-18T08:00:00Z'), event_row: 0 },
        ...{ age: 41, city: 'Bern', vector_0: 0.5, vector_1: 1.5, prediction_score: 0.25 },
      },
      {
        ...{ event_id: 'e1', event_time: new Date('2026-11-18T08:00:00Z'), event_row: 1 },
        ...{ age: 29, city: 'Chur', vector_0: 2.5, vector_1: 3.5, prediction_score: 0.75 },
      },
      {
        ...{ event_id: 'e2', event_time: new Date('2026-11-18T08:00:02Z'), event_row: 0 },
        ...{ age: 50, city: null, vector_0: null, vector_1: null, prediction_score: null },
      },
    ]);
    expect(rejected).toMatchObject([{ line: 4, message: 'age has 1 values where its shape has 3' }]);
    expect(notes.at(-1)).toBe('1 rows were asked and have no answer in the log.');
  });

  test('bare answers alone are a table of predictions', async () => {
    const line = {
      id: 'x',
      model_name: 'm',
      outputs: [{ name: 'y', shape: [2], datatype: 'FP32', data: [1, 2] }],
    };
    const { rows } = await load(folder.file('a.jsonl', `${JSON.stringify(line)}\n`));
    expect(rows.map((row) => row.prediction_y)).toEqual([1, 2]);
  });

  test('rows that have a column called inputs are rows', async () => {
    const { rows, notes } = await load(
      folder.file('a.jsonl', '{"inputs":"a","n":1}\n{"inputs":"b","n":2}\n'),
    );
    expect([rows, notes]).toEqual([
      [
        { inputs: 'a', n: 1 },
        { inputs: 'b', n: 2 },
      ],
      [],
    ]);
  });
});
