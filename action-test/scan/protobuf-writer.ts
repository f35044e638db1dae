/** Messages of protocol buffers: fields by their numbers. */
import { bytes, join, utf8 } from './bytes.ts';

function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) | 0x80);
  return bytes(...digits, rest);
}

export const number = (field: number, value: number): Uint8Array => join(varint(field * 8), varint(value));
/** A text, bytes, or the fields of a message. */
export function field(index: number, ...content: readonly (Uint8Array | string)[]): Uint8Array {
  const joined = join(...content.map((part) => (typeof part === 'string' ? utf8(part) : part)));
  return join(varint(index * 8 + 2), varint(joined.length), joined);
}
