/** One scan of bytes in memory, as of a file of the model: all that `scanModel` does but for opening the file. */
import { ByteReader, MOST_BUFFERED, type RandomAccess } from '../../shared/models/scan/byte-reader.ts';
import { FileScan } from '../../shared/models/scan/file-scan.ts';
import type { FindingRule } from '../../shared/models/scan/rules.ts';
import { sourceInParts } from '../../shared/testing/scan-in-parts.ts';

export interface Finding {
  members: readonly string[];
  rule: FindingRule;
  offset: number | null;
  what: string;
}

export interface Outcome {
  /** Of all streams, in the order in which they came. */
  formats: string[];
  findings: Finding[];
}

/** @param sizes of the parts in which the bytes come, over and over. */
export type Look = (bytes: Uint8Array, sizes: readonly number[]) => Promise<Outcome>;

/** A scanner asked for what no file of this size can have, or for more than it may hold. */
export class OddReading extends TypeError {
  override name = 'OddReading';
}

export function lookWith(temporaryFolder: string): Look {
  return async (bytes, sizes) => {
    const outcome: Outcome = { formats: [], findings: [] };
    const scan = new FileScan({
      size: bytes.length,
      signal: new AbortController().signal,
      temporaryFolder,
      report: ({ members }, { rule, offset, what }) => outcome.findings.push({ members, rule, offset, what }),
      count: (format) => outcome.formats.push(format),
    });
    const place = { file: 'model', members: [] };
    const reader = new ByteReader(sourceInParts(bytes, sizes));
    await scan.look({ place, reader, size: bytes.length, random: accessTo(bytes) });
    return outcome;
  };
}

const accessTo = (bytes: Uint8Array): RandomAccess => ({
  size: bytes.length,
  async readAt(offset, length) {
    const isOdd =
      !Number.isSafeInteger(offset) || offset < 0 || Number.isNaN(length) || length > MOST_BUFFERED;
    if (isOdd) throw new OddReading(`odd reading: ${length} bytes at ${offset}`);
    return bytes.slice(offset, offset + Math.max(0, length));
  },
});
