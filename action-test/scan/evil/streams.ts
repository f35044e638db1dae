/** Pickles that do not end where they seem to end, or hold another. */
import { bytes, join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
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
];
