/** Drift checks in a row: what is kept of each, and the series of their numbers. Pure. */
import type { DriftCheck, DriftPerformance } from '../records/drift-check.ts';
import type { Verdict } from '../records/envelope.ts';

/** So many checks are kept and drawn. */
export const KEPT_CHECKS = 30;

/** What stays of a check when its record is gone. */
export interface CheckDigest {
  /** ISO 8601. */
  at: string;
  verdict: Verdict;
  retrain: boolean;
  reason: string;
  runUrl: string | null;
  /** Only what was judged: a series that has no number here has a gap. */
  values: { name: string; value: number }[];
}

const LARGEST_EFFECT = 'largest effect, as a multiple of what counts';
/** Of metrics; the largest effect comes after them. */
const MOST_METRICS = 6;

/** The digest of a record: each metric at the newest chunk that has it, and how far the most drifted column is. */
export function digestOf(record: DriftCheck): CheckDigest {
  const values = record.performance.slice(0, MOST_METRICS).flatMap((part) => {
    const value = newestValue(record, part);
    return value === null ? [] : [{ name: seriesName(part), value }];
  });
  const effects = record.columns
    .filter((column) => column.effect !== null && column.minEffect > 0 && column.decidedBy !== 'p_value')
    .map((column) => column.effect! / column.minEffect)
    .filter(Number.isFinite);
  if (effects.length > 0) {
    values.push({ name: LARGEST_EFFECT, value: effects.reduce((a, b) => Math.max(a, b)) });
  }
  return {
    at: record.createdAt,
    verdict: record.verdict,
    retrain: record.retrain,
    reason: record.reason,
    runUrl: record.source.runUrl,
    values: values.map(({ name, value }) => ({ name, value: Number(value.toPrecision(6)) })),
  };
}

/** Real and estimated values of one metric are two series. */
function seriesName({ name, greaterIsBetter, source }: DriftPerformance): string {
  return `${name} ${greaterIsBetter ? '↑' : '↓'}${source === 'estimated' ? ', estimated' : ''}`;
}

function newestValue(record: DriftCheck, part: DriftPerformance): number | null {
  if (part.status === 'not_judged') return null;
  const values = record.chunks
    .filter((chunk) => chunk.part === 'data' && chunk.judged)
    .map((chunk) => (part.source === 'real' ? chunk.performance : chunk.estimated)[part.name])
    .filter((value) => value !== null && value !== undefined);
  return values.at(-1) ?? part.worst?.value ?? null;
}

export interface CheckSeries {
  name: string;
  /** One for each check, the oldest first; null where it was not judged. */
  values: (number | null)[];
  first: number;
  last: number;
  least: number;
  most: number;
}

/** The series in digests, which stand oldest first; those of the newest check come first. */
export function seriesOf(checks: readonly CheckDigest[]): CheckSeries[] {
  const names = new Set(
    checks
      .toReversed()
      .flatMap((check) => check.values.map(({ name }) => name))
      .sort((a, b) => Number(a === LARGEST_EFFECT) - Number(b === LARGEST_EFFECT)),
  );
  return [...names].map((name) => {
    const values = checks.map((check) => check.values.find((one) => one.name === name)?.value ?? null);
    const known = values.filter((value) => value !== null);
    return {
      name,
      values,
      first: known[0]!,
      last: known.at(-1)!,
      least: Math.min(...known),
      most: Math.max(...known),
    };
  });
}

/** The newest checks, oldest first, each instant once: of two digests of one check the earlier in the list counts. */
export function newestChecks<Check extends CheckDigest>(checks: readonly Check[]): Check[] {
  const byInstant = new Map(checks.toReversed().map((check) => [Date.parse(check.at), check]));
  return [...byInstant.entries()]
    .sort(([a], [b]) => a - b)
    .slice(-KEPT_CHECKS)
    .map(([, check]) => check);
}
