/** Reads the archives that SageMaker makes: tar in any of its dialects, within gzip. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../../../shared/errors.ts';
import { checkInnerPath } from '../../../../shared/models/path.ts';
import { BLOCK, padding } from '../../../../shared/models/tar-write.ts';

/** Names and attributes are short; more is no archive of ours. */
const LONGEST_EXTENSION = 1024 * 1024;

/**
 * Unpacks a stream of `.tar.gz` into a folder, without keeping it. Plain files and folders alone.
 * @param what names the archive, for messages.
 * @throws UserError for links, devices, paths that leave the folder, and an archive that is damaged or cut off.
 */
export async function unpackArchive(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  what: string,
): Promise<void> {
  try {
    await pipeline(Readable.from(stream), createGunzip(), (chunks: AsyncIterable<Uint8Array>) =>
      unpack(new Bytes(chunks, what), folder, what),
    );
  } catch (error) {
    if (!/^Z_|ERR_STREAM_PREMATURE_CLOSE/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    throw damaged(what, error);
  }
}

async function unpack(bytes: Bytes, folder: string, what: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  let extended: { path?: string; size?: number } = {};
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const header = parseHeader(block, what);
    const size = extended.size ?? header.size;
    if (header.type === 'x' || header.type === 'g' || header.type === 'L') {
      if (header.size > LONGEST_EXTENSION) throw damaged(what);
      const body = await bytes.take(header.size);
      await bytes.take(padding(header.size));
      if (header.type === 'x') extended = { ...extended, ...paxFields(body) };
      if (header.type === 'L') extended.path = body.toString('utf8').replace(/\0.*$/s, '');
      continue;
    }
    const path = (extended.path ?? header.name).replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
    extended = {};
    if (header.type === '5') {
      if (path !== '' && path !== '.')
        await mkdir(join(folder, checkInnerPath(path, what)), { recursive: true });
    } else if (header.type === '0' || header.type === '7') {
      const target = join(folder, checkInnerPath(path, what));
      await mkdir(dirname(target), { recursive: true });
      await copyOut(bytes, size, target, header.isExecutable);
      await bytes.take(padding(size));
    } else {
      throw new UserError(`${what} holds something that is neither a file nor a folder: ${path}.`, {
        fix: 'Let the training write plain files in place of links.',
      });
    }
  }
  // What fills the last record.
  await bytes.drain();
}

async function copyOut(bytes: Bytes, size: number, target: string, isExecutable: boolean): Promise<void> {
  // A name that comes twice is the later file; a link cannot be there.
  const out = await open(target, 'w', isExecutable ? 0o755 : 0o644);
  try {
    for await (const piece of bytes.pieces(size)) await out.writeFile(piece);
  } finally {
    await out.close();
  }
}

function parseHeader(
  block: Buffer,
  what: string,
): { name: string; size: number; type: string; isExecutable: boolean } {
  const text = (start: number, length: number) => {
    const end = block.indexOf(0, start);
    return block.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
  };
  const octal = (start: number, length: number) => Number.parseInt(text(start, length).trim() || '0', 8);
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  // GNU tar writes sizes of 8 GiB and more in base 256, and has no prefix in its own dialect.
  const size = (block[124]! & 0x80) === 0 ? octal(124, 12) : Number(block.readBigUInt64BE(128));
  if (octal(148, 8) !== sum || !Number.isSafeInteger(size) || size < 0) throw damaged(what);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(345, 155) : '';
  return {
    name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100),
    size,
    type: String.fromCharCode(block[156] || 0x30),
    isExecutable: (octal(100, 8) & 0o100) !== 0,
  };
}

/** `<length> <key>=<value>\n`, as often as there is something to say. */
function paxFields(body: Buffer): { path?: string; size?: number } {
  const fields: { path?: string; size?: number } = {};
  for (let position = 0; position < body.length; ) {
    const length = Number.parseInt(body.toString('latin1', position, position + 20), 10);
    if (!(length > 0)) break;
    const record = body.toString('utf8', position, position + length);
    const [, key, value = ''] = /^\d+ ([^=]+)=(.*)\n$/s.exec(record) ?? [];
    if (key === 'path') fields.path = value;
    if (key === 'size') fields.size = Number(value);
    position += length;
  }
  return fields;
}

/** A stream, taken in pieces of a wanted size. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #what: string;
  #rest = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>, what: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#what = what;
  }

  async take(length: number): Promise<Buffer> {
    const found: Buffer[] = [];
    for await (const piece of this.pieces(length)) found.push(piece);
    return Buffer.concat(found);
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#chunks.next();
        if (done) throw damaged(this.#what);
        this.#rest = Buffer.from(value);
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }
}

const damaged = (what: string, cause?: unknown): UserError =>
  new UserError(`${what} is damaged or cut off.`, { fix: 'Collect the job again.', cause });
