import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import type { DataFormat } from './data-formats.ts';
import { packingOf } from './file-reading.ts';

const MAKE_AGAIN = 'Make or fetch the file again; the step that did so may have been interrupted.';
const PART_BYTES = 1 << 20;
const PARTS_AHEAD = 4;

/**
 * Looks at the size of a data file, and at its ends where the format has some.
 * @param path where it lies. @param name how it is called in messages. @returns its size.
 * @throws UserError when it is empty, cut off or not what its name says.
 */
export async function inspectFile(path: string, name: string, format: DataFormat): Promise<number> {
  const { size } = await stat(path);
  if (size === 0) throw new UserError(`${name} is empty`, { where: { file: name }, fix: MAKE_AGAIN });
  if (format === 'parquet') await checkParquetEnds(path, name, size);
  return size;
}

/**
 * Reads a data file once from end to end: its sha256, as it lies.
 * @param path where it lies. @param name how it is called in messages.
 * @throws UserError when it is packed and not whole.
 */
export async function hashFile(path: string, name: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const packing = packingOf(path);
  if (!packing) {
    await eachPart(path, (part) => hash.update(part), signal);
  } else {
    const source = createReadStream(path, { highWaterMark: PART_BYTES });
    source.on('data', (part) => hash.update(part));
    // The engine reads a truncated file as far as it goes and says nothing, so its end is checked here.
    await pipeline(source, packing.unpack(), nowhere(), { signal }).catch((cause: Error) => {
      signal?.throwIfAborted();
      throw new UserError(`${name} is not a whole ${packing.name} file: ${cause.message}`, {
        where: { file: name },
        fix: MAKE_AGAIN,
        cause,
      });
    });
  }
  return hash.digest('hex');
}

/** Gives a file part by part, and reads the next ones meanwhile, for which a stream would wait. */
async function eachPart(
  path: string,
  use: (part: Uint8Array) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(path);
  try {
    const read = (buffer: Uint8Array, at: number): Promise<Uint8Array> => {
      const part = readWhole(file, buffer, at);
      // Whoever waits for it learns of an error; nobody does once another part could not be read.
      part.catch(() => undefined);
      return part;
    };
    const buffers = Array.from({ length: PARTS_AHEAD }, () => new Uint8Array(PART_BYTES));
    const parts = buffers.map((buffer, index) => read(buffer, index * PART_BYTES));
    for (let index = 0; ; index++) {
      signal?.throwIfAborted();
      const place = index % PARTS_AHEAD;
      const part = await parts[place]!;
      use(part);
      if (part.length < PART_BYTES) return;
      parts[place] = read(buffers[place]!, (index + PARTS_AHEAD) * PART_BYTES);
    }
  } finally {
    await file.close();
  }
}

/** Fills a buffer from a place of a file on. @returns less of it at the end of the file alone. */
async function readWhole(file: FileHandle, buffer: Uint8Array, at: number): Promise<Uint8Array> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, at + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function nowhere(): Writable {
  return new Writable({ write: (_part, _encoding, done) => done() });
}

/** A Parquet file begins and ends with the letters PAR1; a truncated one has lost its footer. */
async function checkParquetEnds(path: string, name: string, size: number): Promise<void> {
  const file = await open(path);
  try {
    const ends = Buffer.alloc(8);
    await file.read(ends, 0, 4, 0);
    await file.read(ends, 4, 4, Math.max(0, size - 4));
    if (ends.toString('latin1') === 'PAR1PAR1' && size >= 12) return;
    const what =
      ends.toString('latin1', 0, 4) === 'PAR1' ? 'is cut off: its end is missing' : 'is not a Parquet file';
    throw new UserError(`${name} ${what}`, { where: { file: name }, fix: MAKE_AGAIN });
  } finally {
    await file.close();
  }
}
