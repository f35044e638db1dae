/** Made-up losses, for the test and the benchmark of the rule of `divergence.ts`. */

/** Uniform and normal numbers from a seed (mulberry32 and Box–Muller). */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

type Shape = (random: Noise, length: number) => number[];

const values = (length: number, value: (index: number) => number): number[] =>
  Array.from({ length }, (_, index) => value(index));

/** Noise that remembers nine tenths of itself. */
function wandering(random: Noise): () => number {
  let now = 0;
  return () => {
    now = 0.9 * now + 0.05 * random.normal();
    return now;
  };
}

const falling = (index: number): number => 0.3 + 2 * Math.exp(-index / 40);

export const HEALTHY: Record<string, Shape> = {
  'white noise': (random, length) => values(length, (i) => falling(i) + 0.05 * random.normal()),
  'white noise without a gain': (random, length) => values(length, () => 0.3 + 0.05 * random.normal()),
  wanders: (random, length) => {
    const noise = wandering(random);
    return values(length, (i) => falling(i) + 0.2 + noise());
  },
  'wanders without a gain': (random, length) => {
    const noise = wandering(random);
    return values(length, () => 1 + noise());
  },
  'heavy tails': (random, length) => values(length, (i) => falling(i) * Math.exp(0.5 * random.normal())),
  spikes: (random, length) =>
    values(
      length,
      (i) => falling(i) + 0.05 * random.normal() + (random.uniform() < 0.05 ? 5 * random.uniform() : 0),
    ),
  'steps of the learning rate': (random, length) =>
    values(length, (i) => 1 / (1 + Math.floor((4 * i) / length)) + 0.1 * random.normal()),
  'overfits slowly': (random, length) =>
    values(length, (i) => 0.5 + 1.5 * Math.exp(-i / 20) + 0.0008 * i + 0.03 * random.normal()),
};

export const DIVERGING: Record<string, Shape> = {
  explodes: (random, length) =>
    values(
      length,
      (i) =>
        falling(i) +
        0.05 * random.normal() +
        (i > 0.6 * length ? 0.05 * Math.exp((i - 0.6 * length) / 10) : 0),
    ),
  'jumps back to its start': (random, length) =>
    values(length, (i) =>
      i > 0.6 * length ? 2.3 + 0.1 * random.normal() : falling(i) + 0.05 * random.normal(),
    ),
  'drifts up': (random, length) =>
    values(length, (i) => falling(2 * i) + 0.05 * random.normal() + Math.max(0, 0.08 * (i - 0.5 * length))),
};

/** The part of the curve after which the rule first finds it diverging, looked at after every value. */
export function divergedAt(
  curve: readonly number[],
  rule: (values: readonly number[]) => unknown,
): number | undefined {
  for (let end = 1; end <= curve.length; end++) {
    if (rule(curve.slice(0, end))) return end / curve.length;
  }
  return undefined;
}
