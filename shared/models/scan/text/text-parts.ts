import type { ScanContext, ScanInput } from '../scan-input.ts';
import { secretSigns } from './secrets.ts';

/** In bytes: what is looked at together, and how much of it again with what follows. */
const PART = 1 << 18;
const OVERLAP = 1 << 12;

export interface TextPart {
  text: string;
  /** Number of the line on which it begins, from 1. */
  line: number;
  /** Of its first byte, in the stream. */
  offset: number;
  /** Its bytes that no part before had; they may change with the next part. */
  fresh: Uint8Array;
  /** As `secretSigns` says. */
  signs: number;
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** A text in parts that overlap, so that the longest line is no burden and nothing is missed between two of them. */
export async function* textParts({ reader }: ScanInput, { signal }: ScanContext): AsyncGenerator<TextPart> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let line = 1;
  let seen = 0;
  for (let isLast = false; !isLast; ) {
    signal.throwIfAborted();
    isLast = !(await reader.ensure(PART));
    const part = reader.bytes.subarray(reader.position, reader.position + Math.min(reader.available, PART));
    const [text, fresh] = [decoder.decode(part), part.subarray(seen)];
    yield { text, line, offset: reader.offset, fresh, signs: secretSigns(part) };
    const passed = isLast ? part.length : part.length - OVERLAP;
    line += lineEnds(part.subarray(0, passed));
    reader.position += passed;
    seen = part.length - passed;
  }
}
