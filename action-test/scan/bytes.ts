/** Writing bytes: little-endian numbers, text, and one part after the other. */

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function written(length: number, write: (view: DataView) => void): Uint8Array {
  const made = new Uint8Array(length);
  write(new DataView(made.buffer));
  return made;
}

export const u16 = (value: number): Uint8Array => written(2, (view) => view.setUint16(0, value, true));
export const u32 = (value: number): Uint8Array => written(4, (view) => view.setUint32(0, value, true));
export const u64 = (value: number | bigint): Uint8Array =>
  written(8, (view) => view.setBigUint64(0, BigInt(value), true));
