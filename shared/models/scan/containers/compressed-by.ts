import { ByteReader, type ByteSource } from '../byte-reader.ts';
import type { ScanContext, Scanner } from '../scan-input.ts';
import { CountedSource } from './checked-source.ts';

/** Streams one behind the other in one file: loaders join them. BGZF has one for 64 KiB. */
const MOST_JOINED = 1_000_000;
/** Beyond so many, each must have so many packed bytes on average: to begin one takes as long as to unpack these. */
const MOST_SMALL = 2_000;
const LEAST_BYTES = 1_024;

/** One compressed stream of those that are joined. */
export interface Joined {
  source: Required<ByteSource>;
  /** Reads what lies behind the packed bytes. @throws where it does not fit what was unpacked. */
  end?(): Promise<void>;
}

/** @returns undefined where no such stream begins. */
type Begin = (reader: ByteReader, context: ScanContext) => Promise<Joined | undefined>;

/** A stream is of a kind that is not unpacked here. Not an error of a person's: it becomes a finding. */
export class NotUnpacked extends Error {
  override name = 'NotUnpacked';
}

/** Looks into what the streams unpack to, joined as loaders join them, and into what lies behind them. */
export function compressedBy(begin: Begin): Scanner {
  return async ({ reader }, context) => {
    let current: Joined | undefined;
    let joined = 0;
    let failure: unknown;
    const next = async (): Promise<Uint8Array | null> => {
      for (;;) {
        if (!current) {
          context.signal.throwIfAborted();
          if (joined > 0) await passZeros(reader);
          current = await begin(reader, context);
          if (!current) return null;
          joined += 1;
          if (joined > MOST_JOINED) throw new Error(`it has more than ${MOST_JOINED} parts`);
          if (joined > MOST_SMALL && reader.offset < joined * LEAST_BYTES)
            throw new Error(`it has more than ${MOST_SMALL} parts of less than ${LEAST_BYTES} bytes`);
        }
        const part = await current.source.read();
        if (part !== null) return part;
        await current.end?.();
        await current.source.close();
        current = undefined;
      }
    };
    const read = async () => {
      if (failure instanceof NotUnpacked) return null;
      if (failure !== undefined) throw failure;
      try {
        return await next();
      } catch (error) {
        failure = error;
        if (error instanceof NotUnpacked === false) throw error;
        context.report({ rule: 'cannot-look-into', offset: reader.offset, what: error.message });
        return null;
      }
    };
    const unpacked = new CountedSource({ read }, (part) => context.unpacked(part.length));
    try {
      await context.inner('(unpacked)', { reader: new ByteReader(unpacked), size: undefined });
      if (unpacked.hasFailed) return;
      await unpacked.drain();
    } finally {
      await current?.source.close();
    }
    if (failure !== undefined || (await reader.isAtEnd())) return;
    const { offset } = reader;
    const what = 'Bytes follow behind the compressed stream, which some loaders read and some do not.';
    context.report({ rule: 'archive-hidden', offset, what });
    await context.inner(`(bytes from ${offset} on)`, {
      reader: new ByteReader(reader.rest()),
      size: undefined,
    });
  };
}

/** Parts that come one after the other, as a source. */
export function sourceOfParts(parts: AsyncGenerator<Uint8Array, void>): Required<ByteSource> {
  return {
    async read() {
      const next = await parts.next();
      return next.done ? null : next.value;
    },
    async close() {
      await parts.return();
    },
  };
}

/** Some programs pad with them; loaders pass over them. */
async function passZeros(reader: ByteReader): Promise<void> {
  while ((await reader.ensure(1)) && reader.bytes[reader.position] === 0) reader.position += 1;
}
