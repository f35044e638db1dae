/** Data in a real S3 server: objects, prefixes and globs, held to the checksums that it keeps. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBucket } from '../../shared/aws/bucket.ts';
import { fetchObject } from '../../shared/aws/object-fetch.ts';
import { openObjectStore } from '../../shared/aws/object-store.ts';
import { type Engine, openEngine } from '../../shared/data/engine.ts';
import { loadTable, resolveData } from '../../shared/data/source.ts';
import { startMinistack } from './ministack-server.ts';

const ministack = process.env.MLOPS_TEST_MINISTACK;
if (!ministack && process.env.CI === 'true')
  test('ministack is there', () => expect.fail('MLOPS_TEST_MINISTACK names no interpreter with ministack'));

describe.skipIf(!ministack)('S3', () => {
  let folder: string;
  let engine: Engine;
  let env: NodeJS.ProcessEnv;
  let end: () => Promise<void>;
  let tables = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-source-'));
    engine = await openEngine({ cacheFolder: folder, temporaryFolder: folder, env: {} });
    const server = await startMinistack(ministack!, folder);
    end = server.end;
    env = server.env;
    await ensureBucket('lake', { env });
    const client = new S3Client({
      endpoint: env.AWS_ENDPOINT_URL,
      region: 'eu-central-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await engine.run(`COPY (SELECT 3 AS x) TO '${join(folder, 'p.parquet')}' (FORMAT parquet)`);
    const objects: Record<string, string | Uint8Array> = {
      'rows/a.csv': 'x\n1\n',
      'rows/b.csv.gz': gzipSync('x\n2\n'),
      'rows/deep/c.csv': 'x\n3\n',
      'rows/notes.txt': 'hello',
      'rows/.hidden.csv': 'x\n9\n',
      'parts/day=2024-01-02/p.parquet': await readFile(join(folder, 'p.parquet')),
      'cut/a.csv.gz': gzipSync('x\n'.repeat(9999)).subarray(0, -5),
    };
    for (const [Key, Body] of Object.entries(objects))
      await client.send(new PutObjectCommand({ Bucket: 'lake', Key, Body, ChecksumAlgorithm: 'CRC32' }));
    client.destroy();
  });
  afterAll(async () => {
    engine?.close();
    await end?.();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function load(...patterns: string[]) {
    const table = `t${++tables}`;
    const data = await resolveData(patterns, { env, temporaryFolder: folder });
    const loaded = await loadTable(engine, data, table, { temporaryFolder: folder });
    return { ...loaded, data, rows: await engine.rows(`FROM ${table}`) };
  }

  test.each([
    ['an object', ['s3://lake/rows/a.csv'], [1]],
    ['a prefix', ['s3://lake/rows/'], [1, 2, 3]],
    ['a prefix without a slash', ['s3://lake/rows'], [1, 2, 3]],
    ['a glob', ['s3://lake/rows/*.csv*'], [1, 2]],
    ['a glob over folders', ['s3://lake/rows/**/[a-c].csv'], [1, 3]],
    ['several', ['s3://lake/rows/a.csv', 's3://lake/rows/deep/c.csv', 's3://lake/rows/a.csv'], [1, 3]],
  ])('%s', async (_, patterns, values) => {
    expect((await load(...patterns)).rows.map(({ x }) => x)).toEqual(values);
  });

  test('is named by its address, and digested by its bytes', async () => {
    const { data } = await load('s3://lake/rows/a.csv');
    const sha256 = createHash('sha256').update('x\n1\n').digest('hex');
    expect([data.files[0]?.path, data.digest]).toEqual(['s3://lake/rows/a.csv', `sha256:${sha256}`]);
  });

  test('partitions are columns', async () => {
    const { rows, columns } = await load('s3://lake/parts');
    expect(columns.map(({ type }) => type)).toEqual(['INTEGER', 'DATE']);
    expect(rows).toMatchObject([{ x: 3 }]);
  });

  test.each([
    ['nothing there', 's3://lake/none/*.csv', /No data file matches/],
    [
      'an unreadable object',
      's3://lake/rows/notes.txt',
      /Cannot tell the format of s3:\/\/lake\/rows\/notes\.txt/,
    ],
    ['no bucket of that name', 's3://no-such-bucket/a.csv', /no-such-bucket/],
    ['a truncated object', 's3://lake/cut/a.csv.gz', /s3:\/\/lake\/cut\/a\.csv\.gz is not a whole gzip file/],
  ])('%s is an error for people', async (_, pattern, message) => {
    await expect(load(pattern)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
    });
  });

  test('bytes that are not those of the checksum are refused', async () => {
    const store = await openObjectStore({ bucket: 'lake', prefix: '' }, { env });
    const found = await store.head('rows/a.csv');
    expect(found?.checksum?.algorithm).toBe('CRC32');
    const other = { ...found!, checksum: { algorithm: 'CRC32', value: 'AAAAAA==' } as const };
    const lying = { uriOf: store.uriOf.bind(store), open: store.open.bind(store), head: async () => other };
    await expect(fetchObject(lying as never, 'rows/a.csv', join(folder, 'lie.csv'))).rejects.toThrow(
      /not those that S3 keeps the CRC32 checksum of/,
    );
  });
});
