import type { Case, MetricNumber } from './metrics-format.ts';

/** The mean of the scores of some cases, with the cases themselves. */
export function numberOfCases(cases: ReadonlyMap<string, Case>): MetricNumber {
  let sum = 0;
  for (const { score } of cases.values()) sum += score;
  return { value: sum / cases.size, rows: cases.size, cases };
}
