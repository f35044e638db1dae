import { constants, inflateSync } from 'node:zlib';
import { beginsLzma } from './containers/lzma-header.ts';
import { isSkippedFrame } from './containers/skipped-frames.ts';
import { isTarHeader } from './containers/tar-header.ts';
import { mayBeProtobuf } from './formats/any-protobuf.ts';
import { isMachineCode } from './formats/machine-code.ts';
import { protobufKind } from './formats/protobuf-kind.ts';
import { looksLikePickle } from './pickle/looks-like-pickle.ts';
import type { ScanInput } from './scan-input.ts';
import { wideEncoding } from './text/wide-encoding.ts';

/** What a stream is, by its content. */
export type Format =
  | 'pickle'
  | 'zip'
  | 'tar'
  | 'gzip'
  | 'zlib'
  | 'old-joblib'
  | 'bzip2'
  | 'xz'
  | 'lzma'
  | 'lz4'
  | 'zstd'
  | 'npy'
  | 'hdf5'
  | 'safetensors'
  | 'gguf'
  | 'onnx'
  | 'saved-model'
  | 'keras-metadata'
  | 'coreml'
  | 'catboost'
  | 'machine-code'
  | 'xml'
  | 'json'
  | 'text'
  | 'wide-text'
  | 'blanks'
  | 'unknown';

/** So much of the beginning tells what a stream is; tar needs 512. */
export const HEAD_BYTES = 4096;

/** First bytes that only one format has, in latin1. */
const SIGNATURES: readonly [Format, string][] = [
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b\x08'],
  ['bzip2', 'BZh'],
  ['xz', '\xfd7zXZ\x00'],
  ['lz4', '\x04\x22\x4d\x18'],
  ['lz4', '\x02\x21\x4c\x18'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['npy', '\x93NUMPY'],
  ['hdf5', '\x89HDF\r\n\x1a\n'],
  ['gguf', 'GGUF'],
  ['catboost', 'CBM1'],
];

/** Their first letter is an opcode that puts what follows on the stack: a pickle can begin with these signatures. */
const ALSO_PICKLES: readonly Format[] = ['gguf', 'catboost', 'bzip2'];
const ONLY_SIGNATURES = new Set(
  SIGNATURES.map(([format]) => format).filter((format) => !ALSO_PICKLES.includes(format)),
);

/**
 * Tells the format of a stream, by content, never by name.
 * @param head its first bytes: HEAD_BYTES, or all there are. @param input what is known of it beside them.
 * @returns several where one stream is several: what is a pickle to one loader can be a text or an archive to another.
 * `any-protobuf` says that its beginning may be that of a message, and does not tell of what; it never stands alone.
 */
export function identify(
  head: Uint8Array,
  { size, role }: Pick<ScanInput, 'size' | 'role'>,
): (Format | 'any-protobuf')[] {
  if (role === 'pickle') return ['pickle'];
  const whole = size ?? (head.length < HEAD_BYTES ? head.length : undefined);
  const other = role === undefined ? otherFormat(head, whole) : numbersFormat(head, role);
  if (ONLY_SIGNATURES.has(other)) return [other];
  const isPickle = looksLikePickle(head, whole);
  if (role === undefined && UNTOLD.includes(other) && mayBeProtobuf(head, whole))
    return [...(isPickle ? (['pickle'] as const) : []), 'any-protobuf', other];
  if (!isPickle) return [other];
  return other === 'unknown' ? ['pickle'] : ['pickle', other];
}

/** What a stream is taken for where nothing else tells. */
const UNTOLD: readonly Format[] = ['unknown', 'text', 'wide-text', 'blanks', 'json'];

/** Numbers hardly ever begin like an archive. */
function numbersFormat(head: Uint8Array, role: 'numbers' | 'saved-numbers'): Format {
  if (role === 'numbers') return 'unknown';
  if (Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PK\x03\x04') return 'zip';
  return isTarHeader(head) ? 'tar' : 'unknown';
}

/** What a stream is, if it is no pickle. */
function otherFormat(head: Uint8Array, size: number | undefined): Format {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('latin1');
  const known = SIGNATURES.find(([, signature]) => start.startsWith(signature));
  if (known) return known[0];
  if (isTarHeader(head)) return 'tar';
  if (/^ZF0x[0-9a-f]+/.test(start)) return 'old-joblib';
  if (isMachineCode(head)) return 'machine-code';
  if (isSafetensors(head, size)) return 'safetensors';
  if (isZlib(head)) return 'zlib';
  if (isCoreMlWeights(head)) return 'unknown';
  if (beginsLzma(head)) return 'lzma';
  if (/^[\x50-\x5f]\x2a\x4d\x18/.test(start)) return kindOfFrames(head);
  if (wideEncoding(head) !== undefined) return protobufKind(head, size) ?? 'wide-text';
  return textKind(head) ?? protobufKind(head, size) ?? 'unknown';
}

/** Parsers of JSON pass over a mark of UTF-8 and any number of blanks before it. */
function textKind(head: Uint8Array): Format | undefined {
  const begin = /^(?:\xef\xbb\xbf)?\s*([\s\S]{0,2})/.exec(Buffer.from(head).toString('latin1'))![1]!;
  if (begin === '' && head.length >= HEAD_BYTES) return 'blanks';
  if (/^[[{]/.test(begin)) return 'json';
  if (/^<[?!A-Za-z]/.test(begin)) return 'xml';
  return isText(head) ? 'text' : undefined;
}

/** As coremltools writes `weight.bin`: how many, version 2, zeros, and a mark. Its first bytes are like those of LZMA. */
function isCoreMlWeights(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(4, 68)).toString('latin1');
  return start === `\x02${'\0'.repeat(59)}\xef\xbe\xad\xde`;
}

/** A length, which need not be true, and a JSON object. */
function isSafetensors(head: Uint8Array, size: number | undefined): boolean {
  // Eight letters are no length: a text has a brace there.
  if (head.length < 10 || head[8] !== 0x7b || isText(head.subarray(0, 8))) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  if (length < 2n) return false;
  return (
    /^[\s"}]$/.test(String.fromCharCode(head[9]!)) || (size !== undefined && length + 8n <= BigInt(size))
  );
}

/** RFC 1950. Two bytes are soon there by chance: what follows must unpack. */
function isZlib(head: Uint8Array): boolean {
  const [method, flags] = [head[0] ?? 0, head[1] ?? 0];
  const isHeader =
    (method & 15) === 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 === 0 && (flags & 32) === 0;
  if (!isHeader) return false;
  try {
    inflateSync(head.subarray(0, 1024), { finishFlush: constants.Z_SYNC_FLUSH });
    return true;
  } catch (error) {
    // All of it unpacks, and only its checksum is wrong.
    return error instanceof Error && error.message === 'incorrect data check';
  }
}

/** What comes behind frames that both LZ4 and Zstandard pass over. */
function kindOfFrames(head: Uint8Array): Format {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  let at = 0;
  while (at + 8 <= head.length && isSkippedFrame(view.getUint32(at, true)))
    at += 8 + view.getUint32(at + 4, true);
  return at + 4 <= head.length && view.getUint32(at, true) === 0xfd2fb528 ? 'zstd' : 'lz4';
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13);
}
