import type { ByteReader } from '../byte-reader.ts';

const [HAS_CHECKSUM, HAS_EXTRA, HAS_NAME, HAS_COMMENT] = [2, 4, 8, 16];

/** Passes over the header of a member (RFC 1952). @returns false where none begins; then nothing was taken. */
export async function passGzipHeader(reader: ByteReader): Promise<boolean> {
  if (!(await reader.ensure(3)) || !beginsGzip(reader)) return false;
  const header = await reader.take(10);
  if (!header) throw new Error('its header is cut off');
  const flags = header[3]!;
  if (flags & HAS_EXTRA) {
    const length = await reader.take(2);
    if (!length) throw new Error('its header is cut off');
    await reader.skip(length[0]! + length[1]! * 256);
  }
  if (flags & HAS_NAME) await passText(reader);
  if (flags & HAS_COMMENT) await passText(reader);
  if (flags & HAS_CHECKSUM) await reader.skip(2);
  return true;
}

const beginsGzip = ({ bytes, position }: ByteReader): boolean =>
  bytes[position] === 0x1f && bytes[position + 1] === 0x8b && bytes[position + 2] === 8;

async function passText(reader: ByteReader): Promise<void> {
  while (await reader.ensure(1)) {
    reader.position += 1;
    if (reader.bytes[reader.position - 1] === 0) return;
  }
}
