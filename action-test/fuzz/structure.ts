/** Changes that know how a format is built, so that what is behind the change is still read. */
import {
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import {
  ARGUMENT,
  COUNTED_1,
  COUNTED_4,
  COUNTED_8,
  LINE,
  NO_OPCODE,
  TWO_LINES,
} from '../../shared/models/scan/pickle/opcodes.ts';
import { HAVOC, type Material, type Mutation, replaced } from './havoc.ts';
import { changedMessage } from './message.ts';

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** The opcodes of a pickle with their arguments, as far as there are any; the rest is the last. */
function opcodesOf(bytes: Uint8Array): Uint8Array[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOfOpcode(view, at);
    if (end === undefined || end > bytes.length) break;
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return at < bytes.length ? [...parts, bytes.subarray(at)] : parts;
}

function endOfOpcode(bytes: Buffer, at: number): number | undefined {
  const argument = ARGUMENT[bytes[at]!]!;
  const lineEnd = (from: number) => {
    const end = bytes.indexOf(10, from);
    return end < 0 ? undefined : end + 1;
  };
  if (argument === NO_OPCODE) return undefined;
  if (argument === LINE) return lineEnd(at + 1);
  if (argument === TWO_LINES) {
    const first = lineEnd(at + 1);
    return first === undefined ? undefined : lineEnd(first);
  }
  const counted = { [COUNTED_1]: 1, [COUNTED_4]: 4, [COUNTED_8]: 6 }[argument];
  if (counted === undefined) return at + 1 + argument;
  if (at + 9 > bytes.length) return undefined;
  return at + 1 + (counted === 6 ? 8 : counted) + bytes.readUIntLE(at + 1, counted);
}

/** Takes parts out, doubles them, puts those of another file in, or changes one. */
function shuffled(
  parts: Uint8Array[],
  { dice, other, words }: Material,
  split: (bytes: Uint8Array) => Uint8Array[],
) {
  const at = dice.below(parts.length + 1);
  const count = dice.length(8);
  const some = (from: Uint8Array[]) => {
    const begin = dice.below(from.length + 1);
    return from.slice(begin, begin + dice.length(8));
  };
  const put: Uint8Array[] = [
    () => [],
    () => some(parts),
    () => some(split(other())),
    () => [changed(parts[at] ?? new Uint8Array(), { dice, other, words })],
  ][dice.below(4)]!();
  return joined(...parts.slice(0, at), ...put, ...parts.slice(at + (dice.chance(0.5) ? 0 : count)));
}

export function changed(bytes: Uint8Array, material: Material): Uint8Array {
  return material.dice.pick(HAVOC)(bytes, material);
}

const opcodes: Mutation = (bytes, material) => shuffled(opcodesOf(bytes), material, opcodesOf);

/** An opcode where one was. */
const otherOpcode: Mutation = (bytes, { dice }) => {
  const parts = opcodesOf(bytes);
  if (parts.length === 0) return bytes;
  const index = dice.below(parts.length);
  const codes = [...ARGUMENT.keys()].filter((code) => ARGUMENT[code] !== NO_OPCODE);
  parts[index] = joined(Uint8Array.of(dice.pick(codes)), parts[index]!.subarray(dice.chance(0.5) ? 1 : 0));
  return joined(...parts);
};

/** A field of a record of a zip: all of them begin with `PK`. */
const zipField: Mutation = (bytes, material) => {
  const { dice } = material;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: number[] = [];
  for (let at = file.indexOf('PK'); at >= 0; at = file.indexOf('PK', at + 1)) records.push(at);
  if (records.length === 0) return bytes;
  const at = dice.pick(records) + 4 + dice.below(52);
  const part = bytes.subarray(at, at + dice.pick([2, 4, 8]));
  return replaced(bytes, at, part.length, changed(part, material).subarray(0, part.length));
};

/** Whole records of a zip, in another order. */
const zipRecords: Mutation = (bytes, material) => {
  const split = (file: Uint8Array): Uint8Array[] => {
    const text = Buffer.from(file).toString('latin1');
    const parts = text.split(/(?=PK[\x01-\x07][\x02-\x08])/);
    return parts.map((part) => Buffer.from(part, 'latin1'));
  };
  return shuffled(split(bytes), material, split);
};

const BLOCK = 512;
/** A block of a tar, with the right checksum behind the change. */
const tarHeader: Mutation = (bytes, material) => {
  const { dice } = material;
  const blocks = Math.floor(bytes.length / BLOCK);
  if (blocks === 0) return bytes;
  const at = dice.below(blocks) * BLOCK;
  const [from, length] = dice.pick([
    ...([
      [0, 100],
      [124, 12],
      [124, 12],
      [156, 1],
      [157, 100],
      [257, 8],
      [345, 155],
    ] as const),
  ]);
  const made = new Uint8Array(bytes);
  const field = dice.chance(0.3)
    ? Buffer.from(dice.pick(['0', '1', '2', '5', 'x', 'g', 'L', 'K', 'S', 'V', '77777777777\0', '\x80']))
    : changed(made.slice(at + from, at + from + length), material).subarray(0, length);
  made.set(field.subarray(0, bytes.length - at - from), at + from);
  const header = made.subarray(at, at + BLOCK).fill(32, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return made;
};

const blocksOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, index) =>
    bytes.subarray(index * BLOCK, (index + 1) * BLOCK),
  );
