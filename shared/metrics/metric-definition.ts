/** What is known of a metric: its names, direction, needs, method of interval, source of formula. */
import { countNotFinite, type MetricValue, noValue, type Rows } from './rows.ts';

export type Direction = 'higher' | 'lower';
export type MetricTask = 'binary' | 'regression';

/** What of a prediction a metric reads. */
export type Need = 'labels' | 'scores' | 'probabilities' | 'numbers';

export type IntervalMethod =
  | 'score interval'
  | 'infinitesimal jackknife'
  | 'DeLong'
  | 'paired mean'
  | 'delta method'
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
  /** scikit-learn's function, or the literature. */
  formulaSource: string;
  compute(rows: Rows): MetricValue;
}

/** A definition as the tables write it. */
export type Entry = [
  name: string,
  direction: Direction,
  needs: Need,
  intervalMethod: IntervalMethod,
  formulaSource: string,
  compute: (rows: Rows) => MetricValue,
  aliases: string[],
  rate?: Rate,
];

/** A row without a predicted label is neither hit nor miss, so no count of labels may go on without it. */
function needingLabels(compute: (rows: Rows) => MetricValue): (rows: Rows) => MetricValue {
  return (rows) => {
    const empty = countNotFinite(rows.predicted!);
    return empty > 0 ? noValue(`y_pred is empty in ${empty} rows`) : compute(rows);
  };
}

export const define =
  (task: MetricTask) =>
  (entry: Entry): MetricDefinition => {
    const [name, direction, needs, intervalMethod, formulaSource, compute, aliases, rate] = entry;
    const checked = needs === 'labels' ? needingLabels(compute) : compute;
    return { name, direction, task, needs, intervalMethod, formulaSource, compute: checked, aliases, rate };
  };
