/** Pickles in the texts of a JSON, as Stable-Baselines3 saves what JSON has no type for: in base64. */

import { ByteReader } from '../byte-reader.ts';
import { MOST_TEXT } from '../formats/json-stream.ts';
import { looksLikePickle } from '../pickle/looks-like-pickle.ts';
import type { ScanContext } from '../scan-input.ts';

/** The key by which Stable-Baselines3 knows them. */
export const SERIALIZED = ':serialized:';
/** The mark of a pickle of protocol 2 to 5. */
const MARK = /^gA[I-X]/;
const PLAIN = /^[A-Za-z0-9+/\s]*(?:={1,2}\s*)?$/;
/** In characters: what is shorter imports nothing. */
const LEAST_TEXT = 24;
const HEAD_BYTES = 4096;

export const mayBePickled = (text: string): boolean => text.length >= LEAST_TEXT && MARK.test(text);
/** As `mayBePickled`, of a text that was not read yet. */
export const isSerialized = (bytes: Uint8Array, start: number): boolean =>
  bytes[start] === 0x67 &&
  bytes[start + 1] === 0x41 &&
  bytes[start + 2]! >= 0x49 &&
  bytes[start + 2]! <= 0x58;

/** Keeps those that were met until they are looked into. */
export class PickledTexts {
  #waiting: { bytes: Uint8Array; at: number }[] = [];

  /** @param isNamed whether a loader takes it for a pickle. @returns why it cannot be looked into. */
  add(text: string, at: number, isNamed: boolean): string | undefined {
    const isCut = text.length >= MOST_TEXT;
    if (isNamed && (isCut || !PLAIN.test(text)))
      return `A pickle under ${SERIALIZED} ${isCut ? `has ${MOST_TEXT} letters and more` : 'is written in no plain base64'}.`;
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    if (isCut || !looksLikePickle(bytes.subarray(0, HEAD_BYTES), bytes.length)) return undefined;
    this.#waiting.push({ bytes, at });
    return undefined;
  }

  async lookInto({ inner }: Pick<ScanContext, 'inner'>): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { bytes, at } of waiting)
      await inner(`text at ${at}`, { reader: readerOf(bytes), size: bytes.length });
  }
}

function readerOf(bytes: Uint8Array): ByteReader {
  let left: Uint8Array | null = bytes;
  return new ByteReader({
    async read() {
      const part = left;
      left = null;
      return part;
    },
  });
}
