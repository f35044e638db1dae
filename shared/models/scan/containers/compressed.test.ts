import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PACKINGS, packed } from '../../../testing/packed-samples.ts';
import { EVIL_PICKLE, findingsOf, PLAIN_PICKLE, scanOne } from '../../../testing/scan-one.ts';
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

describe.each(PACKINGS)('%s, as Python packs it', (packing) => {
  test('is looked into', async () => {
    expect(await findingsOf(packed(packing, 'plain'))).toEqual([]);
    expect(await findingsOf(packed(packing, 'evil'))).toEqual(['pickle-import: (unpacked)']);
    expect(await findingsOf(packed(packing, 'long'))).toContain('pickle-import: (unpacked)');
    expect(await findingsOf(gzipSync(packed(packing, 'evil')))).toEqual([
      'pickle-import: (unpacked) > (unpacked)',
    ]);
  });

  test('of several streams is one, as loaders read them', async () => {
    const joined = Buffer.concat([packed(packing, 'first'), packed(packing, 'second')]);
    expect(await findingsOf(joined)).toEqual(['pickle-import: (unpacked)']);
  });

  test('has bytes behind it looked into', async () => {
    const plain = packed(packing, 'plain');
    const found = await findingsOf(Buffer.concat([plain, EVIL_PICKLE]));
    expect(found).toEqual(['archive-hidden', `pickle-import: (bytes from ${plain.length} on)`]);
  });

  test('is refused where it is cut off', async () => {
    expect(await findingsOf(packed(packing, 'plain').subarray(0, -2))).toContain('unreadable: (unpacked)');
  });
});

test('a stream of LZMA may follow one of xz, as Python reads them', async () => {
  const joined = Buffer.concat([packed('xz', 'first'), packed('lzma', 'second')]);
  expect(await findingsOf(joined)).toEqual(['pickle-import: (unpacked)']);
});

test('a dictionary that does not fit into memory is refused', async () => {
  const lzma = packed('lzma', 'plain');
  lzma.writeUInt32LE(2 ** 31, 1);
  const { findings } = await scanOne(lzma);
  expect(findings.map(({ what }) => what)).toEqual([
    'It asks for a dictionary of 2,147,483,648 bytes; 67,108,864 are let through.',
  ]);
});

describe('a frame that LZ4 and Zstandard pass over', () => {
  const frame = (content: Buffer) => {
    const header = Buffer.from('502a4d1800000000', 'hex');
    header.writeUInt32LE(content.length, 4);
    return Buffer.concat([header, content]);
  };

  test.each([
    ['LZ4', packed('lz4', 'evil')],
    ['Zstandard', zstdCompressSync(EVIL_PICKLE)],
  ])('does not hide what %s has behind it', async (_name, bytes) => {
    const short = Buffer.concat([frame(Buffer.from('abcd')), frame(Buffer.alloc(0)), bytes]);
    expect(await findingsOf(short)).toEqual(['pickle-import: (unpacked)']);
    expect((await findingsOf(Buffer.concat([frame(EVIL_PICKLE), bytes]))).sort()).toEqual([
      'archive-hidden',
      'pickle-import: (unpacked)',
    ]);
    expect(await findingsOf(Buffer.concat([bytes, frame(EVIL_PICKLE)]))).toEqual([
      'pickle-import: (unpacked)',
    ]);
  });
});

test('two bytes that could begin a zlib stream are none by themselves', async () => {
  expect(await findingsOf(Buffer.concat([Buffer.from([0x78, 0x9c]), Buffer.alloc(3000, 0xff)]))).toEqual([]);
});
