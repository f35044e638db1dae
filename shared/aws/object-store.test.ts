import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { AwsFault } from '../testing/aws/aws-fault.ts';
import { type S3Server, type S3ServerOptions, startS3Server } from '../testing/aws/s3-server.ts';
import { type ObjectStore, openObjectStore } from './object-store.ts';

const MEBIBYTE = 1024 * 1024;
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const text = (words: string) => new TextEncoder().encode(words);

let folder: string;
let server: S3Server;
let fault: S3ServerOptions['fault'];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'object-store-'));
  fault = undefined;
  server = await startS3Server({ pageSize: 3, fault: (call) => fault?.(call) ?? 'none' });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const openStore = (env: Record<string, string> = {}): Promise<ObjectStore> =>
  openObjectStore('s3://models/team', { env: { ...server.env, ...env } });

const operations = () => server.calls.map((call) => call.operation);

/** Different in every byte's neighbourhood, so that parts cannot be mistaken for each other. */
async function makeFile(name: string, size: number): Promise<{ path: string; size: number; digest: string }> {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4096) bytes.writeUInt32LE(at, at);
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { path, size, digest: digestOf(bytes) };
}

describe('objects', () => {
  test('are stored once, listed over pages, read, saved and deleted', async () => {
    const store = await openStore();
    const keys = ['a/ü 1&2.json', 'a/b', 'a/c+d', 'a/e', 'b'];
    for (const key of keys) {
      const bytes = text(key);
      const content = { bytes, size: bytes.length, digest: digestOf(bytes) };
      expect(await store.put(key, content)).toEqual({ sent: true });
      expect(await store.put(key, content)).toEqual({ sent: false });
    }
    expect((await store.list('a/')).map(({ key }) => key).sort()).toEqual(keys.slice(0, 4).sort());
    expect(await store.list()).toHaveLength(5);
    const key = keys[0]!;
    expect(await store.head(key)).toMatchObject({ size: text(key).length, digest: digestOf(text(key)) });
    expect(new TextDecoder().decode((await store.read(key))?.bytes)).toBe(key);
    await store.save(key, join(folder, 'saved'), digestOf(text(key)));
    expect(await readFile(join(folder, 'saved'), 'utf8')).toBe(key);
    await store.delete(keys);
    await store.delete(keys);
    expect(server.objects.size).toBe(0);
    expect(await store.head(key)).toBeUndefined();
    expect(await store.read(key)).toBeUndefined();
    expect(await store.open(key)).toBeUndefined();
    await expect(store.save(key, join(folder, 'gone'), digestOf(text(key)))).rejects.toThrow('is gone');
  });

  test('that are damaged are refused, and leave no file', async () => {
    const store = await openStore();
    const bytes = text('right');
    await store.put('a', { bytes, size: 5, digest: digestOf(bytes) });
    server.objects.get('models/team/a')!.bytes = Buffer.from('wrong');
    await expect(store.read('a', digestOf(bytes))).rejects.toThrow('has the digest');
    await expect(store.save('a', join(folder, 'a'), digestOf(bytes))).rejects.toThrow('has the digest');
    expect(await stat(join(folder, 'a')).catch(() => 'none')).toBe('none');
  });

  test('whose file changed after it was hashed are not stored', async () => {
    const store = await openStore();
    for (const size of [1000, 17 * MEBIBYTE]) {
      const file = await makeFile('changing', size);
      await writeFile(file.path, Buffer.alloc(size, 'x'));
      await expect(store.put('a', file)).rejects.toThrow('changed while it was stored');
    }
    expect(server.objects.size).toBe(0);
    expect(server.uploads.size).toBe(0);
  });

  test('are written under a condition by one of many', async () => {
    const store = await openStore();
    const first = await Promise.all(
      ['1', '2', '3'].map((body) => store.putIf('alias', text(body), 'absent')),
    );
    const [won] = first.filter((outcome) => outcome !== undefined);
    expect(first.filter((outcome) => outcome === undefined)).toHaveLength(2);
    expect(await store.putIf('alias', text('next'), { etag: '"other"' })).toBeUndefined();
    expect(await store.putIf('alias', text('next'), won!)).toMatchObject({ etag: expect.any(String) });
    expect(await store.putIf('gone', text('next'), won!)).toBeUndefined();
    expect(store.isConditional).toBe(true);
  });

  test('say so where the server knows no conditions', async () => {
    await server.close();
    server = await startS3Server({ conditionalWrites: false });
    const store = await openStore();
    expect(await store.putIf('alias', text('1'), 'absent')).toBeDefined();
    expect(store.isConditional).toBe(false);
    expect(await store.putIf('alias', text('2'), 'absent')).toBeUndefined();
  });

  test('whose answer was lost are known to be ours', async () => {
    const store = await openStore();
    let struck = false;
    fault = ({ operation }) => {
      if (operation !== 'PutObject' || struck) return 'none';
      struck = true;
      return 'drop-after';
    };
    expect(await store.putIf('alias', text('mine'), 'absent')).toBeDefined();
    expect(struck).toBe(true);
  });
});

