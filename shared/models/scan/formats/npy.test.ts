import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { scanNpy } from './npy.ts';

function npy(header: string, data: Uint8Array | string, version = 1): Buffer {
  const text = Buffer.from(`${header}\n`, version === 3 ? 'utf8' : 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  return Buffer.concat([head, length, text, Buffer.from(data)]);
}

const describeArray = (descr: string, shape: string) =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
const floats = npy(describeArray("'<f4'", '(2, 3)'), Buffer.alloc(24));

describe('scanNpy', () => {
  test.each([
    ['floats', floats],
    ['of version 2', npy(describeArray("'<f8'", '(1,)'), Buffer.alloc(8), 2)],
    ['with names beyond ASCII', npy(describeArray("[('größe', '<i2')]", '(4,)'), Buffer.alloc(8), 3)],
    ['a scalar', npy(describeArray("'|b1'", '()'), Buffer.alloc(1))],
    ['empty', npy(describeArray("'<U7'", '(0,)'), '')],
    ['texts', npy(describeArray("'<U7'", '(3,)'), Buffer.alloc(84))],
    ['times', npy(describeArray("'<M8[ns]'", '(3,)'), Buffer.alloc(24))],
    [
      'of fields',
      npy(
        describeArray("[('a', '<f4', (2, 2)), (('title', 'b'), [('c', '|u1')])]", '(3,)'),
        Buffer.alloc(51),
      ),
    ],
    ['of Python 2', npy("{'descr': '<f4', 'fortran_order': True, 'shape': (3L,)}", Buffer.alloc(12))],
    ['several in one file', Buffer.concat([floats, floats])],
  ])('passes arrays: %s', async (_, bytes) => {
    expect(await scanBytes(scanNpy, bytes, 7)).toEqual({ found: [], inner: [] });
  });

  test.each([["'|O'"], ["'O'"], ["[('a', '<f4'), ('b', [('c', '|O')])]"], ["[('a', '|O', (2,))]"]])(
    'hands on the pickle of objects: %s',
    async (descr) => {
      const { found, inner } = await scanBytes(
        scanNpy,
        npy(describeArray(descr, '(1,)'), 'cos\nsystem\n.'),
        5,
      );
      expect(found).toEqual([]);
      expect(inner).toEqual([
        { member: 'objects of the array', bytes: Buffer.from('cos\nsystem\n.'), role: 'pickle' },
      ]);
    },
  );

  test.each([
    ['a call', "__import__('os').system('true')"],
    ['a call within', "{'descr': str('<f4'), 'fortran_order': False, 'shape': (1,)}"],
    ['a fourth key', "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}"],
    ['a key twice', "{'descr': '<f4', 'descr': '|O', 'fortran_order': False, 'shape': (1,)}"],
    ['a key missing', "{'descr': '<f4', 'shape': (1,)}"],
    ['a word for objects that numpy.save does not write', describeArray("'object'", '(1,)')],
    ['several types in one text', describeArray("'f8,O'", '(1,)')],
    ['a negative size', describeArray("'<f4'", '(-1,)')],
    ['a size beyond all numbers', describeArray("'<f4'", '(9000000000000000, 9000)')],
    ['a shape that is a text', describeArray("'<f4'", "'(1,)'")],
    ['something behind the dictionary', `${describeArray("'<f4'", '(1,)')} + 1`],
    ['nothing', ''],
  ])('refuses a header with %s', async (_, header) => {
    expect(await rulesBroken(scanNpy, npy(header, Buffer.alloc(4)))).toEqual(['array-header']);
  });

  test('refuses a version that NumPy does not have', async () => {
    const bytes = Buffer.from(floats);
    bytes[6] = 4;
    expect(await rulesBroken(scanNpy, bytes)).toEqual(['array-header']);
  });

  test.each([3, 9, 30, floats.length - 1])('says that the file ends at byte %d', async (end) => {
    expect(await rulesBroken(scanNpy, floats.subarray(0, end))).toEqual(['cut-off']);
  });

  test('says what follows the last array, and looks into it', async () => {
    const { found, inner } = await scanBytes(scanNpy, Buffer.concat([floats, Buffer.from('more')]));
    expect(found.map(({ rule, offset }) => [rule, offset])).toEqual([['bytes-after-end', floats.length]]);
    expect(inner.map(({ bytes }) => bytes.toString())).toEqual(['more']);
  });

  test('ends on every mutation', async () => {
    const bytes = npy(describeArray("[('a', '<f4'), ('b', '|O')]", '(1,)'), 'N.');
    await fc.assert(
      fc.asyncProperty(mutated(bytes), async (changed) => {
        await scanBytes(scanNpy, changed);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
