/**
 * KSWIN (Raab et al. 2020): a sliding window whose newest values are held, by the test of Kolmogorov and Smirnov,
 * against as many drawn from the older ones. One test per value at the same level: on long streams it alarms always.
 */
import { randomGenerator } from '../random.ts';
import type { ChangeDetector } from './detector.ts';

export interface KswinOptions {
  /** Level of each test. */
  alpha?: number;
  /** Values in the window. */
  windowSize?: number;
  /** The newest values that are compared, and how many are drawn from the older ones; at most half of the window. */
  statSize?: number;
  /** For the draws. */
  seed?: number;
  /** Draws indices of older values instead: `count` different ones of 0 to `of` − 1. */
  sample?: (of: number, count: number) => readonly number[];
}

/** What a distance must exceed, whatever its p. */
const LEAST_DISTANCE = 0.1;

/** The detector, with river's defaults. @throws RangeError when the window has no room for both samples. */
export function kswin(options: KswinOptions = {}): ChangeDetector {
  const { alpha = 0.005, windowSize = 100, statSize = 30, seed = 1 } = options;
  if (statSize < 1 || windowSize < 2 * statSize) {
    throw new RangeError(`a window of ${windowSize} does not hold two samples of ${statSize}`);
  }
  const sample = options.sample ?? sampleBySeed(seed);
  let window: number[] = [];
  let mustReset = false;
  return {
    update(value) {
      // As river does: after an alarm the window begins anew, without the newest values.
      if (mustReset) window = [];
      mustReset = false;
      window.push(value);
      if (window.length > windowSize) window.shift();
      if (window.length < windowSize) return 'none';
      const older = sample(windowSize - statSize, statSize).map((index) => window[index]!);
      const newer = window.slice(windowSize - statSize);
      const steps = largestGap(older, newer);
      mustReset = steps / statSize > LEAST_DISTANCE && smirnovTail(statSize, steps) <= alpha;
      return mustReset ? 'drift' : 'none';
    },
  };
}

/** Different indices by a shuffle that stops when there are enough. */
function sampleBySeed(seed: number): (of: number, count: number) => number[] {
  const random = randomGenerator(seed);
  return (of, count) => {
    const indices = Array.from({ length: of }, (_, index) => index);
    for (let at = 0; at < count; at++) {
      const other = at + Math.floor(random() * (of - at));
      [indices[at], indices[other]] = [indices[other]!, indices[at]!];
    }
    return indices.slice(0, count);
  };
}

/** The Kolmogorov–Smirnov distance of two samples of one size, in steps of one value. */
function largestGap(first: readonly number[], second: readonly number[]): number {
  const a = Float64Array.from(first).sort();
  const b = Float64Array.from(second).sort();
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    largest = Math.max(largest, Math.abs(i - j));
  }
  return largest;
}

/**
 * Exact probability that two samples of n values each of one distribution lie at least `steps`/n apart: the
 * reflections of a walk, 2·Σ (−1)^(k−1)·C(2n, n−k·steps)/C(2n, n) (Gnedenko & Korolyuk 1951). 1 without a step.
 */
export function smirnovTail(n: number, steps: number): number {
  if (steps === 0) return 1;
  let outside = 0;
  for (let k = Math.floor(n / steps); k >= 0; k--) {
    let product = 1;
    for (let j = 0; j < steps; j++) product = ((n - k * steps - j) * product) / (n + k * steps + j + 1);
    outside = product * (1 - outside);
  }
  return Math.min(1, 2 * outside);
}
