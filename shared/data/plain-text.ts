/** Text files of another encoding than UTF-8, made UTF-8 in a temporary copy. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { requireText } from './binary-files.ts';
import { encodingLabel } from './csv-dialect.ts';
import { openUnpacked, readBeginning } from './file-reading.ts';

/** The encoding that a byte order mark names. */
export function markedEncoding(beginning: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third] = beginning;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

export interface PlainText {
  /** The file itself where it is UTF-8, otherwise a copy that is. */
  path: string;
  encoding: string;
}

/**
 * A text file as UTF-8 without a byte order mark where that would matter.
 * @param encoding as the user names it; without it the byte order mark decides, and then UTF-8 is taken for granted.
 * @throws UserError where the bytes are not of the encoding that is named.
 */
export async function plainText(
  path: string,
  options: { encoding?: string; temporaryFolder: string; dropMark?: boolean },
): Promise<PlainText> {
  const beginning = await readBeginning(path, 4096);
  requireText(beginning, path);
  const marked = markedEncoding(beginning);
  const encoding = marked ?? (options.encoding === undefined ? 'utf-8' : encodingLabel(options.encoding));
  if (encoding === 'utf-8' && !(marked && options.dropMark)) {
    if (looksWide(beginning))
      throw new UserError(`${path} holds zero bytes, as UTF-16 does, and no byte order mark.`, {
        where: { file: path },
        fix: 'Name the encoding: dialect: {encoding: utf-16le}.',
      });
    return { path, encoding };
  }
  const copy = join(
    options.temporaryFolder,
    `utf-8-${randomUUID()}${/\.[a-z]+/i.exec(path.slice(-12))?.[0] ?? ''}`,
  );
  const text = async function* (): AsyncGenerator<string> {
    const decoder = new TextDecoder(encoding, { fatal: true });
    try {
      for await (const part of openUnpacked(path)) yield decoder.decode(part as Uint8Array, { stream: true });
      yield decoder.decode();
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new UserError(`${path} is not written in ${encoding}.`, {
        where: { file: path },
        fix: 'Name the encoding it has: dialect: {encoding: …}.',
        cause,
      });
    }
  };
  await pipeline(Readable.from(text()), createWriteStream(copy, { flags: 'wx' }));
  return { path: copy, encoding };
}

const looksWide = (beginning: Uint8Array): boolean => {
  const zeros = beginning.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0);
  return zeros > beginning.length / 4;
};
