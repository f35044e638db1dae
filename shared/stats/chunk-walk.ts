/**
 * Many chunks against one reference in a single walk over both: what `measureChunk` and `wassersteinDistance` say of
 * each, at the cost of one of them. Between two values of a chunk its own distribution function stands still and the
 * reference's only rises, so that sums over the values passed give the area between the two.
 */
import { ascendingOrder } from './sort-order.ts';

/** Ascending finite values, and of which chunk each is. */
export interface ChunkedValues {
  sorted: Float64Array;
  chunkOf: Uint16Array;
  /** How many values each chunk has. */
  sizes: Uint32Array;
}

/** The most chunks that `chunkOf` can tell apart. */
export const MOST_WALKED_CHUNKS = 65_536;

/**
 * The finite values of all chunks in one ascending array.
 * @param chunks rows [first, end) each. @throws RangeError for more chunks than can be told apart.
 */
export function sortChunked(
  values: Float64Array,
  chunks: readonly { first: number; end: number }[],
): ChunkedValues {
  if (chunks.length > MOST_WALKED_CHUNKS) throw new RangeError('too many chunks for one walk');
  const kept = new Float64Array(chunks.reduce((sum, { first, end }) => sum + end - first, 0));
  const keptChunk = new Uint16Array(kept.length);
  const sizes = new Uint32Array(chunks.length);
  let count = 0;
  chunks.forEach(({ first, end }, chunk) => {
    const before = count;
    for (let row = first; row < end; row++) {
      const value = values[row]!;
      if (!Number.isFinite(value)) continue;
      keptChunk[count] = chunk;
      // Zero has one sign here, so that equal values are one value.
      kept[count++] = value + 0;
    }
    sizes[chunk] = count - before;
  });
  const finite = kept.subarray(0, count);
  const order = ascendingOrder(finite);
  const sorted = new Float64Array(count);
  const chunkOf = new Uint16Array(count);
  for (let place = 0; place < count; place++) {
    const from = order[place]!;
    sorted[place] = finite[from]!;
    chunkOf[place] = keptChunk[from]!;
  }
  return { sorted, chunkOf, sizes };
}

/** The ascending values of each chunk. */
export function splitChunks({ sorted, chunkOf, sizes }: ChunkedValues): Float64Array[] {
  const parts = Array.from(sizes, (size) => new Float64Array(size));
  const filled = new Uint32Array(sizes.length);
  for (let place = 0; place < sorted.length; place++) {
    const chunk = chunkOf[place]!;
    parts[chunk]![filled[chunk]!++] = sorted[place]!;
  }
  return parts;
}

/** Of each chunk; NaN where it has no value. */
export interface WalkedChunks {
  /** Mean mid-rank of its values in the reference, as a share in [0, 1]. */
  meanMidRank: Float64Array;
  /** Kolmogorov–Smirnov distance to the rest of the reference, or to all of it where the chunk is no part of it. */
  distanceToRest: Float64Array;
  /** Wasserstein-1 distance to the whole reference. */
  wasserstein: Float64Array;
}

/**
 * @param reference ascending finite values, at least one; otherwise RangeError.
 * @param arePart whether the chunks are those of the reference: then each is left out of "the rest".
 */
export function walkChunks(
  { sorted, chunkOf, sizes }: ChunkedValues,
  reference: Float64Array,
  arePart: boolean,
): WalkedChunks {
  const total = reference.length;
  if (total === 0) throw new RangeError('a reference needs values');
  // Sums of values far from zero would lose the digits in which they differ.
  const centre = reference[total >> 1]!;
  const count = sizes.length;
  const seen = new Uint32Array(count);
  /** Where the chunk was last: its value, and how many values of the reference are at most that, and their sum. */
  const last = new Float64Array(count);
  const lastRank = new Uint32Array(count);
  const lastSum = new Float64Array(count);
  /** Which run of equal values it was in; less the centre, different values may be equal. */
  const lastRun = new Int32Array(count).fill(-1);
  const rankSum = new Float64Array(count);
  const gap = new Float64Array(count);
  const area = new Float64Array(count);

  /** The area from where the chunk was last to `value`, `rank` values of the reference below it, `sum` together. */
  const pass = (chunk: number, value: number, rank: number, sum: number): void => {
    const share = seen[chunk]! / sizes[chunk]!;
    const level = share * total;
    const from = lastRank[chunk]!;
    if (from < level && level < rank) {
      area[chunk]! += crossedArea(reference, centre, last[chunk]!, value, from, rank, level);
      return;
    }
    const passed = (rank - from) * value - (sum - lastSum[chunk]!);
    const width = value - last[chunk]!;
    area[chunk]! += Math.abs(passed + (from === level ? 0 : (from - level) * width));
  };
  const widen = (chunk: number, rank: number): void => {
    const rest = arePart ? total - sizes[chunk]! : total;
    const below = arePart ? rank - seen[chunk]! : rank;
    const distance = Math.abs(seen[chunk]! / sizes[chunk]! - below / rest);
    if (distance > gap[chunk]!) gap[chunk] = distance;
  };

  let below = 0;
  let sum = 0;
  for (let place = 0; place < sorted.length; ) {
    const value = sorted[place]!;
    const centred = value - centre;
    while (below < total && reference[below]! < value) sum += reference[below++]! - centre;
    let upTo = below;
    while (upTo < total && reference[upTo] === value) upTo++;
    const sumUpTo = sum + (upTo - below) * centred;
    const run = place;
    let end = place;
    for (; end < sorted.length && sorted[end] === value; end++) {
      const chunk = chunkOf[end]!;
      if (lastRun[chunk] !== run) {
        if (seen[chunk] === 0) last[chunk] = Math.min(centred, reference[0]! - centre);
        widen(chunk, below);
        pass(chunk, centred, below, sum);
        lastRun[chunk] = run;
        last[chunk] = centred;
        lastRank[chunk] = upTo;
        lastSum[chunk] = sumUpTo;
      }
      rankSum[chunk]! += (below + upTo) / 2;
      seen[chunk]!++;
    }
    for (; place < end; place++) widen(chunkOf[place]!, upTo);
    below = upTo;
    sum = sumUpTo;
  }
  while (below < total) sum += reference[below++]! - centre;
  const largest = reference[total - 1]! - centre;
  for (let chunk = 0; chunk < count; chunk++) {
    if (sizes[chunk]! > 0 && largest > last[chunk]!) pass(chunk, largest, total, sum);
  }
  const orNaN = (values: Float64Array, unit: (chunk: number) => number): Float64Array =>
    values.map((value, chunk) => (sizes[chunk]! > 0 ? value / unit(chunk) : Number.NaN));
  return {
    meanMidRank: orNaN(rankSum, (chunk) => sizes[chunk]!).map((rank) => rank / total),
    distanceToRest: orNaN(gap, () => 1),
    wasserstein: orNaN(area, () => total),
  };
}

/** Step by step, in units of one over the reference's rows, where its share passes that of the chunk. */
function crossedArea(
  reference: Float64Array,
  centre: number,
  start: number,
  end: number,
  from: number,
  to: number,
  level: number,
): number {
  let area = 0;
  let previous = start;
  for (let rank = from; rank < to; rank++) {
    const value = reference[rank]! - centre;
    area += Math.abs(rank - level) * (value - previous);
    previous = value;
  }
  return area + Math.abs(to - level) * (end - previous);
}
