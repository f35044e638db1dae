import type { MetricPoint, MetricRange } from '../../../shared/monitoring/metric-source.ts';

/**
 * Whole numbers of what sources give in fractions. What the rounding of one look leaves over goes to the next look of
 * the same series, so that what is less than one half at each look is not lost, and nothing is counted twice.
 */
export class CarriedRounding {
  /** By series: what is left over, and the end of the range that it was read to. */
  readonly #left = new Map<string, { end: number; rest: number }>();

  /**
   * By time, without what is no number.
   * @param series tells it from all others. @param range the looks; one that was read before begins without a rest.
   */
  wholeNumbers(series: string, points: readonly MetricPoint[], range: MetricRange): Map<number, number> {
    const left = this.#left.get(series);
    let rest = left?.end === range.start ? left.rest : 0;
    const numbers = new Map<number, number>();
    const looks = points.filter(({ time, value }) => time > range.start && Number.isFinite(value));
    for (const { time, value } of looks.toSorted((a, b) => a.time - b.time)) {
      const exact = Math.max(0, value) + rest;
      const whole = Math.max(0, Math.round(exact));
      rest = exact - whole;
      numbers.set(time, whole);
    }
    this.#left.set(series, { end: range.end, rest });
    return numbers;
  }
}
