/** Pickles in what joblib writes: compressed, with the bytes of arrays in between, and in its old forms. */
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { bytes, join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { type EvilFile, importing, plainCall, plainEvil } from './evil-file.ts';

/** By Python's `bz2.compress`, `lzma.compress` (its two forms) and `lz4.frame.compress` of `plainEvil(2)`. */
const PACKED: Readonly<Record<string, string>> = {
  bz2: 'QlpoOTFBWSZTWQgBXnQAABDTwFAUQEEQQC5DjCBAACAAIpo0A9IaZCgaaGRkxJlB+e164YcsqEGtU5qxhX26Qf4u5IpwoSAQArzo',
  xz: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAhgAJjb3MKc3lzdGVtCihYDAAAAGVjaG8gc2Nhbm5lZHRSLgAAAOESelmWH+NzAAE6IrYqT9AftvN9AQAAAAAEWVo=',
  lzma: 'XQAAgAD//////////wBAAIgDvDC9NN4vXibQafM/sROevXMC5ljjNJurLci0KgUw31j4u//+zKgA',
  lz4: 'BCJNGGhAIgAAAAAAAAAuIgAAgIACY29zCnN5c3RlbQooWAwAAABlY2hvIHNjYW5uZWR0Ui4AAAAA',
};

/** @param name bz2, xz, lzma or lz4. @returns `plainEvil(2)` as Python packs it. */
export const packedEvil = (name: string): Uint8Array => new Uint8Array(Buffer.from(PACKED[name]!, 'base64'));

/** By the same, of a pickle of None. */
const HARMLESS: Readonly<Record<string, string>> = {
  bz2: 'QlpoOTFBWSZTWRfZwMUAAAHUQBAAAAEAAUAAIAAhmmgzTRc8XckU4UJAX2cDFA==',
  xz: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQADgAJOLgCSP55n4rsFJgABHARvLJzBH7bzfQEAAAAABFla',
  lzma: 'XQAAgAD//////////wBAAIV00ToP///8PwAA',
  lz4: 'BCJNGEBAwAQAAICAAk4uAAAAAA==',
};
const harmless = (name: string): Uint8Array => new Uint8Array(Buffer.from(HARMLESS[name]!, 'base64'));

const PYTHON: Record<string, () => Uint8Array> = Object.fromEntries(
  Object.keys(PACKED).flatMap((name) => [
    [`compressed.joblib.${name}`, () => packedEvil(name)],
    [`two-streams-of-${name}.joblib`, () => join(harmless(name), packedEvil(name))],
    [`packed-by-${name}-and-gzip.joblib`, () => new Uint8Array(gzipSync(packedEvil(name)))],
    [`behind-${name}.joblib`, () => join(harmless(name), plainEvil())],
  ]),
);

/** @param bytes which no program takes for a dictionary, and XZ Utils accept. */
const smallDictionary = (bytes: number): Uint8Array => {
  const packed = packedEvil('lzma');
  new DataView(packed.buffer).setUint32(1, bytes, true);
  return packed;
};

const OTHERS: Record<string, () => Uint8Array> = {
  ...Object.fromEntries(
    [0, 1, 256, 384].map((size) => [`dictionary-of-${size}.joblib.lzma`, () => smallDictionary(size)]),
  ),
  /** Properties, a dictionary and a size of 0, and all zeros behind: so LZMA packs nothing. */
  'behind-streams-of-nothing.pkl.lzma': () => join(new Uint8Array(3 * 18), packedEvil('lzma')),
  'xz-and-lzma.joblib': () => join(harmless('xz'), packedEvil('lzma')),
  'behind-a-skipped-frame.joblib.lz4': () =>
    join(bytes(0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0), utf8('abc'), packedEvil('lz4')),
};

/** `ZF`, the length in hexadecimal over 19 bytes, and what zlib has made, as joblib wrote before 0.10. */
const oldZlib = (content: Uint8Array): Uint8Array =>
  join(utf8(`ZF${`0x${content.length.toString(16)}`.padEnd(19)}`), deflateSync(content));

const COMPRESSED: Record<string, () => Uint8Array> = {
  'compressed.joblib.z': () => new Uint8Array(deflateSync(plainEvil())),
  'compressed-9.joblib': () => new Uint8Array(deflateSync(plainEvil(4), { level: 9 })),
  'compressed-1.joblib': () => new Uint8Array(deflateSync(plainEvil(3), { level: 1 })),
  'stored.joblib': () => new Uint8Array(deflateSync(plainEvil(), { level: 0 })),
  'compressed.joblib.gz': () => new Uint8Array(gzipSync(plainEvil())),
  'compressed.joblib.zst': () => new Uint8Array(zstdCompressSync(plainEvil())),
  'two-gzip-members.joblib': () => join(gzipSync(p.pickle(2, p.NONE)), gzipSync(plainEvil())),
  'twice.joblib': () => new Uint8Array(gzipSync(deflateSync(plainEvil()))),
  'before-0.10.joblib': () => oldZlib(plainEvil()),
};

/** What comes before the end is unpacked by loaders, and run. */
const CUT_OFF: EvilFile = {
  name: 'gzip-cut-off.joblib',
  technique: 'compressed as joblib does',
  gadget: 'os.system',
  rule: 'unreadable',
  make: () => {
    const content = join(p.proto(2), plainCall(), p.binunicode('weights'.repeat(9)));
    return new Uint8Array(gzipSync(content, { level: 0 })).subarray(0, -12);
  },
};

/** Loaders unpickle what comes before the end, and may never come to it. */
const WRONG_AT_THE_END: readonly EvilFile[] = Object.keys(PACKED).flatMap((name) => {
  const file = (before: string, make: () => Uint8Array): EvilFile => ({
    name: `${before}.joblib.${name}`,
    technique: 'compressed as joblib does',
    gadget: 'os.system',
    rule: 'unreadable',
    make,
  });
  const damaged = (): Uint8Array => {
    const content = packedEvil(name);
    content[content.length - 3]! ^= 0x10;
    return content;
  };
  return [
    file('cut-off-at-its-end', () => packedEvil(name).subarray(0, -3)),
    file('damaged-at-its-end', damaged),
  ];
});

const dtype = (kind: string): Uint8Array =>
  join(
    join(p.global('numpy', 'dtype'), p.binunicode(kind), p.NEWFALSE, p.NEWTRUE, p.TUPLE3, p.REDUCE),
    join(p.MARK, p.binint1(3), p.binunicode('<'), p.NONE, p.NONE, p.NONE),
    join(p.binint(-1), p.binint(-1), p.binint1(0), p.TUPLE, p.BUILD),
  );

interface Wrapped {
  kind: string;
  length: number;
  isPadded?: boolean;
  subclass?: Uint8Array;
}

/** What stands for an array, whose bytes follow at once. */
const wrapper = ({
  kind,
  length,
  isPadded = true,
  subclass = p.global('numpy', 'ndarray'),
}: Wrapped): Uint8Array =>
  join(
    join(p.global('joblib.numpy_pickle', 'NumpyArrayWrapper'), p.EMPTY_TUPLE, p.NEWOBJ, p.EMPTY_DICT, p.MARK),
    join(p.binunicode('subclass'), subclass, p.binunicode('shape'), p.binint1(length), p.TUPLE1),
    join(p.binunicode('order'), p.binunicode('C'), p.binunicode('dtype'), dtype(kind)),
    join(p.binunicode('allow_mmap'), p.NEWTRUE),
    isPadded ? join(p.binunicode('numpy_array_alignment_bytes'), p.binint1(16)) : new Uint8Array(),
    join(utf8('u'), p.BUILD),
  );

const padded = (content: Uint8Array): Uint8Array => join(bytes(3, 0xff, 0xff, 0xff), content);

const ARRAYS: Record<string, () => Uint8Array> = {
  'after-an-array.joblib': () =>
    p.pickle(4, wrapper({ kind: 'f8', length: 2 }), padded(new Uint8Array(16)), plainCall()),
  'after-two-arrays.joblib': () =>
    p.pickle(
      4,
      join(wrapper({ kind: 'f8', length: 2 }), padded(new Uint8Array(16).fill(0x80))),
      join(wrapper({ kind: 'i4', length: 3 }), padded(new Uint8Array(12).fill(0x2e))),
      plainCall(),
    ),
  'after-an-array-without-padding.joblib': () =>
    p.pickle(3, wrapper({ kind: 'f4', length: 3, isPadded: false }), new Uint8Array(12), plainCall()),
  'after-long-padding.joblib': () =>
    p.pickle(
      4,
      wrapper({ kind: 'i8', length: 1 }),
      bytes(200),
      new Uint8Array(200).fill(0xff),
      new Uint8Array(8),
      plainCall(),
    ),
  'array-of-objects.joblib': () => p.pickle(4, wrapper({ kind: 'O8', length: 1 }), plainEvil()),
  'compressed-array-of-objects.joblib': () =>
    new Uint8Array(deflateSync(p.pickle(4, wrapper({ kind: 'O8', length: 1 }), plainEvil(5)))),
  'after-an-array-of-objects.joblib': () =>
    p.pickle(4, wrapper({ kind: 'O8', length: 1 }), p.pickle(2, p.NONE), plainCall()),
  'subclass-of-an-array.joblib': () =>
    p.pickle(
      4,
      wrapper({ kind: 'f8', length: 1, subclass: p.global('os', 'system') }),
      padded(new Uint8Array(8)),
    ),
  /** joblib passes the bytes over; `pickle.load` runs them. */
  'array-that-is-a-pickle.joblib': () => {
    const call = join(plainCall(), p.STOP);
    return join(p.proto(4), wrapper({ kind: 'i1', length: call.length, isPadded: false }), call, p.STOP);
  },
};

/** What joblib reads in place of an array of objects, a pickle of its own, may be an object of any class. */
const inPlaceOfArray = (): Uint8Array =>
  join(
    wrapper({ kind: 'O', length: 1 }),
    p.pickle(4, p.stackGlobal('scipy.stats._continuous_distns', 'norm_gen'), p.EMPTY_TUPLE, p.NEWOBJ),
  );
const IN_PLACE_OF_ARRAYS: Record<string, () => Uint8Array> = {
  'state-for-an-array.joblib': () => p.pickle(4, inPlaceOfArray(), p.EMPTY_DICT, p.BUILD),
  'state-for-an-array-of-the-memo.joblib': () =>
    p.pickle(4, inPlaceOfArray(), p.binput(0), p.POP, p.binget(0), p.EMPTY_DICT, p.BUILD),
  'item-for-an-array.joblib': () => p.pickle(4, inPlaceOfArray(), p.NONE, p.APPEND),
};

export const JOBLIB: readonly EvilFile[] = [
  ...importing('an object in place of an array', IN_PLACE_OF_ARRAYS, 'joblib.numpy_pickle.NumpyArrayWrapper'),
  ...importing('compressed as joblib does', COMPRESSED),
  ...importing('compressed as joblib does', PYTHON),
  ...importing('compressed as joblib does', OTHERS),
  CUT_OFF,
  ...WRONG_AT_THE_END,
  ...importing('among the arrays of joblib', ARRAYS),
];
