/** What is known of a metric: its names, direction, needs, method of interval, source of formula. */

import type { Range } from '../stats/bounded-values.ts';
import { counted } from './counted.ts';
import { countNotFinite, type MetricValue, noValue, type Rows } from './rows.ts';

export type Direction = 'higher' | 'lower';
export type MetricTask =
  | 'binary'
  | 'multiclass'
  | 'multilabel'
  | 'regression'
  | 'ranking'
  | 'forecasting'
  | 'scores';

/** What some metrics are computed with, beside the rows. */
export interface MetricParameters {
  /** How many of the first count. */
  k?: number;
  /** Which quantile is predicted, in (0, 1). */
  quantile?: number;
}

/** What of a prediction a metric reads. */
export type Need = 'labels' | 'scores' | 'probabilities' | 'numbers';

/** Parameters by which one name stands for many metrics. */
export type Parameter = keyof MetricParameters;

export type IntervalMethod =
  | 'score interval'
  | 'infinitesimal jackknife'
  | 'DeLong'
  | 'paired mean'
  | 'delta method'
  | 'density at the median'
  | '20-group jackknife'
  | 'none';

/** A metric that is a share of certain rows, each a hit or a miss: its interval is Tango's. */
export interface Rate {
  /** Only rows of this true label count; undefined: all rows. */
  truth?: 0 | 1;
  /** Which rows are hits. */
  hit: 'correct' | 'wrong';
}

export interface MetricDefinition {
  /** The name by which policy, record and report speak. */
  name: string;
  /** Other names that mean the same. */
  aliases: readonly string[];
  task: MetricTask;
  direction: Direction;
  needs: Need;
  intervalMethod: IntervalMethod;
  rate?: Rate;
  /** Ends that the value cannot pass, which the interval of a single model's value heeds. */
  range?: Range;
  /** How many rows of each class or label its interval needs; undefined: it depends on no single one. */
  leastPerClass?: number;
  /** scikit-learn's function, or the literature. */
  formulaSource: string;
  /** Parameters that it takes; the policy may give only these. */
  parameters: readonly Parameter[];
  /** Those of them without which there is no metric. */
  required?: readonly Parameter[];
  /** Rows of another task as this metric reads them, such as one class against the rest. */
  prepare?(rows: Rows, parameters?: MetricParameters): Rows;
  /**
   * Of prepared rows; `computeMetric` does both.
   * @throws never: what cannot be computed is `{ value: undefined, why }`.
   */
  compute(rows: Rows, parameters?: MetricParameters): MetricValue;
}

/** A share, or a mean of such; on the logit scale. */
export const SHARE = { range: { low: 0, high: 1 } } as const;
/** A correlation, or an agreement beyond chance; on Fisher's scale. */
export const CORRELATION = { range: { low: -1, high: 1 } } as const;
/** Of a value that is biased upwards when it is small, so that nothing would be won by a scale of 0 too. */
export const AT_MOST_ONE = { range: { high: 1 } } as const;

/**
 * A mean of losses, which may be as large as they like, or a function of such: what few rows cost can be most of it.
 * Its intervals heed how skewed its influences are; those of shares and of rankings know the ends of their range.
 */
export const isLoss = ({ task, intervalMethod, range }: MetricDefinition): boolean =>
  (intervalMethod === 'paired mean' || intervalMethod === 'delta method') &&
  task !== 'ranking' &&
  range?.low === undefined;

/** A definition as the tables write it. */
export type Entry = [
  name: string,
  direction: Direction,
  needs: Need,
  intervalMethod: IntervalMethod,
  formulaSource: string,
  compute: (rows: Rows, parameters?: MetricParameters) => MetricValue,
  aliases: string[],
  more?: Partial<
    Pick<MetricDefinition, 'rate' | 'range' | 'leastPerClass' | 'parameters' | 'required' | 'prepare'>
  >,
];

/** A row without a predicted label is neither hit nor miss, so no count of labels may go on without it. */
function needingLabels(compute: MetricDefinition['compute']): MetricDefinition['compute'] {
  return (rows, parameters) => {
    const columns = neededColumns('labels', rows);
    if (columns.length === 0) return noValue('there is no y_pred');
    const empty = columns.reduce((sum, column) => sum + countNotFinite(column), 0);
    return empty > 0 ? noValue(`y_pred is empty in ${counted(empty, 'row')}`) : compute(rows, parameters);
  };
}

/** The metric with its parameters settled, so that whoever computes it need not know them. */
export function withParameters(definition: MetricDefinition, parameters: MetricParameters): MetricDefinition {
  const { prepare } = definition;
  return {
    ...definition,
    prepare: prepare && ((rows) => prepare(rows, parameters)),
    compute: (rows) => definition.compute(rows, parameters),
  };
}

/** The value of a metric on rows as its task has them. */
export function computeMetric(
  definition: MetricDefinition,
  rows: Rows,
  parameters: MetricParameters = {},
): MetricValue {
  return definition.compute(definition.prepare?.(rows, parameters) ?? rows, parameters);
}

/** The columns of a model's predictions that a metric of this need reads; empty where the file has them not. */
export function neededColumns(need: Need, rows: Rows): Float64Array[] {
  const ofScores = need === 'scores' || need === 'probabilities';
  if (rows.labels) {
    const columns = rows.labels.map((label) => (ofScores ? label.score : label.predicted));
    return columns.every((column) => column !== undefined) ? columns : [];
  }
  if (ofScores && rows.classScores) return [...rows.classScores];
  const column = ofScores ? rows.score : rows.predicted;
  return column ? [column] : [];
}

export const define =
  (task: MetricTask) =>
  (entry: Entry): MetricDefinition => {
    const [name, direction, needs, intervalMethod, formulaSource, compute, aliases, more] = entry;
    return {
      name,
      direction,
      task,
      needs,
      intervalMethod,
      formulaSource,
      compute: needs === 'labels' ? needingLabels(compute) : compute,
      aliases,
      parameters: [],
      ...more,
    };
  };
