import { describe, expect, test } from 'vitest';
import { packed } from '../../../testing/packed-samples.ts';
import { findingsOf } from '../../../testing/scan-one.ts';
import { beginsLzma } from './lzma-header.ts';

const withDictionary = (bytes: number): Buffer => {
  const lzma = packed('lzma', 'evil');
  lzma.writeUInt32LE(bytes, 1);
  return lzma;
};
/** By Python's `lzma` with `lc`, `lp` and `pb` of 0: a stream of nothing that a mark ends, its size said to be 0. */
const NOTHING_AND_MARK = Buffer.concat([Buffer.alloc(13), Buffer.from('0083fffbffffc0000000', 'hex')]);

describe('a dictionary', () => {
  test.each([0, 1, 2, 3, 6, 256, 384, 512, 4096, 6144, 1 << 20])('may have %d bytes', async (bytes) => {
    expect(await findingsOf(withDictionary(bytes))).toEqual(['pickle-import: (unpacked)']);
  });

  test.each([5, 7, 1000, 4095, 5000])('has never %d bytes', (bytes) => {
    expect(beginsLzma(withDictionary(bytes))).toBe(false);
  });
});

test.each([
  ['zeros', Buffer.alloc(3 * 18)],
  ['a mark', NOTHING_AND_MARK],
])('streams of nothing, as %s, may come before', async (_, nothing) => {
  expect(await findingsOf(Buffer.concat([nothing, packed('lzma', 'evil')]))).toEqual([
    'pickle-import: (unpacked)',
  ]);
});

describe('not taken for LZMA', () => {
  const numbers = (values: number[]): Buffer => Buffer.from(new Float64Array(values).buffer);
  /** As MATLAB 4 saves a matrix of one name, of numbers of a kind. */
  const matrix = (kind: number, rows: number, columns: number): Buffer => {
    const head = Buffer.alloc(22);
    for (const [index, value] of [kind, rows, columns, 0, 2].entries()) head.writeUInt32LE(value, index * 4);
    head.write('x\0', 20);
    return Buffer.concat([head, Buffer.alloc(rows * columns * 8, numbers([1]))]);
  };

  test.each([
    ['zeros', Buffer.alloc(5000)],
    ['zeros and numbers', Buffer.concat([Buffer.alloc(36), numbers([1, 2, 3, 4])])],
    ['small whole numbers', Buffer.from(new BigInt64Array([5n, 7n, 300n, 2n]).buffer)],
    ['whole numbers with a point', numbers([0, 3, 5, 2, 4])],
    ['a matrix of MATLAB', matrix(0, 64, 64)],
    ['one of smaller numbers', matrix(10, 64, 64)],
    ['one of whole numbers', matrix(20, 3, 5)],
  ])('%s', (_, bytes) => {
    expect(beginsLzma(bytes)).toBe(false);
  });
});
