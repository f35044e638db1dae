/** Draws from a seed. */
import { randomGenerator } from '../../shared/stats/random.ts';

export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomGenerator(seed);
  }

  /** @returns a whole number from 0 to `end`, without it. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  /** @returns mostly small, at most `most`: 2 to a power that is drawn, and less. */
  length(most: number): number {
    return Math.min(most, 1 + this.below(2 ** (1 + this.below(Math.max(1, Math.ceil(Math.log2(most + 1)))))));
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}
