import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Engine, type MemoryPlan, openEngine } from './engine.ts';
import { memoryPlan } from './memory-plan.ts';
import { temporaryFolder } from './test-engine.ts';

const file = (path: string, bytes: number) => ({ path, bytes, sha256: '' });

describe('the plan', () => {
  test('leaves small data to the engine', () => {
    expect(memoryPlan({ format: 'csv', files: [file('a.csv', 399e6)] })).toEqual({});
    expect(memoryPlan({ format: 'parquet', files: [file('a.parquet', 199e6)] })).toEqual({});
  });

  test('limits memory by the size of the data, and packs tables of text', () => {
    const many = [file('a.csv', 250e6), file('b.csv', 250e6)];
    expect(memoryPlan({ format: 'csv', files: many })).toEqual({
      compressTables: true,
      memoryLimitBytes: 250e6,
    });
    expect(memoryPlan({ format: 'jsonl', files: [file('a.jsonl', 2e9)] }).memoryLimitBytes).toBe(500e6);
    const parquet = { format: 'parquet' as const, files: [file('a.parquet', 600e6)] };
    expect(memoryPlan(parquet)).toEqual({ compressTables: false, memoryLimitBytes: 120e6 });
  });

  test('counts packed text as larger than it lies there', () => {
    expect(memoryPlan({ format: 'csv', files: [file('a.csv.gz', 80e6)] }).compressTables).toBe(true);
    expect(memoryPlan({ format: 'csv', files: [file('a.csv.gz', 79e6)] })).toEqual({});
  });

  test('sets no limit beyond what the machine has', () => {
    expect(memoryPlan({ format: 'csv', files: [file('a.csv', 1e15)] })).toEqual({ compressTables: true });
  });
});

describe('an engine with a plan', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let engine: Engine | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    engine?.close();
    folder.remove();
  });
  const open = async (memory: MemoryPlan): Promise<Engine> => {
    engine = await openEngine({ cacheFolder: folder.path, temporaryFolder: folder.path, env: {}, memory });
    return engine;
  };
  const limit = async (of: Engine) => (await of.rows(`SELECT current_setting('memory_limit') AS it`))[0]?.it;

  test('gives up its limit where a statement cannot do with it, and answers', async () => {
    const limited = await open({ memoryLimitBytes: 20_000_000 });
    expect(limited.savesMemory).toBe(true);
    const before = await limit(limited);
    expect(before).toBe('19.0 MiB');
    // A list is held whole: it cannot be spilled.
    const [row] = await limited.rows('SELECT length(list(i)) AS n FROM range(6000000) numbers(i)');
    expect(row).toEqual({ n: 6_000_000 });
    expect(await limit(limited)).not.toBe(before);
  });

  test('gives up its limit when it is locked, too, and lets no other setting change', async () => {
    const limited = await open({ memoryLimitBytes: 20_000_000 });
    await limited.lock([]);
    expect(await limit(limited)).toBe('19.0 MiB');
    const [row] = await limited.rows('SELECT length(list(i)) AS n FROM range(6000000) numbers(i)');
    expect(row).toEqual({ n: 6_000_000 });
    await expect(limited.run('SET threads = 1')).rejects.toThrow(/locked/);
    await expect(limited.run('SET enable_external_access = true')).rejects.toThrow();
  });

  test('gives up its limit for numbers that stream, and answers', async () => {
    const limited = await open({ memoryLimitBytes: 20_000_000 });
    const lists = `SELECT length(list(i))::DOUBLE FROM range(6000000) numbers(i)`;
    expect((await limited.numbers(lists, [new Float64Array(1)])).map((own) => [...own])).toEqual([
      [6_000_000],
    ]);
  });

  test('tells of other errors at once', async () => {
    const limited = await open({ memoryLimitBytes: 20_000_000 });
    const before = await limit(limited);
    await expect(limited.rows("SELECT error('Out of Memory, says the user')")).rejects.toThrow(
      /says the user/,
    );
    expect(await limit(limited)).toBe(before);
  });

  test('keeps packed tables, which read as others do, on both connections', async () => {
    const packed = await open({ compressTables: true });
    await packed.run("CREATE TABLE t AS SELECT i % 3 AS x, 'text ' || i % 5 AS y FROM range(300000) n(i)");
    await packed.run('CHECKPOINT');
    const kinds = await packed.rows(
      `SELECT DISTINCT compression FROM pragma_storage_info('t') WHERE column_name = 'x' AND segment_type <> 'VALIDITY'`,
    );
    expect(kinds.map((row) => row.compression)).not.toContain('Uncompressed');
    expect(await packed.rows('SELECT sum(x)::INTEGER AS x, count(DISTINCT y) AS y FROM t')).toEqual([
      { x: 300_000, y: 5 },
    ]);
    const [numbers] = await packed.numbers('SELECT x::DOUBLE FROM t', [new Float64Array(300_000)]);
    expect(numbers!.reduce((sum, number) => sum + number, 0)).toBe(300_000);
  });

  test('says that a temporary table, which belongs to one connection, has no numbers that stream', async () => {
    const plain = await open({});
    await plain.run('CREATE TEMP TABLE own AS SELECT 1.0::DOUBLE AS x');
    await expect(plain.numbers('SELECT x FROM own', [new Float64Array(1)])).rejects.toThrow(
      /own does not exist/,
    );
  });
});
