/** Long series of samples in little memory: what a chart of a run of seconds or of days needs. */

interface Bucket {
  samples: number;
  sums: number[];
  counts: number[];
}

/**
 * Averages samples into at most `capacity` points. When it is full, neighbours are joined and each point from
 * then on holds twice as many samples, so the whole run is always covered evenly.
 */
export class Series {
  readonly #width: number;
  readonly #capacity: number;
  #samplesPerBucket = 1;
  #buckets: Bucket[] = [];

  /** @param width numbers in each sample. @param capacity points to keep, even and ≥ 2. */
  constructor(width: number, capacity: number) {
    this.#width = width;
    this.#capacity = capacity;
  }

  /** @param values null where it is not known. */
  add(values: readonly (number | null)[]): void {
    let last = this.#buckets.at(-1);
    if (!last || last.samples >= this.#samplesPerBucket) {
      if (this.#buckets.length === this.#capacity) this.#halve();
      last = this.#buckets.at(-1);
      if (!last || last.samples >= this.#samplesPerBucket) {
        last = { samples: 0, sums: Array(this.#width).fill(0), counts: Array(this.#width).fill(0) };
        this.#buckets.push(last);
      }
    }
    last.samples += 1;
    for (const [index, value] of values.entries()) {
      if (value === null) continue;
      last.sums[index]! += value;
      last.counts[index]! += 1;
    }
  }

  /** The means of the column `index` over time; null where none of a point's samples was known. */
  column(index: number): (number | null)[] {
    return this.#buckets.map(({ sums, counts }) =>
      counts[index] === 0 ? null : sums[index]! / counts[index]!,
    );
  }

  #halve(): void {
    const joined: Bucket[] = [];
    for (let index = 0; index < this.#buckets.length; index += 2) {
      const first = this.#buckets[index]!;
      const second = this.#buckets[index + 1];
      if (second) {
        first.samples += second.samples;
        for (let column = 0; column < this.#width; column++) {
          first.sums[column]! += second.sums[column]!;
          first.counts[column]! += second.counts[column]!;
        }
      }
      joined.push(first);
    }
    this.#buckets = joined;
    this.#samplesPerBucket *= 2;
  }
}

/** Mean and maximum of numbers as they come. */
export class Summary {
  #count = 0;
  #sum = 0;
  #maximum = 0;

  add(value: number | null): void {
    if (value === null) return;
    this.#count += 1;
    this.#sum += value;
    this.#maximum = Math.max(this.#maximum, value);
  }

  /** Null when nothing was ever known. */
  result(): { mean: number; maximum: number } | null {
    return this.#count === 0 ? null : { mean: this.#sum / this.#count, maximum: this.#maximum };
  }
}
