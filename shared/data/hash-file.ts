import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import type { DataFormat } from './data-formats.ts';
import { packingOf } from './file-reading.ts';

const MAKE_AGAIN = 'Make or fetch the file again; the step that did so may have been interrupted.';

/**
 * Reads a data file once from end to end: its size and sha256, as it lies.
 * @param path where it lies. @param name how it is called in messages.
 * @throws UserError when it is empty, cut off or not what its name says.
 */
export async function hashFile(
  path: string,
  name: string,
  format: DataFormat,
  signal?: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const { size } = await stat(path);
  const where = { file: name };
  if (size === 0) throw new UserError(`${name} is empty`, { where, fix: MAKE_AGAIN });
  if (format === 'parquet') await checkParquetEnds(path, name, size);
  const hash = createHash('sha256');
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  source.on('data', (part) => hash.update(part));
  const packing = packingOf(path);
  const options = { signal };
  if (!packing) await pipeline(source, nowhere(), options);
  else {
    // The engine reads a truncated file as far as it goes and says nothing, so its end is checked here.
    await pipeline(source, packing.unpack(), nowhere(), options).catch((cause: Error) => {
      signal?.throwIfAborted();
      throw new UserError(`${name} is not a whole ${packing.name} file: ${cause.message}`, {
        where,
        fix: MAKE_AGAIN,
        cause,
      });
    });
  }
  return { bytes: size, sha256: hash.digest('hex') };
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
