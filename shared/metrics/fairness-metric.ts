/** Fairness metrics by their names: a metric of each group of people, and what is made of the groups' values. */
import { findMetric, METRICS } from './catalogue.ts';
import { counted } from './counted.ts';
import { type Direction, define, type MetricDefinition, type MetricTask } from './metric-definition.ts';
import { countNotFinite, type MetricValue, meanOfLoss, noValue, type Rows } from './rows.ts';

/** What is made of the groups' values: how far apart they are, or the smallest or largest. */
export const FAIRNESS_SHAPES = ['difference', 'ratio', 'group_min', 'group_max'] as const;
export type FairnessShape = (typeof FAIRNESS_SHAPES)[number];

export interface FairnessMetric {
  name: string;
  shape: FairnessShape;
  /** One metric; of equalized odds two, the true-positive and the false-positive rate. */
  bases: readonly MetricDefinition[];
  direction: Direction;
}

/** Tasks whose rows belong to people one by one; a ranking's rows belong to its queries. */
const TASKS: readonly MetricTask[] = ['binary', 'multiclass', 'multilabel', 'regression', 'forecasting'];

/** fairlearn's own, which say nothing of a model as a whole and so are in no catalogue. */
const selectionRate = define('binary')([
  'selection_rate',
  'higher',
  'labels',
  'infinitesimal jackknife',
  'fairlearn.metrics.selection_rate',
  (rows) => meanOfLoss(rows, (row) => (rows.predicted![row] === 1 ? 1 : 0)),
  [],
]);
function meanOfPredictions(rows: Rows): MetricValue {
  const bad = countNotFinite(rows.predicted!);
  if (bad > 0) return noValue(`y_pred is not a finite number in ${counted(bad, 'row')}`);
  return meanOfLoss(rows, (row) => rows.predicted![row]!);
}
const meanPrediction = (task: MetricTask): MetricDefinition =>
  define(task)([
    'mean_prediction',
    'higher',
    'numbers',
    'paired mean',
    'fairlearn.metrics.mean_prediction',
    meanOfPredictions,
    [],
  ]);
/** Neither more nor less of these is better, so only how far apart the groups are can be judged. */
const WITHOUT_DIRECTION = ['selection_rate', 'mean_prediction'];

/** Where 0 is a value like others, twice as much has no meaning. */
const WITHOUT_RATIO = ['r2', 'explained_variance', 'matthews_corrcoef', 'cohen_kappa', 'mean_prediction'];

const OWN: readonly MetricDefinition[] = [
  selectionRate,
  meanPrediction('regression'),
  meanPrediction('forecasting'),
];

/** Names of their own for differences and ratios of known rates. */
const COMPOSED: Record<string, readonly string[]> = {
  demographic_parity: ['selection_rate'],
  equal_opportunity: ['true_positive_rate'],
  equalized_odds: ['true_positive_rate', 'false_positive_rate'],
};

/** Biased upwards the more the fewer rows there are: groups of different sizes would differ by that alone. */
const NOT_OF_GROUPS = ['expected_calibration_error'];

const baseOf = (name: string, task: MetricTask): MetricDefinition | undefined => {
  const own = OWN.find((metric) => metric.name === name && metric.task === task);
  if (own) return own;
  const found = findMetric(name, task);
  // What needs a parameter (a quantile) has no name that says it.
  if (!found || found.negated || found.definition.required?.length) return undefined;
  return NOT_OF_GROUPS.includes(found.definition.name) ? undefined : found.definition;
};

/**
 * The metric of a name such as `equalized_odds_difference` or `accuracy_score_group_min`, in fairlearn's names.
 * Differences are better lower, ratios higher; the smallest and largest of the groups as the metric itself.
 */
export function findFairnessMetric(name: string, task: MetricTask): FairnessMetric | undefined {
  if (!TASKS.includes(task)) return undefined;
  const shape = FAIRNESS_SHAPES.find((one) => name.endsWith(`_${one}`));
  if (!shape) return undefined;
  const stem = name.slice(0, -shape.length - 1);
  const apart = shape === 'difference' || shape === 'ratio';
  const composed = apart && task === 'binary' ? COMPOSED[stem] : undefined;
  if (!apart && WITHOUT_DIRECTION.includes(stem)) return undefined;
  if (shape === 'ratio' && WITHOUT_RATIO.includes(baseOf(stem, task)?.name ?? '')) return undefined;
  const bases = (composed ?? [stem]).map((base) => baseOf(base, task));
  if (!bases.every((base) => base !== undefined)) return undefined;
  const direction = shape === 'difference' ? 'lower' : shape === 'ratio' ? 'higher' : bases[0]!.direction;
  return { name, shape, bases, direction };
}

/** Every name of a task, for an error that suggests one. */
export function fairnessMetricNames(task: MetricTask): string[] {
  if (!TASKS.includes(task)) return [];
  const stems = [
    ...(task === 'binary' ? Object.keys(COMPOSED) : []),
    ...[...OWN, ...METRICS]
      .filter((metric) => metric.task === task)
      .flatMap((metric) => [metric.name, ...metric.aliases]),
  ];
  return [...new Set(stems)].flatMap((stem) =>
    FAIRNESS_SHAPES.map((shape) => `${stem}_${shape}`).filter((name) => findFairnessMetric(name, task)),
  );
}

/** Of a metric that is a share of rows: which rows it is a share of; undefined for other metrics. */
export function shareOf(base: MetricDefinition): { truth?: 0 | 1 } | undefined {
  if (base.rate) return { truth: base.rate.truth };
  return base.name === selectionRate.name ? {} : undefined;
}
