import { crc32, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Format } from '../../../shared/models/scan/identify.ts';
import { bytes, join, u32, utf8 } from '../bytes.ts';
import { type CatalogueEntry, cutOff, evil, example } from './entry.ts';
import { weights } from './pickle.ts';

const TENSOR_BYTES = 1 << 19;

/** Numbers that hardly compress, more of them than are read at once. */
export function tensor(): Uint8Array {
  const numbers = new Uint32Array(TENSOR_BYTES / 4);
  for (let index = 1; index < numbers.length; index++)
    numbers[index] = Math.imul(numbers[index - 1]!, 1_664_525) + 1_013_904_223;
  return new Uint8Array(numbers.buffer);
}

interface Compression {
  format: Format;
  /** Of a file. */
  extension: string;
  /** A small pickle, compressed. */
  dict(): Uint8Array;
  /** Half a mebibyte of numbers, compressed. */
  tensor(): Uint8Array;
}

const by = (format: Format, extension: string, pack: (content: Uint8Array) => Uint8Array): Compression => ({
  format,
  extension,
  dict: () => new Uint8Array(pack(weights())),
  tensor: () => new Uint8Array(pack(tensor())),
});

/** What Python has packed: the small pickle, and half a mebibyte of zeros. */
const byPython = (format: Format, extension: string, dict: string, zeros: string): Compression => ({
  format,
  extension,
  dict: () => new Uint8Array(Buffer.from(dict, 'base64')),
  tensor: () => new Uint8Array(Buffer.from(zeros, 'base64')),
});

/** `ZF`, the length in hexadecimal over 19 bytes, and a zlib stream: joblib before 0.10. */
const oldJoblib = (content: Uint8Array): Uint8Array =>
  join(utf8(`ZF${`0x${content.length.toString(16)}`.padEnd(19)}`), deflateSync(content));

const LZ4_BLOCK = 1 << 16;

/** A frame of blocks that are stored as they are. */
function lz4(content: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += LZ4_BLOCK) {
    const block = content.subarray(at, at + LZ4_BLOCK);
    blocks.push(u32(block.length + 2 ** 31), block);
  }
  return join(bytes(4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82), ...blocks, u32(0));
}

const COMPRESSIONS: readonly Compression[] = [
  by('gzip', 'joblib.gz', gzipSync),
  by('zlib', 'joblib', deflateSync),
  by('zstd', 'joblib.zst', zstdCompressSync),
  by('old-joblib', 'before-0.10.joblib', oldJoblib),
  by('lz4', 'joblib.lz4', lz4),
  byPython(
    'bzip2',
    'joblib.bz2',
    'QlpoOTFBWSZTWf9JqyAAAAjXwHEAAAEACABAAuAMgkAAIAAigaA9T2qFMABNLUlBleAbQmfF3JFOFCQ/0mrIAA==',
    'QlpoOTFBWSZTWTVQZq4ABARAAMQAAAggADDMBSmmEA2IgHi7kinChIGqgzVw',
  ),
  byPython(
    'xz',
    'joblib.xz',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQARgAJ9WAYAAAB3ZWlnaHRLAXMuAAAAjntnFaWBBQ4AASoSSwhUvB+2830BAAAAAARZWg==',
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj5///AI9dAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYiiDw8n0AAABjD0QBmYw9IwABqwGAgCAAWZUGFLHEZ/sCAAAAAARZWg==',
  ),
  byPython(
    'lzma',
    'joblib.lzma',
    'XQAAgAD//////////wBAAIsoVC/3RgT+OhBVLtd2q224qegM//6j0AA=',
    'XQAAgAD//////////wAAb/3//6O3/0c+SBVyOWFRuJIo5qOGB/nu5B6C0y/FOjwBS7F+yYqKTS+jDdl/puOMIxFT4FkYxXWK4nf4tpR/DGrA3nRJZOLpXFOyBNj3RAyrXw1tRunlw3aIt5ZXrLZN4Wkdb/tLiBBsQsuIP1wAj9BOryYolHEfPY8k4XCepyNf7CjLhdGVmIog8P8dUv//9ElAAA==',
  ),
];

const PACKED: readonly CatalogueEntry[] = COMPRESSIONS.flatMap(({ format, extension, ...content }) => [
  {
    format,
    rule: 'archive-hidden' as const,
    says: 'A text follows the compressed stream, which some loaders read and some do not.',
    passing: example(`dict.${extension}`, content.dict),
    failing: example(`text-behind.${extension}`, () => join(content.dict(), utf8('and more'))),
  },
  {
    format,
    rule: 'unreadable' as const,
    says: 'The compressed stream ends too early.',
    passing: example(`tensor.${extension}`, content.tensor),
    failing: example(`cut-off.${extension}`, () => cutOff(content.tensor(), 2)),
  },
]);

/** @param change bytes, and the places where they are written. */
function changed(stream: Uint8Array, change: Readonly<Record<number, number>>): Uint8Array {
  const bytes = Uint8Array.from(stream);
  for (const [place, byte] of Object.entries(change)) bytes[Number(place)] = byte;
  return bytes;
}

const packed = (format: Format): Compression => COMPRESSIONS.find((one) => one.format === format)!;

/** With a kind of check that nobody has, in the flags of the stream, which have a checksum of their own. */
function ofUnknownCheck(): Uint8Array {
  const kind = 2;
  const stream = changed(packed('xz').dict(), { 7: kind });
  stream.set(u32(crc32(stream.subarray(6, 8))), 8);
  return stream;
}

const NOT_UNPACKED: readonly CatalogueEntry[] = [
  {
    format: 'bzip2',
    rule: 'cannot-look-into',
    says: 'A block is marked as scrambled, as only bzip2 before 0.9.5 did.',
    passing: example('dict.joblib.bz2', () => packed('bzip2').dict()),
    failing: example('scrambled.joblib.bz2', () => changed(packed('bzip2').dict(), { 14: 0xff })),
  },
  {
    format: 'xz',
    rule: 'cannot-look-into',
    says: 'It has a kind of checksum that is not known.',
    passing: example('dict.joblib.xz', () => packed('xz').dict()),
    failing: example('unknown-check.joblib.xz', ofUnknownCheck),
  },
  {
    format: 'lzma',
    rule: 'cannot-look-into',
    says: 'Unpacking it asks for 2 GiB of memory.',
    passing: example('dict.joblib.lzma', () => packed('lzma').dict()),
    failing: example('large-dictionary.joblib.lzma', () => changed(packed('lzma').dict(), { 3: 0, 4: 0x80 })),
  },
];

export const COMPRESSED: readonly CatalogueEntry[] = [
  ...PACKED,
  ...NOT_UNPACKED,
  {
    format: 'gzip',
    rule: 'too-much',
    says: 'A megabyte unpacks to 1.3 GB.',
    passing: example('tensor.gz', () => new Uint8Array(gzipSync(tensor()))),
    failing: evil('a-bomb/zeros.gz'),
  },
  {
    format: 'bzip2',
    rule: 'too-much',
    says: 'Eight kilobytes unpack to 4.6 GB.',
    passing: example('tensor.joblib.bz2', () => packed('bzip2').tensor()),
    failing: evil('a-bomb/zeros.bz2'),
  },
];
