import type { MetricHistory, MetricValue } from '../../../shared/records/training-run.ts';
import type { FoundMetrics } from './metric-lines.ts';

/** Metrics over the steps of a training, in memory that does not grow with its length. */

/** Points of a metric in the record. */
const POINTS = 200;
/** Kept while it runs, so that after thinning there are still enough. */
const KEPT = 2 * POINTS;
/** A script that prints a number per layer must not fill the record. */
const MOST_METRICS = 100;

interface Curve {
  steps: number[];
  values: number[];
}

export class HistoryKeeper {
  readonly #curves = new Map<string, Curve>();
  /** What is added to the steps of an epoch that counts them anew. */
  readonly #offsets = new Map<number, number>();
  #firstEpoch = Number.POSITIVE_INFINITY;
  #lastStep: number | null = null;
  #leftOut = 0;

  /** @param earlier of the attempt whose checkpoint this one went on from. */
  constructor(earlier: MetricHistory = {}) {
    for (const [name, { steps, values }] of Object.entries(earlier)) {
      this.#curves.set(name, { steps: [...steps], values: values.map(Number) });
      for (const step of steps) this.#lastStep = Math.max(this.#lastStep ?? step, step);
    }
  }

  /**
   * Takes metrics of a moment. A step that a metric has had already takes the place of that one and all after it:
   * the training has gone back to a checkpoint. Without a step it is the one after the metric's last.
   * @returns each metric that was taken with the step under which it stands.
   */
  add(found: FoundMetrics): { name: string; step: number; value: number }[] {
    const step = this.#absoluteStep(found);
    if (step !== null) this.#lastStep = step;
    const taken: { name: string; step: number; value: number }[] = [];
    for (const [name, value] of Object.entries(found.values)) {
      const curve = this.#curveOf(name);
      if (!curve) continue;
      const at = step ?? (curve.steps.at(-1) ?? -1) + 1;
      while (curve.steps.length > 0 && curve.steps.at(-1)! >= at) {
        curve.steps.pop();
        curve.values.pop();
      }
      curve.steps.push(at);
      curve.values.push(value);
      if (curve.steps.length > KEPT) thin(curve, POINTS);
      taken.push({ name, step: at, value });
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
    for (const [name, { steps, values }] of this.#curves) {
      const curve = { steps: [...steps], values: [...values] };
      if (curve.steps.length > POINTS) thin(curve, POINTS);
      result[name] = { steps: curve.steps, values: curve.values.map(recorded) };
    }
    return result;
  }

  #curveOf(name: string): Curve | undefined {
    let curve = this.#curves.get(name);
    if (!curve) {
      if (this.#curves.size >= MOST_METRICS) {
        this.#leftOut += 1;
        return undefined;
      }
      curve = { steps: [], values: [] };
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

/** Keeps `count` points, evenly chosen, the first and the last among them. */
function thin(curve: Curve, count: number): void {
  const last = curve.steps.length - 1;
  const chosen = Array.from({ length: count }, (_, index) => Math.round((index * last) / (count - 1)));
  curve.steps = chosen.map((index) => curve.steps[index]!);
  curve.values = chosen.map((index) => curve.values[index]!);
}

function recorded(value: number): MetricValue {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
