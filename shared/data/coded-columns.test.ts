import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCodedColumns } from './coded-columns.ts';
import { type Engine, quoteText } from './engine.ts';
import { openTestEngine, temporaryFolder } from './test-engine.ts';

const folder = temporaryFolder();
let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine(folder.path);
});
afterAll(() => {
  engine.close();
  folder.remove();
});

const ROWS = 5000;
const NAMES = ['number', 'few', 'own', 'odd', 'none', 'choice', 'flag', 'day'];

/** Texts of few values, of one per row, with a zero character, empty and null; an ENUM, a boolean, a date. */
const SELECTED = `SELECT i / 3 AS number, 'v' || (i * 7 % 11) AS few,
    CASE WHEN i % 5 = 0 THEN NULL ELSE 'täxt ' || (i * 7919 % ${ROWS}) END AS own,
    CASE WHEN i = 40 THEN 'a' || chr(0) || 'b' WHEN i % 3 = 0 THEN '' ELSE repeat('long', (i % 4)::INT) END AS odd,
    NULL::VARCHAR AS none, (CASE WHEN i % 4 = 0 THEN 'yes' ELSE 'no' END)::ENUM('no', 'yes', 'never') AS choice,
    i % 2 = 0 AS flag, DATE '2026-01-01' + (i % 50)::INT AS day
  FROM range(${ROWS}) rows(i)`;

test.each(['table', 'view on a file'])(
  'codes by the engine are those of texts read one by one: %s',
  async (kind) => {
    const from = kind === 'table' ? 'coded_table' : 'coded_view';
    await engine.run(`CREATE OR REPLACE TABLE coded_table AS ${SELECTED}`);
    if (from === 'coded_view') {
      const path = quoteText(join(folder.path, 'coded.parquet'));
      await engine.run(`COPY coded_table TO ${path} (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
      await engine.run(`CREATE VIEW coded_view AS SELECT * FROM read_parquet(${path})`);
    }
    const oneByOne = await readCodedColumns(engine, from, NAMES, ROWS);
    const byEngine = await readCodedColumns(engine, from, NAMES, ROWS, 0);
    expect(Object.keys(byEngine)).toEqual(NAMES);
    for (const name of NAMES) expect(byEngine[name], name).toEqual(oneByOne[name]);
    expect(byEngine.few).toMatchObject({ kind: 'text', names: expect.arrayContaining(['v0', 'v10']) });
    expect(byEngine.odd).toMatchObject({ names: ['', 'long', 'longlong', 'longlonglong', 'a\0b'] });
  },
);

test('a column that is not there is named', async () => {
  await engine.run('CREATE OR REPLACE TABLE coded_table AS SELECT 1 AS distance');
  await expect(readCodedColumns(engine, 'coded_table', ['distanse'], 1, 0)).rejects.toThrow(/distanse/);
});
