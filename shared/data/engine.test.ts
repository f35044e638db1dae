import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from './engine.ts';
import { quoteIdentifier, quoteNumber, quoteText } from './sql-text.ts';
import { openTestEngine, temporaryFolder } from './test-engine.ts';

let engine: Engine;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  folder = temporaryFolder();
  engine = await openTestEngine(folder.path);
});
afterEach(() => {
  engine.close();
  folder.remove();
});

describe('a locked engine', () => {
  test.each([
    ['reads a file', (path: string) => `SELECT * FROM read_text('${path}')`],
    ['lists files', (path: string) => `SELECT * FROM glob('${path}*')`],
    ['writes a file', (path: string) => `COPY (SELECT 1) TO '${path}.out'`],
    ['attaches a database', (path: string) => `ATTACH '${path}.db'`],
    ['installs an extension', () => 'INSTALL httpfs'],
    ['loads an extension', () => 'LOAD httpfs'],
    ['undoes the lock', () => 'SET enable_external_access = true'],
    ['unlocks the configuration', () => 'SET lock_configuration = false'],
    ['widens what is readable', (path: string) => `SET allowed_paths = ['${path}']`],
  ])('refuses SQL that %s', async (_, sql) => {
    const path = folder.file('secret.csv', 'x\n1\n');
    await engine.lock([]);
    await expect(engine.rows(sql(path))).rejects.toThrow();
    expect(await engine.rows('SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('still reads the files of the data', async () => {
    const path = join(folder.path, 'a.parquet');
    await engine.run(`COPY (SELECT 7 AS x) TO '${path}'`);
    await engine.run(`CREATE VIEW v AS SELECT * FROM read_parquet('${path}')`);
    await engine.lock([path]);
    expect(await engine.rows('SELECT x FROM v')).toEqual([{ x: 7 }]);
  });
});

describe('an engine', () => {
  test('gives plain values', async () => {
    const rows = await engine.rows(
      `SELECT 1::BIGINT AS a, 9007199254740993 AS b, NULL AS c, [1::BIGINT] AS d, {'v': 2::BIGINT} AS e`,
    );
    expect(rows).toEqual([{ a: 1, b: 9007199254740993n, c: null, d: [1], e: { v: 2 } }]);
  });

  test('counts statements', async () => {
    expect(await engine.countStatements('SELECT 1')).toBe(1);
    expect(await engine.countStatements('SELECT 1; SELECT 2')).toBe(2);
  });

  test('stops when its signal is aborted', async () => {
    const controller = new AbortController();
    const stopping = await openEngine({
      cacheFolder: folder.path,
      temporaryFolder: folder.path,
      env: {},
      signal: controller.signal,
    });
    const long = stopping.rows('SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b');
    controller.abort(new Error('cancelled'));
    await expect(long).rejects.toThrow();
    await expect(stopping.rows('SELECT 1')).rejects.toThrow('cancelled');
    stopping.close();
  });
});

describe('quoting', () => {
  test.each(['plain', `it's`, `"; DROP TABLE t; --`, '\\', 'ünï\ncode', ''])(
    'keeps %j as it is',
    async (text) => {
      expect(await engine.rows(`SELECT ${quoteText(text)} AS v`)).toEqual([{ v: text }]);
      if (text === '') return;
      expect(await engine.rows(`SELECT 1 AS ${quoteIdentifier(text)}`)).toEqual([{ [text]: 1 }]);
    },
  );

  test('keeps numbers and refuses what is none', async () => {
    for (const value of [0.1, -1e-300, 1.7976931348623157e308, 2 ** 53]) {
      expect(await engine.rows(`SELECT ${quoteNumber(value)} AS v`)).toEqual([{ v: value }]);
    }
    expect(() => quoteNumber(Number.NaN)).toThrow(RangeError);
  });
});