describe('large files', () => {
  test('go in parts, and come back whole', async () => {
    const store = await openStore();
    const file = await makeFile('large', 33 * MEBIBYTE + 5);
    expect(await store.put('large', file)).toEqual({ sent: true });
    expect(operations().filter((name) => name === 'UploadPart')).toHaveLength(5);
    expect(server.objects.get('models/team/large')?.checksum?.type).toBe('COMPOSITE');
    expect(await store.put('large', file)).toEqual({ sent: false });
    await store.save('large', join(folder, 'back'), file.digest);
  });

  test('go on with the parts that an earlier run brought', async () => {
    const file = await makeFile('large', 33 * MEBIBYTE);
    let parts = 0;
    fault = ({ operation }) => {
      if (operation !== 'UploadPart') return 'none';
      return ++parts > 3 ? new AwsFault('InternalError', 'We encountered an internal error', 500) : 'none';
    };
    await expect((await openStore({ AWS_MAX_ATTEMPTS: '1' })).put('large', file)).rejects.toThrow(UserError);
    expect(server.uploads.size).toBe(1);
    fault = undefined;
    const before = operations().length;
    await (await openStore()).put('large', file);
    const again = operations().slice(before);
    expect(again.filter((name) => name === 'UploadPart')).toHaveLength(2);
    expect(again).not.toContain('CreateMultipartUpload');
    expect(server.uploads.size).toBe(0);
  });

  test('are stored anew when the parts that are there are of another file', async () => {
    const store = await openStore({ AWS_MAX_ATTEMPTS: '1' });
    const other = await makeFile('other', 20 * MEBIBYTE);
    fault = ({ operation }) =>
      operation === 'CompleteMultipartUpload' ? new AwsFault('InternalError', 'no', 500) : 'none';
    await expect(store.put('large', other)).rejects.toThrow(UserError);
    fault = undefined;
    const file = await makeFile('large', 18 * MEBIBYTE);
    await writeFile(file.path, Buffer.alloc(file.size, 'y'));
    const content = { ...file, digest: digestOf(await readFile(file.path)) };
    await store.put('large', content);
    expect((await store.head('large'))?.digest).toBe(content.digest);
    expect(server.uploads.size).toBe(0);
  });

  test('are taken away again when the server refuses them', async () => {
    const store = await openStore();
    fault = ({ operation }) =>
      operation === 'UploadPart' ? new AwsFault('AccessDenied', 'Access Denied', 403) : 'none';
    await expect(store.put('large', await makeFile('large', 20 * MEBIBYTE))).rejects.toMatchObject({
      fix: expect.stringContaining('s3:PutObject on arn:aws:s3:::models/team/*'),
    });
    expect(server.uploads.size).toBe(0);
  });

  test('survive a lost answer at every request', async () => {
    const store = await openStore();
    const file = await makeFile('large', 17 * MEBIBYTE);
    for (let index = 0, count = Infinity; count > index; index++) {
      server.objects.clear();
      count = 0;
      fault = () => (count++ === index ? 'drop-after' : 'none');
      await store.put('large', file);
      expect(digestOf(server.objects.get('models/team/large')!.bytes)).toBe(file.digest);
    }
  });
});
