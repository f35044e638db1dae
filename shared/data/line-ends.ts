/** CSV whose lines end now with a line feed, now with carriage return and line feed, as of files that were joined. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openUnpacked } from './file-reading.ts';
import type { Rejects } from './table-files.ts';

export interface Quoting {
  quote: string;
  escape: string;
  temporaryFolder: string;
}

/** What the engine, which knows one way to end lines at a time, says where they end in two. */
export const isAboutLineEnds = (error: unknown): boolean =>
  error instanceof Error && /state machine reached an invalid state/.test(error.message);

export const hasUnclosedQuotes = ({ lines }: Rejects): boolean =>
  lines.some(({ message }) => message.includes('unterminated quote'));

/**
 * Writes a copy of a UTF-8 file in which every line ends with a line feed; what stands in quotation marks stays.
 * @returns the path of the copy, which is not packed; that of the file itself where its lines end in one way only.
 */
export async function unifyLineEnds(path: string, given: Quoting): Promise<string> {
  const copy = join(given.temporaryFolder, `lines-${randomUUID()}.csv`);
  const seen = { long: false, short: false };
  const lines = withLineFeeds(openUnpacked(path), given, seen);
  await pipeline(Readable.from(lines), createWriteStream(copy, { flags: 'wx' }));
  if (seen.long && seen.short) return copy;
  await rm(copy);
  return path;
}

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

async function* withLineFeeds(
  parts: AsyncIterable<Uint8Array>,
  given: Quoting,
  seen: { long: boolean; short: boolean },
): AsyncGenerator<Uint8Array> {
  const quote = given.quote.charCodeAt(0);
  const escaping = given.escape === given.quote ? Number.NaN : given.escape.charCodeAt(0);
  let [quoted, escaped, returned] = [false, false, false];
  for await (const part of parts) {
    const out = Buffer.allocUnsafe(part.length);
    let length = 0;
    for (const byte of part) {
      const isSecond = returned && byte === LINE_FEED;
      returned = byte === CARRIAGE_RETURN && !quoted;
      if (escaped) escaped = false;
      else if (byte === escaping && quoted) escaped = true;
      else if (byte === quote) quoted = !quoted;
      if (isSecond) seen.long = true;
      else if (byte === LINE_FEED && !quoted) seen.short = true;
      // Of carriage return and line feed the first has ended the line already.
      if (!isSecond) out[length++] = returned ? LINE_FEED : byte;
    }
    yield out.subarray(0, length);
  }
}
