import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTENTS, PACKINGS, packed } from '../../../testing/packed-samples.ts';
import { sourceInParts } from '../../../testing/scan-in-parts.ts';
import { ByteReader } from '../byte-reader.ts';
import { Limits } from '../limits.ts';
import { unpackBzip2 } from './bzip2.ts';
import { unpackFrame, unpackLegacyFrame } from './lz4.ts';
import { unpackLzma } from './lzma.ts';
import { unpackXz } from './xz.ts';

const UNPACK = {
  bzip2: unpackBzip2,
  xz: unpackXz,
  lzma: unpackLzma,
  lz4: unpackFrame,
  lz4Legacy: unpackLegacyFrame,
};

async function unpacked(
  packing: keyof typeof UNPACK,
  bytes: Uint8Array,
  sizes = [bytes.length + 1],
): Promise<{ content: Buffer; offset: number }> {
  const reader = new ByteReader(sourceInParts(bytes, sizes));
  const parts: Buffer[] = [];
  for await (const part of UNPACK[packing](reader, new Limits(0))) parts.push(Buffer.from(part));
  return { content: Buffer.concat(parts), offset: reader.offset };
}

describe.each(PACKINGS)('%s', (packing) => {
  const long = packed(packing, 'long');

  test.each(Object.keys(CONTENTS) as (keyof typeof CONTENTS)[])(
    'gives back what was packed: %s',
    async (name) => {
      const bytes = Buffer.concat([packed(packing, name), Buffer.from('behind')]);
      const { content, offset } = await unpacked(packing, bytes);
      expect(content.equals(CONTENTS[name])).toBe(true);
      expect(offset).toBe(bytes.length - 6);
    },
  );

  test('gives the same however its bytes come', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(sizes, async (parts) => {
        const { content, offset } = await unpacked(packing, Buffer.concat([long, Buffer.from('x')]), parts);
        expect(content.equals(CONTENTS.long)).toBe(true);
        expect(offset).toBe(long.length);
      }),
      { numRuns: 20 },
    );
  });

  test('throws wherever it is cut off', async () => {
    const whole = packed(packing, 'evil');
    for (let length = packing === 'lzma' ? 13 : 8; length < whole.length; length++)
      await expect(unpacked(packing, whole.subarray(0, length)), `${length}`).rejects.toThrow();
  });

  test('ends, whatever its bytes are', async () => {
    const change = fc.tuple(fc.nat(long.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 9 }), async (changes) => {
        const bytes = Buffer.from(long);
        for (const [at, value] of changes) if (at > 13) bytes[at] = value;
        const { content } = await unpacked(packing, bytes).catch(() => ({ content: Buffer.alloc(0) }));
        expect(content.length).toBeLessThan(50_000_000);
      }),
      { numRuns: 60 },
    );
  });
});

test.each([
  // Behind the magic number, and before what only pads.
  ['xz', 6, 0],
  ['bzip2', 4, -1],
  ['lz4', 4, 0],
] as const)('%s throws where a bit of it is not as it was written', async (packing, first, last) => {
  const whole = packed(packing, 'evil');
  for (let at = first; at < whole.length + last; at++) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 0x10;
    const gives = await unpacked(packing, bytes).then(
      ({ content }) => content.equals(CONTENTS.evil),
      () => 'an error',
    );
    expect(gives, `byte ${at}`).toBe('an error');
  }
});
