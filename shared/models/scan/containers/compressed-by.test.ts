import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { scanOne } from '../../../testing/scan-one.ts';

const EMPTY = Buffer.alloc(0);

test.each([
  ['gzip', gzipSync(EMPTY)],
  ['zstd', zstdCompressSync(EMPTY)],
  ['bzip2', Buffer.from('425a683917724538509000000000', 'hex')],
])('empty streams of %s without end are not all begun', async (_name, one) => {
  const { findings } = await scanOne(Buffer.concat(Array(2_500).fill(one)));
  expect(findings.map(({ what }) => what)).toEqual([
    expect.stringContaining('more than 2000 parts of less than 1024 bytes'),
  ]);
});

test('streams of an ordinary size are joined, however many', async () => {
  const one = gzipSync(Buffer.alloc(1_200, 'text '), { level: 0 });
  const { findings } = await scanOne(Buffer.concat(Array(2_500).fill(one)));
  expect(findings).toEqual([]);
});
