import type { MetricValue } from '../../../shared/records/metric-value.ts';
import { metricName } from '../../../shared/registries/mlflow/runs.ts';

/** A metric at a step, as it was seen. */
export interface MetricPoint {
  key: string;
  step: number;
  value: MetricValue;
  /** Milliseconds since 1970. */
  at: number;
}

/** As MLflow takes it. */
export interface LoggedMetric {
  key: string;
  step: number;
  value: MetricValue;
  timestamp: number;
}

const MOST_WAITING = 100_000;
/** A script that logs to the same run itself has done so this long after it printed the same. */
const SETTLED_MS = 5_000;

/**
 * Decides which points go to MLflow, which keeps every point that it is sent: never a step again that the run has, and
 * never a metric that the user's script logs itself.
 *
 * Whose a metric is, the run tells: before each sending its last step of every metric is looked at. One that has a step
 * which was neither sent from here nor there at the beginning is somebody else's, and stays so.
 */
export class MetricLog {
  #waiting = new Map<string, LoggedMetric>();
  readonly #lastStep = new Map<string, number>();
  readonly #sentStep = new Map<string, number>();
  readonly #foreign = new Set<string>();
  /** Points that could not wait any longer. */
  lost = 0;
  /** Whether steps were no whole numbers, of which one per whole number is kept. */
  hasFractions = false;

  /** What the run has already, when it is taken up again. */
  begin(metrics: readonly { key: string; step: number }[]): void {
    for (const { key, step } of metrics) {
      this.#lastStep.set(key, step);
      this.#sentStep.set(key, step);
    }
  }

  /** A step that still waits takes its newest value; one that is past is passed over. */
  add(points: readonly MetricPoint[]): void {
    for (const point of points) {
      const key = metricName(point.key);
      const step = Math.floor(point.step);
      if (!Number.isSafeInteger(step) || this.#foreign.has(key)) continue;
      const name = `${step} ${key}`;
      const waiting = this.#waiting.get(name);
      if (step !== point.step) this.hasFractions = true;
      if (waiting) {
        if (step === point.step) waiting.value = point.value;
        continue;
      }
      if (step <= (this.#lastStep.get(key) ?? Number.NEGATIVE_INFINITY)) continue;
      this.#lastStep.set(key, step);
      if (this.#waiting.size >= MOST_WAITING) this.lost++;
      else this.#waiting.set(name, { key, step, value: point.value, timestamp: point.at });
    }
  }

  /**
   * The points to send, in the order in which they came; they wait until {@link sent} is told of them.
   * @param metrics what the run has now: of each metric the last step. @param now milliseconds; undefined takes all.
   */
  ready(metrics: readonly { key: string; step: number }[], now: number | undefined): LoggedMetric[] {
    for (const { key, step } of metrics) {
      if (step > (this.#sentStep.get(key) ?? Number.NEGATIVE_INFINITY)) this.#foreign.add(key);
    }
    for (const [name, { key }] of this.#waiting) if (this.#foreign.has(key)) this.#waiting.delete(name);
    const latest = now === undefined ? Number.POSITIVE_INFINITY : now - SETTLED_MS;
    return [...this.#waiting.values()].filter(({ timestamp }) => timestamp <= latest);
  }

  sent(points: readonly LoggedMetric[]): void {
    for (const { key, step } of points) {
      this.#waiting.delete(`${step} ${key}`);
      this.#sentStep.set(key, Math.max(step, this.#sentStep.get(key) ?? Number.NEGATIVE_INFINITY));
    }
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The largest step of all. */
  get lastStep(): number {
    return Math.max(0, ...this.#lastStep.values());
  }
}
