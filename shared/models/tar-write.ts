import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError } from '../errors.ts';

/**
 * A tar archive that depends on names, contents and the executable bit alone: no dates, no owners, entries in the
 * order given. Equal files make equal bytes, so that the same code is stored once.
 */
export interface TarEntry {
  /** Relative, with forward slashes. */
  path: string;
  /** Where the bytes lie. */
  location: string;
  /** In bytes. */
  size: number;
  /** `sha256:<hex>` that its bytes must have. */
  digest?: string;
  isExecutable: boolean;
}

export const BLOCK = 512;
const NAME_BYTES = 100;

/** Writes entries (already sorted) as a tar archive. @throws UserError when a file has changed. */
export async function writeTar(path: string, entries: readonly TarEntry[]): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for (const entry of entries) {
      for (const header of headersOf(entry)) await handle.writeFile(header);
      const hash = createHash('sha256');
      let written = 0;
      for await (const chunk of createReadStream(entry.location)) {
        written += (chunk as Buffer).length;
        if (entry.digest !== undefined) hash.update(chunk as Buffer);
        await handle.writeFile(chunk as Buffer);
      }
      const isOther = entry.digest !== undefined && entry.digest !== `sha256:${hash.digest('hex')}`;
      if (written !== entry.size || isOther)
        throw new UserError(`${entry.location} changed while it was read.`, {
          where: { file: entry.location },
          fix: 'See that nothing writes to it meanwhile, and run the step again.',
        });
      await handle.writeFile(Buffer.alloc(padding(entry.size)));
    }
    await handle.writeFile(Buffer.alloc(2 * BLOCK));
  } finally {
    await handle.close();
  }
}

/** Zero bytes that fill the last block of a content of this size. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function headersOf(entry: TarEntry): Buffer[] {
  const mode = entry.isExecutable ? 0o755 : 0o644;
  if (Buffer.byteLength(entry.path) <= NAME_BYTES) return [header(entry.path, entry.size, mode, '0')];
  // A long name goes into a pax record before the entry (POSIX.1-2001).
  const record = paxRecord('path', entry.path);
  const body = Buffer.concat([record, Buffer.alloc(padding(record.length))]);
  const short = Buffer.from(entry.path)
    .subarray(0, NAME_BYTES)
    .toString('latin1')
    .replace(/[^ -~]/g, '_');
  return [header('pax', record.length, 0o644, 'x'), body, header(short, entry.size, mode, '0')];
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function header(name: string, size: number, mode: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  block.write(name, 0, NAME_BYTES, 'utf8');
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
