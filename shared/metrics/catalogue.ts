/** Every metric there is, found by any of its names. */
import { BINARY } from './binary-metrics.ts';
import { FORECASTING } from './forecasting-metrics.ts';
import { define, type MetricDefinition, type MetricTask } from './metric-definition.ts';
import { MULTICLASS } from './multiclass-metrics.ts';
import { MULTILABEL } from './multilabel-metrics.ts';
import { RANKING } from './ranking-metrics.ts';
import { REGRESSION } from './regression-metrics.ts';

export type { Direction, MetricDefinition, MetricParameters, MetricTask } from './metric-definition.ts';

/** One definition per name and task; those of one name have the same direction. */
export const METRICS: readonly MetricDefinition[] = [
  ...BINARY.map(define('binary')),
  ...MULTICLASS.map(define('multiclass')),
  ...MULTILABEL.map(define('multilabel')),
  ...REGRESSION.map(define('regression')),
  ...RANKING.map(define('ranking')),
  ...[...REGRESSION, ...FORECASTING].map(define('forecasting')),
];

export interface FoundMetric {
  definition: MetricDefinition;
  /** The name was of scikit-learn's `neg_` form: limits written for it are of the negated value. */
  negated: boolean;
}

/**
 * The metric of a name: canonical, alias, with `_score` at its end, or with `neg_` before one that is better lower.
 * @param task whose metrics; undefined: of any task, the first in METRICS.
 */
export function findMetric(name: string, task?: MetricTask): FoundMetric | undefined {
  const exact = byName(name, task);
  if (exact) return { definition: exact, negated: false };
  if (!name.startsWith('neg_')) return undefined;
  const inner = byName(name.slice('neg_'.length), task);
  return inner?.direction === 'lower' ? { definition: inner, negated: true } : undefined;
}

function byName(name: string, task: MetricTask | undefined): MetricDefinition | undefined {
  const short = name.replace(/_score$/, '');
  return METRICS.find(
    (metric) =>
      (task === undefined || metric.task === task) &&
      [metric.name, ...metric.aliases].some((known) => known === name || known === short),
  );
}

/** Every name that `findMetric` knows, for an error that suggests one. */
export function metricNames(task?: MetricTask): string[] {
  const known = METRICS.filter((metric) => task === undefined || metric.task === task);
  return [...new Set(known.flatMap((metric) => [metric.name, ...metric.aliases]))];
}
