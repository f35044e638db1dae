import { ByteReader } from '../byte-reader.ts';
import type { ScanContext, Scanner } from '../scan-input.ts';
import { problemOfName } from './member-names.ts';
import { Stretch } from './stretch.ts';
import { BLOCK_BYTES, hasChecksum, parseTarHeader, type TarHeader } from './tar-header.ts';
import { paxRecords } from './tar-pax.ts';

/** Longest name, or set of pax records, that is read. */
const MOST_TEXT = 1 << 20;
/** What a type is, of those that are neither file nor folder. */
const NO_FILES: Record<string, string> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
};
const FILES = ['0', '7'];
const FOLDERS = ['5', 'D'];

/** What the headers before a member say of it. */
interface Ahead {
  name?: Buffer;
  size?: number;
  linkName?: string;
}

/** Looks into a tar archive from front to end, and into archives that follow in the same file. */
export const scanTar: Scanner = async ({ reader }, context) => {
  const seen = new Set<string>();
  let common: Ahead = {};
  let ahead: Ahead = {};
  let isAfterEnd = false;
  for (;;) {
    context.signal.throwIfAborted();
    const { offset } = reader;
    const block = await nextBlock(reader);
    if (block === undefined) {
      await lookIntoRest(reader, context);
      return;
    }
    if (block.every((byte) => byte === 0)) {
      isAfterEnd = true;
      continue;
    }
    const header = parseTarHeader(block);
    if (!hasChecksum(block) || !Number.isSafeInteger(header.size)) {
      await lookIntoStrange(block, offset, reader, context);
      return;
    }
    if (isAfterEnd) {
      const what = `${JSON.stringify(header.name)} follows behind the end of the archive.`;
      context.report({ rule: 'archive-hidden', offset, what });
      isAfterEnd = false;
    }
    const size = ahead.size ?? common.size ?? header.size;
    if (['L', 'K', 'x', 'X', 'g'].includes(header.type)) {
      const text = await textOf(reader, header, context);
      if (text === undefined) return;
      if (header.type === 'L') ahead.name = withoutEnd(text);
      else if (header.type === 'K') ahead.linkName = withoutEnd(text).toString('utf8');
      else {
        const records = paxRecords(text);
        if (!records) context.report({ rule: 'unreadable', offset, what: 'Its pax records cannot be read.' });
        else if (header.type === 'g') common = { ...common, ...records };
        else ahead = { ...ahead, ...records };
      }
      continue;
    }
    const member = { ...header, ...named(header, { ...common, ...ahead }), size };
    ahead = {};
    if (!(await lookIntoMember(member, offset, seen, reader, context))) return;
    if ((await reader.skip(padding(size))) < padding(size)) {
      context.report({ rule: 'unreadable', offset, what: 'The archive ends in the middle of a member.' });
      return;
    }
  }
};

const padding = (size: number): number => (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;

const withoutEnd = (text: Buffer): Buffer => (text.includes(0) ? text.subarray(0, text.indexOf(0)) : text);

function named(header: TarHeader, ahead: Ahead): Pick<TarHeader, 'name' | 'nameBytes' | 'linkName'> {
  const nameBytes = ahead.name ?? header.nameBytes;
  return { nameBytes, name: nameBytes.toString('utf8'), linkName: ahead.linkName ?? header.linkName };
}

async function nextBlock(reader: ByteReader): Promise<Buffer | undefined> {
  const block = await reader.take(BLOCK_BYTES);
  return block && Buffer.from(block.buffer, block.byteOffset, block.length);
}

async function textOf(
  reader: ByteReader,
  header: TarHeader,
  context: ScanContext,
): Promise<Buffer | undefined> {
  const { offset } = reader;
  const text = header.size <= MOST_TEXT ? await reader.take(header.size) : undefined;
  if (text === undefined || (await reader.skip(padding(header.size))) < padding(header.size)) {
    context.report({ rule: 'unreadable', offset, what: 'A long name, or pax records, do not end.' });
    return undefined;
  }
  return Buffer.from(text);
}

/** @returns whether it is there to its end. */
async function lookIntoMember(
  header: TarHeader,
  offset: number,
  seen: Set<string>,
  reader: ByteReader,
  context: ScanContext,
): Promise<boolean> {
  const { name, type, size } = header;
  const shown = JSON.stringify(name);
  const problem = problemOfName(name, header.nameBytes, true);
  if (problem) context.report({ ...problem, offset });
  if (NO_FILES[type]) {
    const to = header.linkName === '' ? '' : ` to ${JSON.stringify(header.linkName)}`;
    context.report({ rule: 'archive-link', offset, what: `${shown} is ${NO_FILES[type]}${to}.` });
  } else if (!FILES.includes(type) && !FOLDERS.includes(type)) {
    const what = `${shown} is of the kind ${JSON.stringify(type)}, which loaders read differently.`;
    context.report({ rule: 'archive-disagreement', offset, what });
  }
  const plain = name.replace(/\/+$/, '');
  if (seen.has(plain) && !FOLDERS.includes(type)) {
    context.report({ rule: 'archive-duplicate', offset, what: `There is another ${shown}.` });
  }
  seen.add(plain);
  if (size === 0) return true;
  if (FOLDERS.includes(type) || NO_FILES[type]) {
    const what = `${shown} is no file, and has bytes all the same: some loaders skip them, some read headers in them.`;
    context.report({ rule: 'archive-disagreement', offset, what });
  }
  const member = new Stretch(reader, size);
  await context.inner(name, { reader: new ByteReader(member), size });
  await member.drain();
  if (member.size === size) return true;
  context.report({ rule: 'unreadable', offset, what: `The archive ends in the middle of ${shown}.` });
  return false;
}

/** What is left where no whole block is: zeros are padding. */
async function lookIntoRest(reader: ByteReader, context: ScanContext): Promise<void> {
  const { offset } = reader;
  const rest = await reader.take(reader.available);
  if (!rest?.some((byte) => byte !== 0)) return;
  context.report({ rule: 'archive-hidden', offset, what: `${rest.length} bytes follow behind the archive.` });
  const source = new ByteReader(stretchOfBytes(rest));
  await context.inner(`(bytes from ${offset} on)`, { reader: source, size: rest.length });
}

/** A block that is no header: nobody knows where the next one begins, so the rest is looked into as one stream. */
async function lookIntoStrange(
  block: Buffer,
  offset: number,
  reader: ByteReader,
  context: ScanContext,
): Promise<void> {
  const what = 'A header does not have its checksum: some loaders end here, some go on.';
  context.report({ rule: 'archive-disagreement', offset, what });
  const rest = reader.rest();
  const whole = { isFirst: true };
  const source = {
    read: async () => {
      if (!whole.isFirst) return rest.read();
      whole.isFirst = false;
      return block;
    },
  };
  await context.inner(`(bytes from ${offset} on)`, { reader: new ByteReader(source), size: undefined });
}

function stretchOfBytes(bytes: Uint8Array): { read(): Promise<Uint8Array | null> } {
  let isRead = false;
  return {
    async read() {
      if (isRead) return null;
      isRead = true;
      return bytes;
    },
  };
}
