/** Cuts both sides into chunks of rows or of time, and judges numeric columns between chunks. */
import {
  type ChunkMeasures,
  chunkDriftPValue,
  comparableSizes,
} from '../../shared/stats/chunk-calibration.ts';
import type { WalkedChunks } from '../../shared/stats/chunk-walk.ts';

/** Fewer reference chunks than this say too little about how chunks vary. */
export const FEWEST_REFERENCE_CHUNKS = 6;
/** Into how many the reference is cut when no chunk is asked for: performance needs a spread. */
const DEFAULT_CHUNKS = 10;
/** Every chunk is held against the whole reference, and nobody reads more of them than this. */
export const MOST_CHUNKS = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export type ChunkSize = { by: 'rows'; size: number } | { by: 'period'; size: number };

export interface Chunk {
  part: 'reference' | 'data';
  /** Rows [first, end). */
  first: number;
  end: number;
  /** Milliseconds, [start, stop); undefined without a timestamp. */
  start?: number;
  stop?: number;
  judged: boolean;
}

/** One side: how many rows, and their times in ascending order where there are any. */
export interface Side {
  rowCount: number;
  timestamps?: Float64Array;
}

function cutByRows(part: Chunk['part'], side: Side, size: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let first = 0; first < side.rowCount; first += size) {
    const end = Math.min(side.rowCount, first + size);
    chunks.push({
      part,
      first,
      end,
      start: side.timestamps?.[first],
      stop: side.timestamps?.[end - 1],
      judged: false,
    });
  }
  return chunks;
}

function cutByPeriod(part: Chunk['part'], timestamps: Float64Array, origin: number, size: number): Chunk[] {
  const chunks: Chunk[] = [];
  let first = 0;
  while (first < timestamps.length) {
    const start = origin + Math.floor((timestamps[first]! - origin) / size) * size;
    const stop = start + size;
    let end = first + 1;
    while (end < timestamps.length && timestamps[end]! < stop) end++;
    chunks.push({ part, first, end, start, stop, judged: false });
    first = end;
  }
  return chunks;
}

/** Periods begin at the day (or hour) of the reference's first row, so that a week starts where the reference does. */
function periodOrigin(first: number, size: number): number {
  const unit = size % DAY === 0 ? DAY : size % HOUR === 0 ? HOUR : 1;
  return Math.floor(first / unit) * unit;
}

/**
 * Chunks of both sides, each marked whether its size compares with the reference's (half to twice the median).
 * Without a size the reference is cut into ten by rows, and the data into chunks of that many rows.
 * @throws RangeError when a period is asked for without timestamps.
 */
export function cutChunks(
  reference: Side,
  data: Side,
  size?: ChunkSize,
): { reference: Chunk[]; data: Chunk[] } {
  let cut: { reference: Chunk[]; data: Chunk[] };
  if (size?.by === 'period') {
    if (!reference.timestamps || !data.timestamps) throw new RangeError('periods need timestamps');
    const origin = periodOrigin(reference.timestamps[0] ?? data.timestamps[0] ?? 0, size.size);
    cut = {
      reference: cutByPeriod('reference', reference.timestamps, origin, size.size),
      data: cutByPeriod('data', data.timestamps, origin, size.size),
    };
  } else {
    const rows = size?.size ?? Math.max(1, Math.ceil(reference.rowCount / DEFAULT_CHUNKS));
    // A small reference beside a large amount of data would make chunks without end.
    const dataRows = size ? rows : Math.max(rows, Math.ceil(data.rowCount / (MOST_CHUNKS / 2)));
    cut = { reference: cutByRows('reference', reference, rows), data: cutByRows('data', data, dataRows) };
  }
  const sizes = cut.reference.map((chunk) => chunk.end - chunk.first);
  for (const chunks of [cut.reference, cut.data]) {
    const comparable = comparableSizes(
      sizes,
      chunks.map((chunk) => chunk.end - chunk.first),
    );
    chunks.forEach((chunk, index) => {
      chunk.judged = comparable[index]!;
    });
  }
  return cut;
}

/**
 * The p between chunks of one numeric column, or undefined where too few chunks can be judged.
 * @param reference how many finite values the whole reference has. @param before, now both sides' chunks, their sizes
 * in finite values, and what was found for them.
 */
export function chunkPValue(
  reference: number,
  before: { chunks: readonly Chunk[]; sizes: Uint32Array; walked: WalkedChunks },
  now: typeof before,
): number | undefined {
  const measures = ({ chunks, sizes, walked }: typeof before, isPart: boolean): ChunkMeasures[] =>
    chunks.flatMap((chunk, at) => {
      const size = sizes[at]!;
      if (!chunk.judged || size === 0 || (isPart && size === reference)) return [];
      // Identical samples have distance zero; the smallest step that a chunk can show stands for it.
      const distance = Math.max(walked.distanceToRest[at]!, 1 / (2 * size));
      return [{ meanMidRank: walked.meanMidRank[at]!, logDistance: Math.log(distance) }];
    });
  const ofReference = measures(before, true);
  const ofData = measures(now, false);
  if (ofReference.length < FEWEST_REFERENCE_CHUNKS || ofData.length === 0) return undefined;
  return chunkDriftPValue(ofReference, ofData);
}
