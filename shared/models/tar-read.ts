import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { checkInnerPath } from './path.ts';
import { BLOCK, padding } from './tar-write.ts';

const COPY_BYTES = 256 * 1024;

/**
 * Unpacks a tar archive of plain files and folders into a folder. Links, devices and paths that leave the folder
 * are refused, and so is an archive that is cut off.
 * @throws UserError naming what is wrong.
 */
export async function unpackTar(archive: string, folder: string): Promise<void> {
  const handle = await open(archive, 'r');
  try {
    await mkdir(folder, { recursive: true });
    await unpack(handle, archive, folder);
  } finally {
    await handle.close();
  }
}

async function unpack(handle: FileHandle, archive: string, folder: string): Promise<void> {
  let position = 0;
  let longName: string | undefined;
  for (;;) {
    const block = await readExactly(handle, position, BLOCK, archive);
    position += BLOCK;
    if (block.every((byte) => byte === 0)) return;
    const header = parseHeader(block, archive);
    if (header.type === 'x') {
      longName = paxPath(await readExactly(handle, position, header.size, archive));
    } else if (header.type === '0' || header.type === '5') {
      const path = checkInnerPath((longName ?? header.name).replace(/\/$/, ''), 'The archive');
      longName = undefined;
      const target = join(folder, path);
      await mkdir(header.type === '5' ? target : dirname(target), { recursive: true });
      if (header.type === '0') await copyOut(handle, position, header, target, archive);
    } else {
      throw new UserError(`The archive ${archive} holds something that is no plain file: ${header.name}.`);
    }
    position += header.size + padding(header.size);
  }
}

interface TarHeader {
  name: string;
  size: number;
  type: string;
  isExecutable: boolean;
}

function parseHeader(block: Buffer, archive: string): TarHeader {
  const text = (start: number, length: number) => {
    const end = block.indexOf(0, start);
    return block.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
  };
  const octal = (start: number, length: number) => Number.parseInt(text(start, length).trim(), 8);
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  const size = octal(124, 12);
  if (octal(148, 8) !== sum || !Number.isSafeInteger(size) || size < 0) {
    throw new UserError(`The archive ${archive} is damaged.`, { where: { file: archive } });
  }
  const prefix = text(345, 155);
  const name = text(0, 100);
  const type = String.fromCharCode(block[156] || 0x30);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size,
    type,
    isExecutable: (octal(100, 8) & 0o100) !== 0,
  };
}

function paxPath(records: Buffer): string | undefined {
  let position = 0;
  while (position < records.length) {
    const length = Number.parseInt(records.toString('latin1', position, position + 20), 10);
    if (!(length > 0)) return undefined;
    const record = records.toString('utf8', position, position + length);
    const match = /^\d+ path=(.*)\n$/s.exec(record);
    if (match) return match[1];
    position += length;
  }
  return undefined;
}

async function copyOut(
  handle: FileHandle,
  start: number,
  header: TarHeader,
  target: string,
  archive: string,
): Promise<void> {
  const out = await open(target, 'wx', header.isExecutable ? 0o755 : 0o644);
  try {
    for (let done = 0; done < header.size; ) {
      const chunk = await readExactly(
        handle,
        start + done,
        Math.min(COPY_BYTES, header.size - done),
        archive,
      );
      await out.writeFile(chunk);
      done += chunk.length;
    }
  } finally {
    await out.close();
  }
}

async function readExactly(
  handle: FileHandle,
  position: number,
  length: number,
  archive: string,
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0)
      throw new UserError(`The archive ${archive} is cut off.`, { where: { file: archive } });
    done += bytesRead;
  }
  return buffer;
}
