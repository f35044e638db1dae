import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PACKINGS, packed } from '../../testing/packed-samples.ts';
import { foundInParts } from '../../testing/scan-in-parts.ts';
import { EVIL_PICKLE, PLAIN_PICKLE, scanOne } from '../../testing/scan-one.ts';
import { tarByHand } from '../../testing/tar-by-hand.ts';
import { zipByHand } from '../../testing/zip-by-hand.ts';
import { scanModel } from './scan.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scan-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const noSignal = () => new AbortController().signal;

describe('any split of a stream gives the same findings', () => {
  const zip = zipByHand([
    { name: 'a', bytes: EVIL_PICKLE, method: 8 },
    { name: '../b', bytes: deflateSync(EVIL_PICKLE) },
  ]);
  const look = (bytes: Uint8Array, sizes: readonly number[]) => foundInParts(bytes, sizes, folder);

  test.each<[string, Buffer]>([
    ['zip', zip],
    [
      'tar',
      tarByHand([
        { name: 'a', bytes: EVIL_PICKLE },
        { name: '../b', bytes: zip },
      ]),
    ],
    ['gzip', gzipSync(zip)],
    ['gzip and more', Buffer.concat([gzipSync(EVIL_PICKLE), gzipSync(PLAIN_PICKLE), EVIL_PICKLE])],
    ...PACKINGS.map((name): [string, Buffer] => [name, packed(name, 'long')]),
  ])('%s', async (_name, bytes) => {
    const whole = await look(bytes, [bytes.length]);
    expect(whole.length).toBeGreaterThan(0);
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(sizes, async (parts) => {
        expect(await look(bytes, parts)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

test('nothing that bytes hold makes it throw', async () => {
  const seeds = [
    zipByHand([
      { name: 'a', bytes: EVIL_PICKLE, method: 8, hasDescriptor: true },
      { name: 'b', bytes: PLAIN_PICKLE },
    ]),
    gzipSync(PLAIN_PICKLE),
    deflateSync(PLAIN_PICKLE),
  ];
  const change = fc.tuple(fc.nat(400), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }), async (seed, changes) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect((await scanOne(bytes)).files).toBe(1);
    }),
    { numRuns: 150 },
  );
});

test('a file that changes meanwhile is not what was looked into', async () => {
  const location = join(folder, 'changing.txt');
  await writeFile(location, 'before');
  const signal = noSignal();
  let asked = 0;
  // Asked before the file is opened, and then before each part of it is read.
  signal.throwIfAborted = () => {
    if (++asked === 2) appendFileSync(location, ' and after');
  };
  const files = [{ path: 'changing.txt', location, size: 6 }];
  const scan = () => scanModel(files, { signal, temporaryFolder: folder, now: new Date() });
  expect((await scan()).findings).toMatchObject([
    { rule: 'unreadable', what: 'It changed while it was looked into.' },
  ]);
  expect((await scan()).findings).toEqual([]);
});

test('a signal ends it', async () => {
  await expect(scanOne(PLAIN_PICKLE, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

test('findings are counted and sorted, and those that are allowed say why', async () => {
  const files = [];
  for (const [index, bytes] of [EVIL_PICKLE, zipByHand([{ name: 'a\\b', bytes: EVIL_PICKLE }])].entries()) {
    const location = join(folder, `model-${index}`);
    await writeFile(location, bytes);
    files.push({ path: `model-${index}`, location, size: bytes.length });
  }
  const messages: string[] = [];
  const options = { signal: noSignal(), temporaryFolder: folder, now: new Date('2026-01-01') };
  const open = await scanModel(files, { ...options, progress: (message) => messages.push(message) });
  expect(open.counts).toEqual({ error: 2, warning: 1, note: 0 });
  expect(open.findings.map((one) => one.level)).toEqual(['error', 'error', 'warning']);
  // Pickles of protocol 0 are texts as well.
  expect(open.formats).toEqual({ pickle: 2, text: 2, zip: 1 });
  expect(messages[1]).toBe('Looking into model-1 (2 of 2).');

  const allow = [{ name: 'os.system', reason: 'A test.', expires: '2026-02-01' }];
  const allowed = await scanModel(files, { ...options, allow });
  expect(allowed.counts).toEqual({ error: 0, warning: 1, note: 0 });
  expect(allowed.findings.map((one) => one.allowed)).toEqual([
    null,
    'A test. (until 2026-02-01)',
    'A test. (until 2026-02-01)',
  ]);
  for (const file of files) await rm(file.location);
});
