/** Every metric that the simulation draws, with its parameters settled; and its true value, of very many rows. */
import { METRICS, type MetricDefinition, type MetricTask } from '../shared/metrics/catalogue.ts';
import { meanScore } from '../shared/metrics/mean-score.ts';
import { computeMetric, withParameters } from '../shared/metrics/metric-definition.ts';
import { GENERATORS, Randomness, type World } from './gate-simulation-data.ts';

/** As many rows as make the error of the "true" value a twentieth of that of 5,000 rows. */
const TRUTH_ROWS = 2_000_000;
const TRUTH_CHUNK = 500_000;

/** Metrics with an interval. Those of forecasting that are also of regression are the same functions. */
export function simulatedMetrics(task: MetricTask): MetricDefinition[] {
  if (task === 'scores') return [meanScore('mean_score', 'higher', false)];
  const ofRegression = METRICS.filter((metric) => metric.task === 'regression').map(({ name }) => name);
  return METRICS.filter(
    (metric) =>
      metric.task === task &&
      metric.intervalMethod !== 'none' &&
      !(task === 'forecasting' && ofRegression.includes(metric.name)),
  ).map((metric) =>
    metric.parameters.length > 0 ? withParameters(metric, { k: 2, quantile: 0.7 }) : metric,
  );
}

export interface TrueValues {
  champion: number;
  challenger: number;
}

/** By the name of the metric. The mean over a few huge samples: their bias is of the order of one in their rows. */
export function trueValues(
  task: MetricTask,
  metrics: readonly MetricDefinition[],
  world: World,
  rows = TRUTH_ROWS,
): Map<string, TrueValues> {
  const sums = new Map(metrics.map((metric) => [metric.name, { champion: 0, challenger: 0 }]));
  const chunks = Math.max(1, rows / TRUTH_CHUNK);
  // Queries have several rows each.
  const size = rows / chunks / (task === 'ranking' ? 5 : 1);
  const random = new Randomness(1);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const pair = GENERATORS[task](size, random, world);
    for (const metric of metrics) {
      const sum = sums.get(metric.name)!;
      sum.champion += (computeMetric(metric, pair.champion).value ?? Number.NaN) / chunks;
      sum.challenger += (computeMetric(metric, pair.challenger).value ?? Number.NaN) / chunks;
    }
  }
  return sums;
}
