import type { ByteReader } from '../byte-reader.ts';
import type { ScanContext } from '../scan-input.ts';
import { numberAt } from './taken.ts';

/** Without its lowest four bits, which may be anything. */
const MAGIC = 0x184d2a5;
/** pzstd writes so many in each; in so few no pickle calls anything. */
const MOST_BEFORE = 4;

export const isSkippedFrame = (magic: number): boolean => magic >>> 4 === MAGIC;

/**
 * Passes over frames that LZ4 and Zstandard do not unpack (RFC 8878, 3.1.2; lz4, doc/lz4_Frame_format.md).
 * @returns the magic number of what comes then; undefined at the end. @throws where a frame is cut off.
 */
export async function passSkippedFrames(
  reader: ByteReader,
  { report }: ScanContext,
): Promise<number | undefined> {
  while (await reader.ensure(4)) {
    const magic = numberAt(reader.bytes, reader.position);
    if (!isSkippedFrame(magic)) return magic;
    if (!(await reader.ensure(8))) throw new Error('it is cut off');
    const size = numberAt(reader.bytes, reader.position + 4);
    if (reader.offset === 0 && size > MOST_BEFORE) {
      const what = `A frame of ${size} bytes, which is not unpacked, lies before the compressed stream: loaders of other formats read it.`;
      report({ rule: 'archive-hidden', offset: 0, what });
    }
    if ((await reader.skip(8 + size)) < 8 + size) throw new Error('it is cut off');
  }
  return undefined;
}
