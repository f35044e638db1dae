/**
 * ADWIN (Bifet & Gavaldà 2007): a window that grows as long as its older and its newer part have the same mean, and
 * drops its oldest rows when they have not. Buckets of 1, 2, 4, … values stand for the window (Babcock et al. 2003).
 */
import type { ChangeDetector } from './detector.ts';

export interface AdwinOptions {
  /** Probability of a false alarm, roughly. */
  delta?: number;
  /** Every how many values a change is looked for. */
  clock?: number;
  /** Buckets of one size, beyond which two are merged. */
  maxBuckets?: number;
  /** The shortest part that is compared. */
  minWindow?: number;
  /** Values before the first comparison. */
  gracePeriod?: number;
}

/** The buckets of one size, oldest first. */
interface Row {
  totals: number[];
  /** Sums of squared distances from each bucket's mean. */
  variances: number[];
}

/** The detector, with river's defaults. @throws RangeError when delta is not in (0, 1). */
export function adwin(options: AdwinOptions = {}): ChangeDetector {
  const { delta = 0.002, clock = 32, maxBuckets = 5, minWindow = 5, gracePeriod = 10 } = options;
  if (!(delta > 0 && delta < 1)) throw new RangeError(`${delta} is no probability of a false alarm`);
  let window = new Window(maxBuckets);
  let ticks = 0;
  return {
    update(value) {
      window.add(value);
      ticks++;
      if (ticks % clock !== 0 || window.width <= gracePeriod) return 'none';
      let changed = false;
      while (hasChanged(window, delta, minWindow)) {
        changed = true;
        window.dropOldest();
      }
      if (!changed) return 'none';
      window = new Window(maxBuckets);
      ticks = 0;
      return 'drift';
    },
  };
}

class Window {
  width = 0;
  total = 0;
  /** Sum of squared distances from the mean. */
  variance = 0;
  /** Row i has buckets of 2^i values. */
  readonly rows: Row[] = [{ totals: [], variances: [] }];
  readonly #maxBuckets: number;

  constructor(maxBuckets: number) {
    this.#maxBuckets = maxBuckets;
  }

  add(value: number): void {
    this.rows[0]!.totals.push(value);
    this.rows[0]!.variances.push(0);
    this.width++;
    if (this.width > 1) {
      const before = this.width - 1;
      this.variance += (before * (value - this.total / before) * (value - this.total / before)) / this.width;
    }
    this.total += value;
    this.#merge();
  }

  #merge(): void {
    for (let index = 0; index < this.rows.length; index++) {
      const { totals, variances } = this.rows[index]!;
      if (totals.length <= this.#maxBuckets) return;
      const size = 2 ** index;
      const [first, second] = totals.splice(0, 2) as [number, number];
      const [firstVariance, secondVariance] = variances.splice(0, 2) as [number, number];
      const gap = first / size - second / size;
      if (index + 1 === this.rows.length) this.rows.push({ totals: [], variances: [] });
      const next = this.rows[index + 1]!;
      next.totals.push(first + second);
      next.variances.push(firstVariance + secondVariance + 0.5 * size * gap * gap);
    }
  }

  dropOldest(): void {
    const last = this.rows.length - 1;
    const row = this.rows[last]!;
    const size = 2 ** last;
    const total = row.totals.shift()!;
    const variance = row.variances.shift()!;
    this.width -= size;
    this.total -= total;
    const gap = total / size - this.total / this.width;
    this.variance -= variance + (size * this.width * gap * gap) / (size + this.width);
    if (row.totals.length === 0) this.rows.pop();
  }
}

/** Whether some cut parts the window into two of different means. */
function hasChanged(window: Window, delta: number, minWindow: number): boolean {
  let older = 0;
  let olderTotal = 0;
  let newer = window.width;
  let newerTotal = window.total;
  for (let index = window.rows.length - 1; index >= 0; index--) {
    const { totals } = window.rows[index]!;
    const size = 2 ** index;
    for (const total of totals) {
      older += size;
      newer -= size;
      olderTotal += total;
      newerTotal -= total;
      if (older < minWindow || newer < minWindow || newer === 0) continue;
      const gap = Math.abs(olderTotal / older - newerTotal / newer);
      const reciprocal = 1 / (older - minWindow + 1) + 1 / (newer - minWindow + 1);
      const logarithm = Math.log((2 * Math.log(window.width)) / delta);
      const spread = window.variance / window.width;
      // Where rounding leaves less than nothing of a variance this is NaN, and there is no alarm.
      const limit = Math.sqrt(2 * reciprocal * spread * logarithm) + (2 / 3) * logarithm * reciprocal;
      if (gap > limit) return true;
    }
  }
  return false;
}