const tarBlocks: Mutation = (bytes, material) => shuffled(blocksOf(bytes), material, blocksOf);

/** What is packed is changed, and packed again. */
function repacked(unpack: (bytes: Uint8Array) => Buffer, pack: (bytes: Uint8Array) => Buffer): Mutation {
  return (bytes, material) => {
    let content: Buffer;
    try {
      content = unpack(bytes);
    } catch {
      return bytes;
    }
    return new Uint8Array(pack(changed(new Uint8Array(content), material)));
  };
}
const LIMIT = { maxOutputLength: 1 << 16 };

/** A header with a length before it, which fits behind the change. */
function header(begin: number, size: 2 | 4 | 8): Mutation {
  return (bytes, material) => {
    if (bytes.length < begin + size) return bytes;
    const file = Buffer.from(bytes);
    const length = file.readUIntLE(begin, Math.min(size, 6));
    const text = bytes.slice(begin + size, begin + size + length);
    const made = changed(text, material);
    file.writeUIntLE(size === 2 ? made.length % 2 ** 16 : made.length, begin, Math.min(size, 6));
    return replaced(file, begin + size, text.length, made);
  };
}

const TOKEN = /[A-Za-z_][\w.]*|\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\s+|[\s\S]/g;
const tokensOf = (bytes: Uint8Array): Uint8Array[] =>
  (Buffer.from(bytes).toString('latin1').match(TOKEN) ?? []).map((token) => Buffer.from(token, 'latin1'));
const tokens: Mutation = (bytes, material) => shuffled(tokensOf(bytes), material, tokensOf);

/** The same brackets many times. */
const deep: Mutation = (bytes, { dice }) => {
  const [open, close] = dice.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['(', ')'],
    ['<a>', '</a>'],
    ['{{', '}}'],
    ["('a',[", '])'],
  ] as const);
  const times = dice.length(5000);
  const at = dice.below(bytes.length + 1);
  return joined(
    bytes.subarray(0, at),
    Buffer.from(open.repeat(times)),
    dice.chance(0.5) ? Buffer.from(close.repeat(times)) : new Uint8Array(),
    bytes.subarray(at),
  );
};

const message: Mutation = (bytes, material) => changedMessage(bytes, material, changed);

/** By format; those that are not named have only what every file has. */
export const STRUCTURE: Readonly<Record<string, readonly Mutation[]>> = {
  pickle: [opcodes, opcodes, otherOpcode],
  zip: [zipField, zipField, zipRecords],
  tar: [tarHeader, tarHeader, tarBlocks],
  gzip: [repacked((bytes) => gunzipSync(bytes, LIMIT), gzipSync)],
  zlib: [repacked((bytes) => inflateSync(bytes, LIMIT), deflateSync)],
  'old-joblib': [
    (bytes, material) =>
      joined(
        bytes.subarray(0, 21),
        repacked((packed) => inflateSync(packed, LIMIT), deflateSync)(bytes.subarray(21), material),
      ),
  ],
  zstd: [repacked((bytes) => zstdDecompressSync(bytes, LIMIT), zstdCompressSync)],
  npy: [header(8, 2), header(8, 2), deep],
  safetensors: [header(0, 8), header(0, 8)],
  onnx: [message, message],
  'saved-model': [message, message],
  'keras-metadata': [message, message],
  coreml: [message, message],
  xml: [tokens, tokens, deep],
  json: [tokens, tokens, deep],
  text: [tokens, tokens, deep],
  hdf5: [tokens, deep],
  gguf: [tokens, deep],
};

/** One to a few changes, each of any kind that suits the format. */
export function mutate(bytes: Uint8Array, format: string, material: Material): Uint8Array {
  const { dice } = material;
  const own = STRUCTURE[format] ?? [];
  let made = bytes;
  for (let left = dice.chance(0.5) ? 1 : dice.length(8); left > 0; left--) {
    const mutation = own.length > 0 && dice.chance(0.5) ? dice.pick(own) : dice.pick(HAVOC);
    made = mutation(made, material).subarray(0, LONGEST);
  }
  return made;
}

/** In bytes: of a case. What is too slow or too large at this length is so for larger files. */
export const LONGEST = 1 << 16;
