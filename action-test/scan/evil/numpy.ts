/** Arrays of objects, which numpy saves as pickles. */
import { join, u16, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { zip } from '../zip-writer.ts';
import { type EvilFile, importing, plainEvil } from './evil-file.ts';

const ALIGNMENT = 64;

/** @param content the bytes after the header. */
export function npy(descr: string, content: Uint8Array, version = 1, shape = '(1,)'): Uint8Array {
  const text = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  const sizeBytes = version === 1 ? 2 : 4;
  const before = 8 + sizeBytes;
  const length = Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT - before;
  const size = version === 1 ? u16(length) : join(u16(length), u16(0));
  const header = utf8(`${text.padEnd(length - 1)}\n`);
  return join(Uint8Array.of(0x93), utf8('NUMPY'), Uint8Array.of(version, 0), size, header, content);
}

const objects = (): Uint8Array => npy("'|O'", plainEvil(3));

export const NUMPY: readonly EvilFile[] = importing('objects in an array of numpy', {
  'objects.npy': objects,
  'objects-version-2.npy': () => npy("'|O'", plainEvil(3), 2),
  'objects-version-3.npy': () => npy("'|O'", plainEvil(4), 3),
  'objects-in-a-record.npy': () => npy("[('x', '<f8'), ('y', '|O')]", plainEvil(3)),
  'objects-in-a-record-of-records.npy': () => npy("[('x', [('y', '|O')])]", plainEvil(3)),
  'objects-8.npy': () => npy("'O8'", plainEvil(3)),
  'second-object.npy': () => npy("'|O'", join(p.pickle(3, p.NONE), plainEvil(3))),
  'objects-of-any-order.npy': () => npy("'<O'", plainEvil(3)),
  'arrays.npz': () => zip([{ name: 'arr_0.npy', content: objects(), deflated: true }]),
  'arrays-without-extension.npz': () => zip([{ name: 'arr_0', content: objects() }]),
  'arrays-and-a-pickle.npz': () =>
    zip([
      { name: 'arr_0.npy', content: npy("'<f8'", new Uint8Array(8)) },
      { name: 'extra.npy', content: plainEvil() },
    ]),
  'after-numbers.npy': () => join(npy("'<f8'", new Uint8Array(8)), plainEvil()),
  'pickle-called.npy': () => plainEvil(),
});
