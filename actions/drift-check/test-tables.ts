/** Seeded tables for the tests of drift-check. Never imported by production code. */
import { type DriftPolicy, driftPolicySchema } from '../../shared/records/drift-policy.ts';
import { resolveMetrics } from './metrics.ts';
import type { PerformanceMetric } from './performance.ts';
import { type ColumnValues, type DriftTable, encodeCategories } from './table.ts';

/** Uniform numbers in [0, 1) of one seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal numbers by Box and Muller. */
export function normalNumbers(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function numeric(rows: number, next: () => number): ColumnValues {
  return { kind: 'numeric', values: Float64Array.from({ length: rows }, next) };
}

export function categorical(rows: number, next: () => string | null): ColumnValues {
  return encodeCategories(Array.from({ length: rows }, next));
}

export function tableOf(columns: Record<string, ColumnValues>, more: Partial<DriftTable> = {}): DriftTable {
  const [first] = Object.values(columns);
  const rowCount =
    first === undefined ? 0 : first.kind === 'numeric' ? first.values.length : first.codes.length;
  return { rowCount, columns: new Map(Object.entries(columns)), ...more };
}

export function policyOf(policy: Record<string, unknown> = {}): DriftPolicy {
  return driftPolicySchema.parse({ version: 1, ...policy });
}

export function metricsOf(policy: DriftPolicy): PerformanceMetric[] {
  return resolveMetrics(policy, () => ({}));
}

/**
 * A classifier's rows: a feature x, a calibrated score from it, labels drawn by the score.
 * @param link how the truth follows the score: `holds`, or `broken` (labels no longer know of it).
 */
export function scoredTable(
  rows: number,
  seed: number,
  link: 'holds' | 'broken' = 'holds',
  shift = 0,
): DriftTable {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  const x = Float64Array.from({ length: rows }, () => normal() + shift);
  const scores = x.map((value) => 1 / (1 + Math.exp(1 - 1.5 * value)));
  const labels = scores.map((score) => (random() < (link === 'holds' ? score : 0.3) ? 1 : 0));
  return tableOf(
    { x: { kind: 'numeric', values: x }, score: { kind: 'numeric', values: scores } },
    { scores, labels },
  );
}
