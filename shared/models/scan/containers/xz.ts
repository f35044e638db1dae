/** Streams of `.xz` (The .xz File Format 1.2.1, tukaani.org/xz/xz-file-format.txt). */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ByteReader } from '../byte-reader.ts';
import type { HeldMemory } from '../limits.ts';
import { NotUnpacked } from './compressed-by.ts';
import { boundedDictionary } from './lzma-decoder.ts';
import { unpackLzma2 } from './lzma2.ts';
import { taken } from './taken.ts';
import { checkOf } from './xz-check.ts';

const MAGIC = Buffer.from('\xfd7zXZ\x00', 'latin1');
const HEADER_BYTES = 12;
const LZMA2 = 0x21;

export async function beginsXz(reader: ByteReader): Promise<boolean> {
  if (!(await reader.ensure(MAGIC.length))) return false;
  return MAGIC.equals(reader.bytes.subarray(reader.position, reader.position + MAGIC.length));
}

/** Unpacks one stream. @throws where it is damaged, or cut off. */
export async function* unpackXz(reader: ByteReader, memory: HeldMemory): AsyncGenerator<Uint8Array, void> {
  if (!(await beginsXz(reader))) throw new Error('it does not begin as xz does');
  const header = await taken(reader, HEADER_BYTES);
  const flags = header.subarray(6, 8);
  if (header.readUInt32LE(8) !== crc32(flags)) throw new Error('its header does not have its checksum');
  if (flags[0] !== 0 || flags[1]! > 15) throw new Error('it has unknown flags');
  const records = recordsOfBlocks();
  for (;;) {
    const length = (await taken(reader, 1))[0]!;
    if (length === 0) break;
    yield* unpackBlock(reader, { headerSize: (length + 1) * 4, kindOfCheck: flags[1]!, records, memory });
  }
  const indexSize = await passIndex(reader, records);
  const footer = await taken(reader, HEADER_BYTES);
  if (footer.readUInt32LE(0) !== crc32(footer.subarray(4, 10)))
    throw new Error('its footer does not have its checksum');
  const isSame = (footer.readUInt32LE(4) + 1) * 4 === indexSize && flags.equals(footer.subarray(8, 10));
  if (!isSame || footer.toString('latin1', 10) !== 'YZ')
    throw new Error('its footer is not that of its header');
}

/** What the index must hold. */
interface Records {
  count: number;
  add(packedSize: number, size: number): void;
  digest(): string;
}

/** Of the blocks only a hash of their sizes is kept, however many there are. */
function recordsOfBlocks(): Records {
  const hash = createHash('sha256');
  const records: Records = {
    count: 0,
    add(packedSize, size) {
      records.count += 1;
      hash.update(`${packedSize} ${size}\n`);
    },
    digest: () => hash.digest('hex'),
  };
  return records;
}

interface Block {
  /** In bytes. */
  headerSize: number;
  kindOfCheck: number;
  records: Records;
  memory: HeldMemory;
}

async function* unpackBlock(
  reader: ByteReader,
  { headerSize, kindOfCheck, records, memory }: Block,
): AsyncGenerator<Uint8Array, void> {
  const start = reader.offset - 1;
  const header = parseBlockHeader(await taken(reader, headerSize - 1), headerSize);
  const check = checkOf(kindOfCheck);
  let size = 0;
  for await (const part of unpackLzma2(reader, header.dictionary, memory)) {
    check.update(part);
    size += part.length;
    yield part;
  }
  const packedSize = reader.offset - start - headerSize;
  if ((header.packedSize ?? packedSize) !== packedSize || (header.size ?? size) !== size)
    throw new Error('a block does not have its size');
  const padding = await taken(reader, (4 - (packedSize % 4)) % 4);
  if (padding.some((byte) => byte !== 0)) throw new Error('a block has a wrong padding');
  if (!(await taken(reader, check.size)).equals(check.digest()))
    throw new Error('a block does not have its checksum');
  records.add(headerSize + packedSize + check.size, size);
}

/** @param rest of the header, behind its length. */
function parseBlockHeader(
  rest: Buffer,
  size: number,
): { dictionary: number; packedSize: number | undefined; size: number | undefined } {
  const end = rest.length - 4;
  if (rest.readUInt32LE(end) !== crc32(rest.subarray(0, end), crc32(Uint8Array.of(size / 4 - 1))))
    throw new Error('the header of a block does not have its checksum');
  const flags = rest[0]!;
  if ((flags & 0x3c) !== 0) throw new Error('a block has unknown flags');
  let at = 1;
  const number = (): number => {
    const { value, length } = numberAt(rest.subarray(0, end), at);
    at += length;
    return value;
  };
  const packedSize = flags & 0x40 ? number() : undefined;
  const unpackedSize = flags & 0x80 ? number() : undefined;
  const filter = number();
  if ((flags & 3) !== 0 || filter !== LZMA2)
    throw new NotUnpacked('It has a filter beside LZMA2, which is not undone here.');
  const isRight = number() === 1 && rest[at]! <= 40 && rest.subarray(at + 1, end).every((byte) => byte === 0);
  if (!isRight) throw new Error('the header of a block is damaged');
  return { dictionary: boundedDictionary(dictionarySize(rest[at]!)), packedSize, size: unpackedSize };
}

/** Section 5.3.1: 2^n or 2^n + 2^(n-1), and at last 4 GiB - 1. */
const dictionarySize = (bits: number): number =>
  bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);

/** Seven bits to a byte, the lowest first. @throws where it is cut off, or too long. */
function numberAt(bytes: Uint8Array, at: number): { value: number; length: number } {
  let value = 0;
  for (let index = 0; index < 9 && at + index < bytes.length; index++) {
    const byte = bytes[at + index]!;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, length: index + 1 };
  }
  throw new Error('a number in it does not end');
}

/** @returns its size in bytes. @throws where it does not fit the blocks. */
async function passIndex(reader: ByteReader, blocks: Records): Promise<number> {
  const start = reader.offset - 1;
  let checksum = crc32(Uint8Array.of(0));
  const number = async (): Promise<number> => {
    await reader.ensure(9);
    const { value, length } = numberAt(reader.bytes.subarray(0, reader.end), reader.position);
    checksum = crc32(reader.bytes.subarray(reader.position, reader.position + length), checksum);
    reader.position += length;
    return value;
  };
  const records = recordsOfBlocks();
  if ((await number()) !== blocks.count) throw new Error('its index does not list its blocks');
  while (records.count < blocks.count) records.add(await number(), await number());
  if (records.digest() !== blocks.digest()) throw new Error('its index does not list its blocks');
  const padding = await taken(reader, (4 - ((reader.offset - start) % 4)) % 4);
  if (padding.some((byte) => byte !== 0)) throw new Error('its index has a wrong padding');
  checksum = crc32(padding, checksum);
  if ((await taken(reader, 4)).readUInt32LE(0) !== checksum)
    throw new Error('its index does not have its checksum');
  return reader.offset - start;
}
