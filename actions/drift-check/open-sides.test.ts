/** What the inputs that name data stand for: files in any dialect, databases, and records of profiles by their content. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { writeRecordText } from '../../shared/records/text.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { readInputs } from '../../shared/runtime/inputs.ts';
import { startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { sampleDrift } from '../../shared/testing/sample-live-records.ts';
import { sampleProfile } from '../../shared/testing/sample-records.ts';
import { silentLog } from '../../shared/testing/silent-log.ts';
import { definition } from './main.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const write = async (name: string, text: string) => {
  await writeFile(at(name), text);
  return at(name);
};

/** 200 rows of an id, a number with a decimal point, and a label. */
const ROWS = Array.from({ length: 200 }, (_, row) => ({ id: row, x: (row * 37) % 101, y: row % 2 }));
const csv = (columns: (keyof (typeof ROWS)[0])[], delimiter = ',') =>
  `${[columns, ...ROWS.map((row) => columns.map((name) => row[name]))].map((cells) => cells.join(delimiter)).join('\n')}\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-sides-'));
  const database = new DatabaseSync(at('flights.db'));
  database.exec('CREATE TABLE rows (id INTEGER, x INTEGER, y INTEGER)');
  const insert = database.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  for (const { id, x, y } of ROWS) insert.run(id, x, y);
  database.close();
  await write('rows.csv', csv(['id', 'x']));
  await write('labels.csv', csv(['id', 'y']));
  await write('policy.yaml', 'version: 1\ncolumns: {id: id, y_true: y, y_score: x, features: [x]}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(given: Record<string, string>): Promise<DriftCheck> {
  const inputs = readInputs(definition.inputs, (name) => ({ name: 'flights', ...given })[name]);
  const deps = {
    log: silentLog,
    signal: new AbortController().signal,
    env: process.env,
    now: () => new Date('2001-07-01T00:00:00Z'),
    source: { repository: null, commit: null, runUrl: null },
    records: new RecordFolder(at('records'), 'flights'),
    temporaryFolder: folder,
    cacheFolder: process.env.RUNNER_TOOL_CACHE ?? join(homedir(), '.cache', 'mlops-actions'),
    saveState: () => undefined,
  } satisfies Deps;
  return (await definition.run(inputs, deps)).record as DriftCheck;
}

describe('a database', () => {
  test('gives each side the rows of its own query', async () => {
    const database = `sqlite:${at('flights.db')}`;
    const record = await check({
      reference: database,
      'reference-query': 'SELECT id, x FROM rows WHERE id < 150',
      data: database,
      query: 'SELECT id, x FROM rows WHERE id >= 150',
      labels: database,
      'labels-query': 'SELECT id, y FROM rows WHERE id >= 160',
      policy: at('policy.yaml'),
    });
    expect(record.rows).toEqual({ reference: 150, data: 50, labelledReference: 0, labelledData: 40 });
    expect(record.inputs.map(({ role, name }) => `${role} ${name}`).slice(0, 3)).toEqual([
      `reference ${database}`,
      `data ${database}`,
      `labels ${database}`,
    ]);
  });

  test.each([
    [{ query: 'SELECT 1' }, 'A query has no meaning for files', 'inputs.query'],
    [{ 'reference-query': 'SELECT 1' }, 'A query has no meaning for files', 'inputs.reference-query'],
    [{ 'labels-query': 'SELECT 1' }, 'The input labels-query is about a database', 'inputs.labels-query'],
    [
      { labels: 'sqlite:flights.db#rows', 'labels-query': 'SELECT 1' },
      'Both a table and a query',
      'inputs.labels-query',
    ],
  ])('refuses %j', async (given, message, key) => {
    const files = { reference: at('rows.csv'), data: at('rows.csv') };
    await expect(check({ ...files, ...given })).rejects.toMatchObject({
      message: expect.stringContaining(message),
      where: { key },
    });
  });
});

describe('a dialect', () => {
  test('is that of all data that are CSV, and of no others', async () => {
    const reference = await write('strange.csv', csv(['id', 'x'], '^'));
    const given = { dialect: '{delimiter: "^"}', data: `sqlite:${at('flights.db')}#rows`, reference };
    const record = await check(given);
    expect(record.columns.map(({ name }) => name)).toContain('x');
    expect(record.rows).toMatchObject({ reference: 200, data: 200 });
    await expect(check({ ...given, reference: given.data })).rejects.toThrow('none of the data is');
  });

  test('that was found out stands in the record', async () => {
    const data = await write('decimals.csv', `id;x\n${ROWS.map(({ id, x }) => `${id};${x},5`).join('\n')}\n`);
    const { notes } = await check({ reference: at('rows.csv'), data });
    expect(notes).toContainEqual(expect.stringMatching(/^the data: .*decimal commas/));
  });
});

describe('a .json file', () => {
  test('of rows is read as rows', async () => {
    const data = await write('rows.json', JSON.stringify(ROWS));
    const record = await check({ reference: at('rows.csv'), data });
    expect(record).toMatchObject({ approximate: false, rows: { data: 200 } });
  });

  test('from elsewhere is told by its content, too', async () => {
    const texts: Record<string, string> = {
      '/profile.json': writeRecordText(sampleProfile()),
      '/rows.json': JSON.stringify(ROWS),
      '/drift.json': writeRecordText(sampleDrift()),
    };
    const server = await startLoopbackServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(texts[request.url!.split('?')[0]!]);
    });
    try {
      const profiled = {
        reference: `${server.url}/profile.json?signature=secret`,
        data: `${server.url}/profile.json`,
      };
      const ofProfiles = await check(profiled);
      expect(ofProfiles).toMatchObject({ approximate: true, rows: { reference: 50_823 } });
      expect(JSON.stringify(ofProfiles)).not.toContain('secret');
      const ofRows = await check({ reference: at('rows.csv'), data: `${server.url}/rows.json` });
      expect(ofRows).toMatchObject({ approximate: false, rows: { data: 200 } });
      await expect(check({ reference: at('rows.csv'), data: `${server.url}/drift.json` })).rejects.toThrow(
        'drift.json is a DriftCheck, and a DataProfile is needed here',
      );
    } finally {
      await server.close();
    }
  });

  test('of a record that was cut off is no data', async () => {
    const text = writeRecordText(sampleProfile());
    const reference = await write('cut.json', text.slice(0, text.length / 2));
    await expect(check({ reference, data: at('rows.csv') })).rejects.toThrow(/cut\.json is cut off/);
  });
});
