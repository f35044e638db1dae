import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { EVIL_PICKLE, findingsOf, PLAIN_PICKLE } from '../../../testing/scan-one.ts';
import { zipByHand } from '../../../testing/zip-by-hand.ts';

const halves = [EVIL_PICKLE.subarray(0, 8), EVIL_PICKLE.subarray(8)];
const joblib = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`ZF${`0x${bytes.length.toString(16)}`.padEnd(18)}`), deflateSync(bytes)]);

describe.each([
  ['gzip', gzipSync],
  ['zlib', deflateSync],
  ['zstd', zstdCompressSync],
  ['old joblib', joblib],
])('%s', (name, compress) => {
  test('is looked into', async () => {
    expect(await findingsOf(compress(EVIL_PICKLE))).toEqual(['pickle-import: (unpacked)']);
    expect(await findingsOf(compress(PLAIN_PICKLE))).toEqual([]);
  });

  test('in each other, around a zip archive', async () => {
    const found = await findingsOf(compress(gzipSync(zipByHand([{ name: 'a', bytes: EVIL_PICKLE }]))));
    expect(found).toEqual(['pickle-import: (unpacked) > (unpacked) > a']);
  });

  test('has bytes behind it looked into', async () => {
    const found = await findingsOf(Buffer.concat([compress(PLAIN_PICKLE), EVIL_PICKLE]));
    expect(found).toEqual([
      'archive-hidden',
      `pickle-import: (bytes from ${compress(PLAIN_PICKLE).length} on)`,
    ]);
  });

  test('is refused where it is cut off or damaged', async () => {
    const whole = compress(Buffer.alloc(5000, EVIL_PICKLE));
    expect(await findingsOf(whole.subarray(0, whole.length - 6))).toContain('unreadable: (unpacked)');
    if (name === 'zstd') return;
    whole[whole.length - 1]! ^= 1;
    expect(await findingsOf(whole)).toContain('unreadable: (unpacked)');
  });
});

test.each([
  ['gzip', gzipSync],
  ['zlib', deflateSync],
  ['zstd', zstdCompressSync],
])('several streams of %s are one, as loaders read them', async (_name, compress) => {
  const joined = Buffer.concat(halves.map((half) => compress(half)));
  expect(await findingsOf(joined)).toEqual(['pickle-import: (unpacked)']);
});

test('a gzip header with all its fields is passed over', async () => {
  const plain = gzipSync(EVIL_PICKLE);
  const header = Buffer.concat([
    plain.subarray(0, 10),
    Buffer.from('\x03\x00abcname\0comment\0hc', 'latin1'),
  ]);
  header[3] = 0x1e;
  expect(await findingsOf(Buffer.concat([header, plain.subarray(10)]))).toEqual([
    'pickle-import: (unpacked)',
  ]);
});

test('zeros behind a gzip stream are padding', async () => {
  expect(await findingsOf(Buffer.concat([gzipSync(PLAIN_PICKLE), Buffer.alloc(1000)]))).toEqual([]);
});

test.each([
  ['bzip2', 'BZh91AY&SY'],
  ['xz', '\xfd7zXZ\x00\x00\x04'],
  ['LZMA', '\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00abc'],
  ['LZ4', '\x04\x22\x4d\x18abc'],
])('%s is refused', async (_name, begin) => {
  expect(await findingsOf(Buffer.from(begin, 'latin1'))).toEqual(['cannot-look-into']);
});

test('two bytes that could begin a zlib stream are none by themselves', async () => {
  expect(await findingsOf(Buffer.concat([Buffer.from([0x78, 0x9c]), Buffer.alloc(3000, 0xff)]))).toEqual([]);
});
