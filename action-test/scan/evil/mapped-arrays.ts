/** Arrays that lie in files: their class opens and empties files of the machine when it is called, and is otherwise harmless. */
import { join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { type EvilFile, importing } from './evil-file.ts';

const memmap = (): Uint8Array => p.stackGlobal('numpy', 'memmap');
/** A file that is not there, and is not made. */
const NOWHERE = '/nowhere/scanned';
const call = (module: string, name: string, ...args: readonly Uint8Array[]): Uint8Array =>
  join(p.stackGlobal(module, name), p.MARK, ...args, p.TUPLE, p.REDUCE);
/** As arrays are ordinarily made. */
const made = (): Uint8Array =>
  call('numpy._core.multiarray', '_reconstruct', memmap(), p.binint1(0), p.TUPLE1, p.binunicode('b'));

const FILES: Record<string, () => Uint8Array> = {
  'called.pkl': () => p.pickle(4, memmap(), p.texts(NOWHERE), p.REDUCE),
  'made-empty.pkl': () => p.pickle(4, memmap(), p.texts(NOWHERE), p.NEWOBJ),
  'as-in-python-2.pkl': () => p.pickle(2, p.MARK, p.binunicode(NOWHERE), p.inst('numpy', 'memmap')),
  'kept-for-later.pkl': () => p.pickle(4, call('functools', 'partial', memmap(), p.binunicode(NOWHERE))),
  'by-an-index.pkl': () =>
    p.pickle(
      4,
      join(p.stackGlobal('pandas.core.indexes.base', '_new_Index'), memmap(), p.EMPTY_DICT),
      join(p.MARK, p.binunicode('filename'), p.binunicode(NOWHERE), utf8('u'), p.TUPLE2, p.REDUCE),
    ),
  'in-a-repeated-tuple.pkl': () =>
    p.pickle(
      4,
      join(p.stackGlobal('numpy._core.multiarray', '_reconstruct'), p.binput(1)),
      join(
        memmap(),
        p.binint1(0),
        p.TUPLE1,
        p.binunicode('b'),
        p.TUPLE3,
        p.DUP,
        p.binput(2),
        p.POP,
        p.REDUCE,
      ),
      join(memmap(), p.texts(NOWHERE), p.REDUCE),
    ),
  'beside-an-ordinary-one.pkl': () => p.pickle(4, made(), p.POP, memmap(), p.texts(NOWHERE), p.REDUCE),
};

export const MAPPED_ARRAYS: readonly EvilFile[] = importing(
  'an array that lies in a file',
  FILES,
  'numpy.memmap',
);
