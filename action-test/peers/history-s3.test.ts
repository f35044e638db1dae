/** Profiles of earlier runs in a real S3 server: what is found there is what is found in a folder of the same files. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeHistory } from '../../actions/validate-data/history/history.test-kit.ts';
import { readHistory } from '../../actions/validate-data/history/read-history.ts';
import { ensureBucket } from '../../shared/aws/bucket.ts';
import { openObjectStore } from '../../shared/aws/object-store.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import { startMinistack } from './ministack-server.ts';

const ministack = process.env.MLOPS_TEST_MINISTACK;
if (!ministack && process.env.CI === 'true')
  test('ministack is there', () => expect.fail('MLOPS_TEST_MINISTACK names no interpreter with ministack'));

describe.skipIf(!ministack)('history in S3', () => {
  let folder: string;
  let history: string;
  let env: NodeJS.ProcessEnv;
  let end: () => Promise<void>;

  const put = async (key: string, text: string) => {
    const store = await openObjectStore({ bucket: 'profiles', prefix: '' }, { env });
    const bytes = new TextEncoder().encode(text);
    await store.put(key, { bytes, size: bytes.length, digest: sha256(bytes) });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'history-s3-'));
    history = await writeHistory(join(folder, 'history'), [
      { daysAgo: 4, rowCount: 4 },
      { daysAgo: 3, rowCount: 5, verdict: 'warn' },
      { daysAgo: 2, rowCount: 900, verdict: 'fail' },
      { daysAgo: 1, rowCount: 901, name: 'other-model' },
    ]);
    const server = await startMinistack(ministack!, folder);
    end = server.end;
    env = server.env;
    await ensureBucket('profiles', { env });
    for (const name of await readdir(history, { recursive: true })) {
      if (name.endsWith('.json')) await put(`daily/${name}`, await readFile(join(history, name), 'utf8'));
    }
    await put('daily/notes.txt', 'hello');
    await put('damaged/DataProfile-aaaaaaaaaaaa.json', '{"kind": "DataPro');
  });
  afterAll(async () => {
    await end?.();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const read = (...given: string[]) => {
    const now = new Date('2001-02-01T00:00:00Z');
    const columns = ['x', 'k'].map((name) => ({ name }));
    return readHistory(given, { name: 'model', digest: sha256(''), columns, now }, { env });
  };

  test.each([
    's3://profiles/daily',
    's3://profiles/daily/',
    's3://profiles/daily/*/*.json',
    's3://profiles/daily/**/DataProfile-*.json',
  ])('%s is as the folder', async (given) => {
    const [inBucket, inFolder] = await Promise.all([read(given), read(history)]);
    expect(inBucket).toEqual({ ...inFolder, input: { ...inFolder.input, name: given } });
    expect(inBucket.runs.map(({ rowCount }) => rowCount)).toEqual([4, 5]);
    expect(inBucket.leftOut).toEqual(['1 of another name', '1 whose data did not pass']);
  });

  test('one profile by its key, and nothing below a prefix for a first run', async () => {
    const [name] = (await readdir(join(history, 'other-model'))).filter((file) => /^DataProfile/.test(file));
    const { leftOut } = await read(`s3://profiles/daily/other-model/${name}`);
    expect(leftOut).toEqual(['1 of another name']);
    expect((await read('s3://profiles/none')).runs).toEqual([]);
  });

  test.each([
    ['a damaged record', 's3://profiles/damaged', /damaged\/DataProfile-aaaaaaaaaaaa\.json is cut off/],
    ['no record of that key', 's3://profiles/none.json', /none\.json is no DataProfile/],
    ['no bucket', 's3://no-such-bucket/daily', /There is no bucket no-such-bucket/],
    ['no address', 's3://A/b', /is no place in S3/],
  ])('%s is an error for people', async (_, given, message) => {
    await expect(read(given)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
    });
  });
});
