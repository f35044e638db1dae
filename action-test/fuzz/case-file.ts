/** The case in work, in a file that is written over and over: its length, and its bytes. */
import { readFileSync, writeSync } from 'node:fs';

export function writeCase(file: number, bytes: Uint8Array): void {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  writeSync(file, Buffer.concat([length, bytes]), 0, 4 + bytes.length, 0);
}

/** @returns no bytes where none was written. */
export function readCase(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return bytes.length < 4 ? bytes : bytes.subarray(4, 4 + bytes.readUInt32LE());
}
