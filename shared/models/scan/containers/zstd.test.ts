import { constants, crc32, type ZstdOptions, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foundInParts, sourceInParts } from '../../../testing/scan-in-parts.ts';
import { EVIL_PICKLE, findingsOf, PLAIN_PICKLE, scanOne } from '../../../testing/scan-one.ts';
import { zipByHand } from '../../../testing/zip-by-hand.ts';
import { ByteReader } from '../byte-reader.ts';
import { Limits } from '../limits.ts';
import { unpackZstdFrame } from './zstd.ts';

const MOST_BLOCK_BYTES = 128 * 1024;

/** A frame of plain blocks. @param windowLog of the window that it asks for. @param size that it declares. */
function frame(content: Uint8Array, windowLog: number, size?: number): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, size === undefined ? 0 : 0x80, (windowLog - 10) << 3]);
  const declared = Buffer.alloc(size === undefined ? 0 : 4);
  if (size !== undefined) declared.writeUInt32LE(size);
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < content.length; at += MOST_BLOCK_BYTES) {
    const block = content.subarray(at, at + MOST_BLOCK_BYTES);
    const before = Buffer.alloc(3);
    before.writeUIntLE(block.length * 8 + (at + MOST_BLOCK_BYTES >= content.length ? 1 : 0), 0, 3);
    blocks.push(before, Buffer.from(block));
  }
  return Buffer.concat([header, declared, ...blocks]);
}

async function unpacked(bytes: Uint8Array, sizes: readonly number[], limits = new Limits(0)) {
  const reader = new ByteReader(sourceInParts(bytes, sizes));
  const parts: Buffer[] = [];
  for await (const part of unpackZstdFrame(reader, limits, 64 * 1024)) parts.push(Buffer.from(part));
  return { content: Buffer.concat(parts), offset: reader.offset };
}

const LONG = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at) >> (at % 7)));
const CONTENTS: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['a few bytes', PLAIN_PICKLE],
  ['300 bytes', LONG.subarray(0, 300)],
  ['70,000 bytes', LONG.subarray(0, 70_000)],
  ['long ones', LONG],
  ['zeros', Buffer.alloc(300_000)],
];
const KINDS: [string, ZstdOptions][] = [
  ['as it is by default', {}],
  ['with a checksum', { params: { [constants.ZSTD_c_checksumFlag]: 1 } }],
  [
    'without its size, with a long window',
    { params: { [constants.ZSTD_c_contentSizeFlag]: 0, [constants.ZSTD_c_windowLog]: 27 } },
  ],
];

describe.each(KINDS)('a frame %s', (_kind, options) => {
  test.each(CONTENTS)('of %s is unpacked, and nothing behind it is taken', async (_name, content) => {
    const packed = zstdCompressSync(content, options);
    const both = Buffer.concat([packed, zstdCompressSync(LONG)]);
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (parts) => {
        const result = await unpacked(both, parts);
        expect(result.content.equals(content)).toBe(true);
        expect(result.offset).toBe(packed.length);
      }),
      { numRuns: 5, examples: [[[packed.length]], [[both.length]], [[1]]] },
    );
  });

  test('throws wherever it is cut off, and gives its memory back', async () => {
    const packed = zstdCompressSync(LONG.subarray(0, 600), options);
    const limits = new Limits(0);
    for (let length = 0; length < packed.length; length++)
      await expect(unpacked(packed.subarray(0, length), [7], limits), `${length}`).rejects.toThrow();
    expect(() => limits.hold(128 * 1024 * 1024)).not.toThrow();
  });
});

/** Longer than what is read of a stream at once: around it the outer frame is still open. */
const TEXT = Buffer.alloc(400_000, 'plain text\n');

test('one frame with the longest window is looked into', async () => {
  expect(await findingsOf(frame(TEXT, 27))).toEqual([]);
  expect(await findingsOf(frame(EVIL_PICKLE, 27))).toEqual(['pickle-import: (unpacked)']);
});

test('windows of frames in each other have a bound', async () => {
  expect(await findingsOf(frame(frame(TEXT, 26), 26))).toEqual([]);
  const { findings } = await scanOne(frame(frame(TEXT, 27), 27));
  expect(findings.map(({ rule, what }) => [rule, what])).toEqual([
    [
      'too-much',
      'It holds streams in each other that need 268,435,456 bytes of memory at once: 134,217,728 are let through.',
    ],
  ]);
  const packed = (windowLog: number) => {
    const inner = frame(TEXT, windowLog);
    const claims = { size: inner.length, checksum: crc32(inner) };
    return zipByHand([
      { name: 'a', bytes: frame(inner, windowLog), method: 93, listed: claims, local: claims },
    ]);
  };
  expect(await findingsOf(packed(26))).toEqual([]);
  expect(await findingsOf(packed(27))).toEqual(['too-much: a > (unpacked)']);
});

test('the window of every frame counts, wherever the one before it ends', async () => {
  const inner = frame(TEXT, 26);
  const first = frame(inner.subarray(0, 5000), 17);
  for (const [windowLog, rules] of [
    [25, []],
    [27, ['too-much']],
  ] as const) {
    const joined = Buffer.concat([first, frame(inner.subarray(5000), windowLog)]);
    for (const size of [first.length, joined.length, 777]) {
      const found = await foundInParts(joined, [size], '/nonexistent');
      expect(
        found.map(([, { rule }]) => rule),
        `${windowLog}, in parts of ${size}`,
      ).toEqual(rules);
    }
  }
});

test('no more counts than the frame unpacks to', async () => {
  const inner = frame(TEXT, 27, TEXT.length);
  expect(await findingsOf(frame(inner, 27, inner.length))).toEqual([]);
});

test('windows of frames behind each other do not add up, damaged ones either', async () => {
  expect(await findingsOf(Buffer.concat([TEXT, TEXT, TEXT].map((text) => frame(text, 27))))).toEqual([]);
  const damaged = frame(TEXT, 27);
  // The kind of its last block is none.
  damaged[damaged.length - (TEXT.length % MOST_BLOCK_BYTES) - 3]! |= 6;
  const members = [damaged, damaged, frame(EVIL_PICKLE, 27)];
  const found = await findingsOf(zipByHand(members.map((bytes, at) => ({ name: `${at}`, bytes }))));
  expect(found.sort()).toEqual([
    'pickle-import: 2 > (unpacked)',
    'unreadable: 0 > (unpacked)',
    'unreadable: 1 > (unpacked)',
  ]);
});

test('a window that no decoder takes by itself is refused', async () => {
  const { findings } = await scanOne(frame(PLAIN_PICKLE, 31));
  expect(findings.map(({ rule, what }) => [rule, what])).toEqual([
    ['cannot-look-into', 'It asks for a window of 2,147,483,648 bytes; 134,217,728 are let through.'],
  ]);
});
