/** What is degenerate about a data set, in the eyes of a metric that reads certain columns of it. */
import type { MetricDefinition, MetricTask } from '../../shared/metrics/catalogue.ts';
import { neededColumns } from '../../shared/metrics/metric-definition.ts';
import type { Rows } from '../../shared/metrics/rows.ts';

interface Column {
  truth: Float64Array;
  prediction: Float64Array;
}

const isConstant = (values: ArrayLike<number>): boolean =>
  values.length > 1 && Array.from(values).every((value) => value === values[0]);

/** Some rows of different truth have one prediction, though not all have. */
function hasTies({ truth, prediction }: Column): boolean {
  const truths = Map.groupBy(truth.keys(), (row) => prediction[row]!);
  return (
    truths.size > 1 && [...truths.values()].some((rows) => new Set(rows.map((row) => truth[row])).size > 1)
  );
}

/** Of a ranking: the rows of one query are all as relevant as each other. */
const hasConstantQuery = ({ truth, groups }: Rows): boolean =>
  [...Map.groupBy(truth.keys(), (row) => groups!.of[row]!).values()].some((rows) =>
    isConstant(rows.map((row) => truth[row]!)),
  );

const CHECKS = {
  'one class': (columns: Column[], { groups, ...rows }: Rows, { task }: MetricDefinition) =>
    task === 'ranking' && groups
      ? hasConstantQuery({ ...rows, groups })
      : columns.some(({ truth }) => isConstant(truth)),
  'constant scores': (columns: Column[]) => columns.every(({ prediction }) => isConstant(prediction)),
  ties: (columns: Column[]) => columns.some(hasTies),
  'some weights of 0': (_: Column[], { weight }: Rows) =>
    weight?.includes(0) === true && weight.some((one) => one > 0),
  'all weights 0': (_: Column[], { weight, truth }: Rows) =>
    truth.length > 0 && weight?.every((one) => one === 0) === true,
  NaN: (columns: Column[]) => columns.some(({ prediction }) => prediction.some(Number.isNaN)),
  'empty slice': (_: Column[], { truth }: Rows) => truth.length === 0,
};

export type Degeneracy = keyof typeof CHECKS;
const ALL = Object.keys(CHECKS) as Degeneracy[];

/** What there can be for a metric of the task; scores that are given have no truth beside them. */
export const degeneraciesOfTask = (task: MetricTask): Degeneracy[] =>
  task === 'scores' ? ALL.filter((name) => name !== 'one class' && name !== 'ties') : ALL;

/** @param rows as the task has them; of a metric of one class those of the class. */
export function degeneraciesOf(rows: Rows, definition: MetricDefinition): Degeneracy[] {
  const columns = neededColumns(definition.needs, rows).map((prediction, at) => ({
    truth: rows.labels?.[at]?.truth ?? rows.truth,
    prediction,
  }));
  return ALL.filter((name) => CHECKS[name](columns, rows, definition));
}
