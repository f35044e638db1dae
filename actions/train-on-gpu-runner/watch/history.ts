import { type MetricValue, metricValue } from '../../../shared/records/metric-value.ts';
import type { MetricHistory } from '../../../shared/records/training-run.ts';
import type { KeptLooks } from './early-stopping.ts';
import type { FoundMetrics } from './metric-lines.ts';

/** Metrics over the steps of a training, in memory that does not grow with its length. */

/** Points of a metric in the record. */
const POINTS = 200;
/** Kept while it runs, so that after thinning there are still enough. */
const KEPT = 2 * POINTS;
/** A script that prints a number per layer must not fill the record. */
const MOST_METRICS = 100;
/** Epochs whose offsets another attempt is told: it goes on in one of the last. */
const MOST_OFFSETS = 1_000;

interface Curve {
  steps: number[];
  values: number[];
  /** When each was seen, in milliseconds since 1970. */
  times: number[];
  /** The command says no steps: they are the number of the value. */
  counted: boolean;
}

/** All that another attempt needs to go on with: see `travelling-history.ts`. */
export interface KeptHistory {
  curves: Record<string, Omit<Curve, 'values'> & { values: MetricValue[] }>;
  /** By epoch that counts its steps anew: what was added to them. */
  offsets: [epoch: number, offset: number][];
  /** Where a rule looks at one of them. */
  earlyStop?: KeptLooks | undefined;
}

export class HistoryKeeper {
  readonly #curves = new Map<string, Curve>();
  /** What is added to the steps of an epoch that counts them anew. */
  readonly #offsets = new Map<number, number>();
  #firstEpoch = Number.POSITIVE_INFINITY;
  #lastStep: number | null = null;
  #leftOut = 0;

  /** @param earlier of the attempt whose checkpoint this one went on from. */
  constructor(earlier: KeptHistory = { curves: {}, offsets: [] }) {
    for (const [name, { steps, values, times, counted }] of Object.entries(earlier.curves)) {
      this.#curves.set(name, { steps: [...steps], values: values.map(Number), times: [...times], counted });
      if (!counted) for (const step of steps) this.#lastStep = Math.max(this.#lastStep ?? step, step);
    }
    for (const [epoch, offset] of earlier.offsets) {
      this.#offsets.set(epoch, offset);
      this.#firstEpoch = Math.min(this.#firstEpoch, epoch);
    }
  }

  /**
   * Takes metrics of a moment. A step that a metric has had already takes the place of that one and all after it:
   * the training has gone back to a checkpoint. Without a step it is the one after the metric's last.
   * @param at when it was seen, in milliseconds since 1970.
   * @returns each metric that was taken with the step under which it stands.
   */
  add(found: FoundMetrics, at = Date.now()): { name: string; step: number; value: number }[] {
    const step = this.#absoluteStep(found);
    if (step !== null) this.#lastStep = step;
    const taken: { name: string; step: number; value: number }[] = [];
    for (const [name, value] of Object.entries(found.values)) {
      const curve = this.#curveOf(name);
      if (!curve) continue;
      const under = step ?? (curve.steps.at(-1) ?? -1) + 1;
      while (curve.steps.length > 0 && curve.steps.at(-1)! >= under) {
        curve.steps.pop();
        curve.values.pop();
        curve.times.pop();
      }
      curve.steps.push(under);
      curve.values.push(value);
      curve.times.push(at);
      if (step !== null) curve.counted = false;
      if (curve.steps.length > KEPT) thin(curve, POINTS);
      taken.push({ name, step: under, value });
    }
    return taken;
  }

  /** The step of the last metrics; null when none has said one. */
  get lastStep(): number | null {
    return this.#lastStep;
  }

  /** How many metrics were not kept because there were too many names. */
  get leftOut(): number {
    return this.#leftOut;
  }

  names(): string[] {
    return [...this.#curves.keys()];
  }

  /** All that is kept of one metric; at most twice the points of the record. */
  curve(name: string): { steps: readonly number[]; values: readonly number[] } | undefined {
    return this.#curves.get(name);
  }

  result(): MetricHistory {
    const result: MetricHistory = {};
    for (const [name, { steps, values }] of Object.entries(this.kept().curves))
      result[name] = { steps, values };
    return result;
  }

  /** What another attempt goes on with: at most 200 points of each metric. */
  kept(): KeptHistory {
    const curves: KeptHistory['curves'] = {};
    for (const [name, { steps, values, times, counted }] of this.#curves) {
      const curve = { steps: [...steps], values: [...values], times: [...times], counted };
      if (curve.steps.length > POINTS) thin(curve, POINTS);
      curves[name] = { ...curve, values: curve.values.map(metricValue) };
    }
    return { curves, offsets: [...this.#offsets].slice(-MOST_OFFSETS) };
  }

  #curveOf(name: string): Curve | undefined {
    let curve = this.#curves.get(name);
    if (!curve) {
      if (this.#curves.size >= MOST_METRICS) {
        this.#leftOut += 1;
        return undefined;
      }
      curve = { steps: [], values: [], times: [], counted: true };
      this.#curves.set(name, curve);
    }
    return curve;
  }

  /** Many scripts count steps within each epoch: a new epoch then goes on where the one before ended. */
  #absoluteStep({ step, epoch }: FoundMetrics): number | null {
    // Parts of an epoch, as some trainers give them, come with steps of the whole run.
    if (step === null || epoch === undefined || !Number.isInteger(epoch)) return step;
    let offset = this.#offsets.get(epoch);
    if (offset === undefined) {
      const isFirst = epoch <= this.#firstEpoch;
      this.#firstEpoch = Math.min(this.#firstEpoch, epoch);
      const last = this.#lastStep ?? -1;
      // Counting from 0, the first step comes after the last; counting from 1 (or 10), it is that far from it.
      offset = isFirst || step > last ? 0 : last + (step <= 0 ? 1 : 0);
      this.#offsets.set(epoch, offset);
    }
    return step + offset;
  }
}

/**
 * Keeps `count` points, at steps as evenly apart as there are, however often it was thinned before: the first and the
 * last, the lowest, the highest and the first that is no number, so that neither the best step nor a fault is lost.
 */
function thin(curve: Curve, count: number): void {
  const telling = new Set(tellingPoints(curve.values));
  const kept = curve.steps.map((_, index) => index);
  while (kept.length > count) {
    let [narrowest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let place = 1; place < kept.length - 1; place++) {
      const width = curve.steps[kept[place + 1]!]! - curve.steps[kept[place - 1]!]!;
      if (width < least && !telling.has(kept[place]!)) [narrowest, least] = [place, width];
    }
    kept.splice(narrowest, 1);
  }
  curve.steps = kept.map((index) => curve.steps[index]!);
  curve.values = kept.map((index) => curve.values[index]!);
  curve.times = kept.map((index) => curve.times[index]!);
}

function tellingPoints(values: readonly number[]): number[] {
  let [lowest, highest] = [-1, -1];
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    if (lowest < 0 || value < values[lowest]!) lowest = index;
    if (highest < 0 || value > values[highest]!) highest = index;
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  return [lowest, highest, broken].filter((index) => index >= 0);
}
