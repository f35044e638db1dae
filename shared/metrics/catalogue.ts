/** Every metric there is, found by any of its names. */
import { BINARY } from './binary-metrics.ts';
import { define, type MetricDefinition } from './metric-definition.ts';
import { REGRESSION } from './regression-metrics.ts';

export type { Direction, MetricDefinition } from './metric-definition.ts';

export const METRICS: readonly MetricDefinition[] = [
  ...BINARY.map(define('binary')),
  ...REGRESSION.map(define('regression')),
];

export interface FoundMetric {
  definition: MetricDefinition;
  /** The name was of scikit-learn's `neg_` form: limits written for it are of the negated value. */
  negated: boolean;
}

/**
 * The metric of a name: canonical, alias, with `_score` at its end, or with `neg_` before one that is better lower.
 */
export function findMetric(name: string): FoundMetric | undefined {
  const exact = byName(name);
  if (exact) return { definition: exact, negated: false };
  if (!name.startsWith('neg_')) return undefined;
  const inner = byName(name.slice('neg_'.length));
  return inner?.direction === 'lower' ? { definition: inner, negated: true } : undefined;
}

function byName(name: string): MetricDefinition | undefined {
  const short = name.replace(/_score$/, '');
  return METRICS.find((metric) =>
    [metric.name, ...metric.aliases].some((known) => known === name || known === short),
  );
}

/** Every name that `findMetric` knows, for an error that suggests one. */
export function metricNames(): string[] {
  return METRICS.flatMap((metric) => [metric.name, ...metric.aliases]);
}
