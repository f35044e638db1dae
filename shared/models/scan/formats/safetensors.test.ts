import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { scanSafetensors } from './safetensors.ts';

function file(header: string, data: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(data, 0x80)]);
}

const tensor = (dtype: string, shape: number[], offsets: number[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const json = (tensors: object) => JSON.stringify(tensors);
const valid = file(
  `${json({
    __metadata__: { format: 'pt' },
    'layer.weight': tensor('F32', [2, 3], [4, 28]),
    'layer.bias': tensor('BF16', [2], [0, 4]),
    none: tensor('I64', [0], [28, 28]),
  })}   `,
  28,
);

describe('scanSafetensors', () => {
  test.each([
    ['with metadata and padding', valid],
    ['without a tensor', file('{}', 0)],
    ['with a scalar', file(json({ a: tensor('F64', [], [0, 8]) }), 8)],
    ['with half bytes', file(json({ a: tensor('F4', [6], [0, 3]) }), 3)],
  ])('passes a file %s', async (_, bytes) => {
    expect(await scanBytes(scanSafetensors, bytes, 11)).toEqual({ found: [], inner: [] });
  });

  test.each([
    [
      'tensors that overlap',
      json({ a: tensor('U8', [4], [0, 4]), b: tensor('U8', [4], [2, 6]) }),
      6,
      'tensor-layout',
    ],
    ['a hole', json({ a: tensor('U8', [4], [0, 4]), b: tensor('U8', [2], [6, 8]) }), 8, 'tensor-layout'],
    ['a hole at the beginning', json({ a: tensor('U8', [4], [4, 8]) }), 8, 'tensor-layout'],
    ['a tensor past the end', json({ a: tensor('U8', [9], [0, 9]) }), 8, 'cut-off'],
    ['bytes behind the end', json({ a: tensor('U8', [4], [0, 4]) }), 8, 'bytes-after-end'],
    ['a shape that does not fit', json({ a: tensor('F32', [4], [0, 4]) }), 4, 'header-does-not-fit'],
    ['an unknown dtype', json({ a: tensor('O', [4], [0, 4]) }), 4, 'header-does-not-fit'],
    ['offsets that go backwards', json({ a: tensor('U8', [], [4, 0]) }), 0, 'header-does-not-fit'],
    ['one offset', json({ a: tensor('U8', [0], [0]) }), 0, 'header-does-not-fit'],
    ['an offset that is no integer', json({ a: tensor('U8', [1], [0.5, 1.5]) }), 0, 'header-does-not-fit'],
    ['a field of its own', json({ a: { ...tensor('U8', [0], [0, 0]), more: 1 } }), 0, 'header-does-not-fit'],
    ['metadata that are no text', json({ __metadata__: { a: 1 } }), 0, 'header-does-not-fit'],
    ['metadata that are nested', json({ __metadata__: { a: { b: 'c' } } }), 0, 'header-does-not-fit'],
    ['a list', '[]', 0, 'header-does-not-fit'],
    ['something behind the header', '{} {}', 0, 'header-does-not-fit'],
    ['no JSON', '{a: 1}', 0, 'header-does-not-fit'],
    ['a number as tensor', '{"a": 1}', 0, 'header-does-not-fit'],
    [
      'a tensor twice',
      `{"a": ${json(tensor('U8', [0], [0, 0]))}, "\\u0061": ${json(tensor('U8', [0], [0, 0]))}}`,
      0,
      'duplicate-key',
    ],
    ['a key in its metadata', json({ __metadata__: { note: `AKIA${'IOSFODNN7EXAMPLE'}` } }), 0, 'secret'],
  ])('says that it has %s', async (_, header, data, rule) => {
    expect(new Set(await rulesBroken(scanSafetensors, file(header, data)))).toEqual(new Set([rule]));
  });

  test('does not believe a length beyond what the library takes', async () => {
    const bytes = Buffer.from(valid);
    bytes.writeBigUInt64LE(100_000_001n);
    expect(await rulesBroken(scanSafetensors, bytes)).toEqual(['header-does-not-fit']);
  });

  test.each([0, 7, 20])('says that the file ends at byte %d', async (end) => {
    expect(await rulesBroken(scanSafetensors, valid.subarray(0, end))).toEqual(['cut-off']);
  });

  test('ends on every mutation', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanSafetensors, changed);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
