import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';

/**
 * Whether a file of a known format is there to its end. A program that writes in place and is killed leaves a file
 * that changes no more, and is still only a half.
 */
export type Wholeness = 'whole' | 'broken' | 'unknown';

const LARGEST_JSON = 4 << 20;
const LARGEST_HEADER = 64 << 20;
const ZIP_START = 0x04034b50;
/** Of a zip's last record, when no comment follows: torch, numpy and Keras write none. */
const ZIP_END = 0x06054b50;
const ZIP_END_BYTES = 22;
/** `torch.save`, Lightning, `numpy.savez`, Keras. */
const ZIPS = new Set(['.pt', '.pth', '.ckpt', '.bin', '.npz', '.keras', '.zip']);

/** @param path where it lies. @param size in bytes, as it was seen. */
export async function wholenessOf(path: string, size: number): Promise<Wholeness> {
  const ending = extname(path).toLowerCase();
  const look = ending === '.json' ? json : ending === '.safetensors' ? safetensors : zip;
  if (look === zip && !ZIPS.has(ending)) return 'unknown';
  // What is opened for writing begins empty.
  if (size === 0) return 'broken';
  const handle = await open(path).catch(() => undefined);
  if (!handle) return 'broken';
  try {
    return await look(handle, size);
  } finally {
    await handle.close();
  }
}

async function json(handle: FileHandle, size: number): Promise<Wholeness> {
  if (size > LARGEST_JSON) {
    const [start, end] = [await bytesAt(handle, 0, 1), await bytesAt(handle, size - 64, 64)];
    const pair = `${start.toString('latin1')}${end.toString('latin1').trimEnd().at(-1) ?? ''}`;
    return pair === '{}' || pair === '[]' ? 'unknown' : 'broken';
  }
  try {
    const value: unknown = JSON.parse(
      (await bytesAt(handle, 0, size)).toString('utf8').replace(/\b(NaN|-?Infinity)\b/g, '0'),
    );
    // The first half of a number is a number, too.
    return value !== null && typeof value === 'object' ? 'whole' : 'unknown';
  } catch {
    return 'broken';
  }
}

async function zip(handle: FileHandle, size: number): Promise<Wholeness> {
  const start = await bytesAt(handle, 0, 4);
  if (start.length < 4 || start.readUInt32LE() !== ZIP_START) return 'unknown';
  const end = await bytesAt(handle, Math.max(0, size - ZIP_END_BYTES), ZIP_END_BYTES);
  return end.length === ZIP_END_BYTES && end.readUInt32LE() === ZIP_END ? 'whole' : 'broken';
}

/** Eight bytes of the header's length, the header, and what it says of the tensors' places. */
async function safetensors(handle: FileHandle, size: number): Promise<Wholeness> {
  const start = await bytesAt(handle, 0, 8);
  if (start.length < 8) return 'broken';
  const length = Number(start.readBigUInt64LE());
  if (length > LARGEST_HEADER) return 'unknown';
  if (8 + length > size) return 'broken';
  try {
    const header: unknown = JSON.parse((await bytesAt(handle, 8, length)).toString('utf8'));
    const ends = Object.values(header as Record<string, { data_offsets?: [number, number] }>);
    const last = Math.max(0, ...ends.map(({ data_offsets: offsets }) => offsets?.[1] ?? 0));
    return 8 + length + last === size ? 'whole' : 'broken';
  } catch {
    return 'broken';
  }
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
