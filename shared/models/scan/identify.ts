import { constants, inflateSync } from 'node:zlib';
import { isTarHeader } from './containers/tar-header.ts';
import { protobufKind } from './formats/protobuf-kind.ts';
import { looksLikePickle } from './pickle/looks-like-pickle.ts';
import type { ScanInput } from './scan-input.ts';

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
  | 'xml'
  | 'json'
  | 'text'
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

/**
 * Tells the format of a stream, by content, never by name.
 * @param head its first bytes: HEAD_BYTES, or all there are. @param input what is known of it beside them.
 */
export function identify(head: Uint8Array, { size, role }: Pick<ScanInput, 'size' | 'role'>): Format {
  if (role === 'pickle') return 'pickle';
  if (role === 'numbers') return looksLikePickle(head, size) ? 'pickle' : 'unknown';
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('latin1');
  const known = SIGNATURES.find(([, signature]) => start.startsWith(signature));
  if (known) return known[0];
  if (isTarHeader(head)) return 'tar';
  if (/^ZF0x[0-9a-f]+/.test(start)) return 'old-joblib';
  if (looksLikePickle(head, size)) return 'pickle';
  if (isSafetensors(head, size)) return 'safetensors';
  if (isZlib(head)) return 'zlib';
  if (isLzma(head)) return 'lzma';
  if (/^\s*[[{]/.test(start)) return 'json';
  if (/^(?:\xef\xbb\xbf)?\s*<[?!A-Za-z]/.test(start)) return 'xml';
  return isText(head) ? 'text' : (protobufKind(head, size) ?? 'unknown');
}

/** A length, which need not be true, and a JSON object. */
function isSafetensors(head: Uint8Array, size: number | undefined): boolean {
  if (head.length < 10 || head[8] !== 0x7b) return false;
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

/** The old format of one stream: properties, a dictionary of 2^n bytes, and a size, or none, and a first byte of 0. */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 14 || head[0]! >= 225 || head[13] !== 0) return false;
  const view = new DataView(head.buffer, head.byteOffset);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  const isPower = dictionary >= 4096 && (dictionary & (dictionary - 1)) === 0;
  return isPower && (size === 0xffff_ffff_ffff_ffffn || size < 1n << 40n);
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13);
}
