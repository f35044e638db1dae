/** Pickles that do not end where they seem to end, or hold another. */
import { bytes, join, u64, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { zip } from '../zip-writer.ts';
import { type EvilFile, importing, plainCall, plainEvil } from './evil-file.ts';

const harmless = (): Uint8Array => p.pickle(2, p.EMPTY_DICT, p.binunicode('weight'), p.binint1(1), p.SETITEM);

/** Loaders such as `torch.load` read several; `pickle.load` goes on from where it was. */
const AFTERWARDS: Record<string, () => Uint8Array> = {
  'second.pkl': () => join(harmless(), plainEvil()),
  'tenth.pkl': () => join(...Array.from({ length: 9 }, harmless), plainEvil(4)),
  'after-stop-without-protocol.pkl': () => join(harmless(), plainEvil().subarray(2)),
  'in-the-middle.pkl': () => join(harmless(), plainEvil(), harmless()),
  'of-many-protocols.pkl': () => join(p.pickle(0, p.NONE), p.pickle(5, p.NONE), plainEvil(3)),
  'behind-a-long-text.pkl': () => join(p.pickle(2, p.binunicode('x'.repeat(3_000_000))), plainEvil()),
};

/** The call has run before the stream goes wrong. */
const BROKEN: Record<string, () => Uint8Array> = {
  'truncated.pkl': () => plainEvil().subarray(0, -1),
  'truncated-in-a-text.pkl': () => join(p.proto(2), plainCall(), p.binunicode('weights').subarray(0, 7)),
  'unknown-opcode.pkl': () => join(p.proto(2), plainCall(), bytes(0xff), p.STOP),
  'pops-too-much.pkl': () => join(p.proto(2), plainCall(), p.POP, p.POP, p.POP, p.STOP),
  'memo-that-is-not-there.pkl': () => join(p.proto(2), plainCall(), p.binget(77), p.STOP),
  'no-mark.pkl': () => join(p.proto(2), plainCall(), p.TUPLE, p.STOP),
  'number-without-digits.pkl': () => join(p.proto(2), plainCall(), utf8('Ione\n'), p.STOP),
  'length-beyond-the-end.pkl': () =>
    join(p.proto(4), plainCall(), bytes(0x8d), new Uint8Array(8).fill(0x7f), p.STOP),
  'frame-beyond-the-end.pkl': () =>
    join(p.proto(2), plainCall(), bytes(0x95), bytes(0xff, 0xff, 0, 0, 0, 0, 0, 0), p.STOP),
  'protocol-of-tomorrow.pkl': () => join(plainEvil().subarray(0, -1), p.proto(99), p.STOP),
  'bad-utf8.pkl': () => join(p.proto(2), plainCall(), utf8('X'), bytes(1, 0, 0, 0, 0xff), p.STOP),
};

const nestedBy = (loader: Uint8Array, content = plainEvil()): Uint8Array =>
  p.pickle(3, loader, p.binbytes(content), p.TUPLE1, p.REDUCE);

/** Bytes in a pickle that a call of it would unpickle. */
const NESTED: readonly EvilFile[] = [
  ...importing(
    'a pickle in a pickle',
    { 'pickle-loads.pkl': () => nestedBy(p.global('pickle', 'loads')) },
    'pickle.loads',
  ),
  ...importing(
    'a pickle in a pickle',
    { '_pickle-loads.pkl': () => nestedBy(p.global('_pickle', 'loads')) },
    '_pickle.loads',
  ),
  ...importing('a pickle in a pickle', {
    'storage-load-from-bytes.pkl': () =>
      nestedBy(p.global('torch.storage', '_load_from_bytes'), legacyTorch()),
    'storage-of-a-storage.pkl': () =>
      nestedBy(
        p.global('torch.storage', '_load_from_bytes'),
        legacyTorch(nestedBy(p.global('torch.storage', '_load_from_bytes'), legacyTorch())),
      ),
  }),
];

/** What `joblib` reads an array by, as far as its state: keys and values in turn. */
const arrayState = (length: number): Uint8Array =>
  join(
    join(p.binunicode('subclass'), p.global('numpy', 'ndarray'), p.binunicode('order'), p.binunicode('C')),
    join(p.binunicode('dtype'), p.global('numpy', 'dtype'), p.binunicode('u1'), p.TUPLE1, p.REDUCE),
    join(p.binunicode('allow_mmap'), p.NEWFALSE, p.binunicode('shape'), p.binint1(length), p.TUPLE1),
  );
const arrayWrapper = (): Uint8Array => p.global('joblib.numpy_pickle', 'NumpyArrayWrapper');
const SETITEMS = utf8('u');

/**
 * Whoever takes these nine bytes for an array finds a call behind them; whoever takes them for an opcode finds the call in
 * the bytes that they announce.
 */
function arrayOrBytes(): Uint8Array {
  const hidden = join(p.POP, plainCall(), p.STOP);
  return join(bytes(0x8e), u64(hidden.length), hidden, p.STOP);
}
const OPCODE_OF_BYTES = 9;

/** To joblib an array follows, to a reader of opcodes more of them. */
const UNSEEN_ARRAYS: readonly EvilFile[] = Object.entries({
  'object-that-becomes-an-array.joblib': () =>
    join(
      join(p.proto(4), p.global('argparse', 'Namespace'), p.EMPTY_TUPLE, p.NEWOBJ),
      join(p.NONE, p.EMPTY_DICT, p.MARK, arrayState(OPCODE_OF_BYTES)),
      join(p.binunicode('__class__'), arrayWrapper(), SETITEMS, p.TUPLE2, p.BUILD, arrayOrBytes()),
    ),
  'length-changed-through-the-memo.joblib': () =>
    join(
      join(p.proto(4), arrayWrapper(), p.EMPTY_TUPLE, p.NEWOBJ, p.EMPTY_DICT, p.binput(0)),
      join(p.MARK, arrayState(0), SETITEMS),
      join(p.binget(0), p.binunicode('shape'), p.binint1(OPCODE_OF_BYTES), p.TUPLE1, p.SETITEM, p.POP),
      join(p.BUILD, arrayOrBytes()),
    ),
  'array-given-away.joblib': () =>
    join(
      join(p.proto(4), p.global('torch.jit._pickle', 'restore_type_tag')),
      join(arrayWrapper(), p.EMPTY_TUPLE, p.NEWOBJ, p.binunicode('int'), p.TUPLE2, p.REDUCE),
      join(p.EMPTY_DICT, p.MARK, arrayState(OPCODE_OF_BYTES), SETITEMS, p.BUILD, arrayOrBytes()),
    ),
}).map(([name, make]) => ({
  name,
  technique: 'an array of joblib that does not look like one',
  gadget: 'os.system',
  rule: 'pickle-broken',
  make,
}));

/** The pickle only imports what is harmless; the archive has a module of that name. */
const PACKAGE: EvilFile = {
  name: 'package-with-its-own-collections.pt',
  technique: 'Python files in an archive of torch',
  gadget: 'torch.package.PackageImporter',
  rule: 'pickle-import',
  make: () =>
    zip([
      { name: 'm/.data/extern_modules', content: utf8('torch\n') },
      { name: 'm/.data/version', content: utf8('6') },
      { name: 'm/collections.py', content: utf8("OrderedDict = print('scanned')\n") },
      { name: 'm/model/model.pkl', content: p.pickle(2, p.global('collections', 'OrderedDict')) },
    ]),
};

/** As `torch.save` wrote before its zips: a magic number, a version, the system, and only then the object. */
export function legacyTorch(object: Uint8Array = plainEvil()): Uint8Array {
  const magic = p.pickle(2, bytes(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));
  const version = p.pickle(2, bytes(0x4d, 0xe9, 0x03));
  const system = p.pickle(
    2,
    join(p.EMPTY_DICT, p.binput(0), p.MARK),
    join(p.binunicode('protocol_version'), bytes(0x4d, 0xe9, 0x03)),
    join(p.binunicode('little_endian'), p.NEWTRUE, utf8('u')),
  );
  return join(magic, version, system, object, p.pickle(2, p.EMPTY_LIST));
}

export const STREAMS: readonly EvilFile[] = [
  ...importing('behind the end of another pickle', AFTERWARDS),
  ...importing('an error after the call', BROKEN),
  ...NESTED,
  ...UNSEEN_ARRAYS,
  PACKAGE,
];
