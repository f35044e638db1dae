import { ARGUMENT, COUNTED_1, COUNTED_4, NO_OPCODE, OPCODE } from './opcodes.ts';

/** Payloads up to so many bytes are read as a whole, to see whether they are a name. */
export const MOST_INLINE = 256;

/** Bytes of the length before a payload. @param argument of the opcode, a counted one. */
export const lengthBytes = (argument: number): number =>
  argument === COUNTED_1 ? 1 : argument === COUNTED_4 ? 4 : 8;

/** @param width as `lengthBytes` says. */
export function readLength(buffer: Buffer, at: number, width: number): number {
  if (width === 1) return buffer[at]!;
  return width === 4 ? buffer.readUInt32LE(at) : Number(buffer.readBigUInt64LE(at));
}

/** Whether short bytes could be a stream of their own: only what begins as one does, or a part of it. */
export function mayHoldStream(buffer: Buffer, from: number, end: number): boolean {
  const first = from < end ? buffer[from]! : 0x80;
  return first === 0x80 || first === 0x50 || (ARGUMENT[first] !== NO_OPCODE && end - from >= 12);
}

/** The number of LONG1, where it is short and could be a length. */
export function countOfLong(buffer: Buffer, from: number, length: number): number | undefined {
  const value = length > 0 && length <= 6 ? buffer.readIntLE(from, length) : -1;
  return value < 0 ? undefined : value;
}

const flags = (...opcodes: number[]): Uint8Array => {
  const of = new Uint8Array(256);
  for (const opcode of opcodes) of[opcode] = 1;
  return of;
};

export const TEXTS = flags(
  OPCODE.BINSTRING,
  OPCODE.SHORT_BINSTRING,
  OPCODE.BINUNICODE,
  OPCODE.SHORT_BINUNICODE,
  OPCODE.BINUNICODE8,
);
/** Values that a call could read as a stream: texts of Python 2 are bytes. */
export const BYTES = flags(
  OPCODE.BINBYTES,
  OPCODE.SHORT_BINBYTES,
  OPCODE.BINBYTES8,
  OPCODE.BYTEARRAY8,
  OPCODE.BINSTRING,
  OPCODE.SHORT_BINSTRING,
);
