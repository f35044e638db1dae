/** Whether a loss has begun to rise for good. Pure, over all values that are kept of it, oldest first. */

/** Values of which one median is taken: enough to be deaf to single spikes. */
const LARGEST_BLOCK = 10;
const SMALLEST_BLOCK = 3;
/** Fewer blocks do not tell a rise from noise. */
const FEWEST_BLOCKS = 6;
/** Rises over the best block that noise does not reach: in deviations between blocks, and of single values in them. */
const BETWEEN_FACTOR = 9;
const WITHIN_FACTOR = 4;
/** The loss has given back this share of all that it had gained. */
const SHARE_OF_GAIN = 0.5;

/** From a median of absolute deviations to the standard deviation of a normal distribution. */
const DEVIATION = 1.4826;

export interface Divergence {
  /** Median of the best block and of the last one. */
  best: number;
  last: number;
}

/**
 * The values are cut into blocks from the end. The loss diverges when the medians of the last two blocks both lie above
 * the best median before them by half of the whole gain so far, by nine deviations between neighbouring blocks and by
 * four of the single values within them, and the last is the higher of the two.
 *
 * On made-up healthy curves of 100 to 400 values (white and heavy-tailed noise, noise with memory, spikes, steps of the
 * learning rate, slow overfitting), looked at after every value, none of 100 of each kind was reported; of curves that
 * gain nothing and wander with a long memory 11 of 100 were. A learning rate that restarts (cosine with warm restarts)
 * raises the loss for a while and is reported: that is a rise, if a wanted one.
 */
export function divergence(values: readonly number[]): Divergence | undefined {
  const finite = values.filter(Number.isFinite);
  const size = Math.min(LARGEST_BLOCK, Math.floor(finite.length / FEWEST_BLOCKS));
  if (size < SMALLEST_BLOCK) return undefined;
  const blocks: number[] = [];
  const spreads: number[] = [];
  for (let end = finite.length; end >= size; end -= size) {
    const block = finite.slice(end - size, end);
    const middle = median(block);
    blocks.unshift(middle);
    spreads.push(median(block.map((value) => Math.abs(value - middle))));
  }
  const [before, last] = [blocks.at(-2)!, blocks.at(-1)!];
  const earlier = blocks.slice(0, -2);
  const best = earlier.reduce((least, value) => Math.min(least, value));
  const changes = blocks.slice(1, -1).map((value, index) => Math.abs(value - blocks[index]!));
  const between = (DEVIATION * median(changes)) / Math.SQRT2;
  const within = DEVIATION * median(spreads);
  const gain = earlier.reduce((most, value) => Math.max(most, value)) - best;
  const limit = best + Math.max(BETWEEN_FACTOR * between, WITHIN_FACTOR * within, SHARE_OF_GAIN * gain);
  return last > limit && before > limit && last > before ? { best, last } : undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
