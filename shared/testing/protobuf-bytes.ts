/** A number as Protocol Buffers write it. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}

/** One field of a message of Protocol Buffers: a number, a text, bytes, or a message of such fields. */
export function protobufField(
  number: number,
  value: number | string | Uint8Array | Uint8Array[],
): Uint8Array {
  if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
  const bytes = Array.isArray(value) ? Buffer.concat(value) : Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}
