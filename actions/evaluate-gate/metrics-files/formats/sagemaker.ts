/**
 * `evaluation.json` in the shape of SageMaker's Model Monitor: `{"binary_classification_metrics": {"auc": {"value": …,
 * "standard_deviation": …}}}`. The deviation is that of five samples of 80 % of the rows, no standard error of the
 * value, so no interval is made of it.
 */
import {
  asObject,
  documentOf,
  type MetricNumber,
  type MetricsFile,
  type MetricsFormat,
  numberOrText,
  type Reading,
} from '../metrics-format.ts';

const groupsOf = (file: MetricsFile): [string, Record<string, unknown>][] =>
  Object.entries(documentOf(file) ?? {}).flatMap(([name, value]) => {
    const group = /_metrics$/.test(name) ? asObject(value) : undefined;
    return group ? [[name, group]] : [];
  });

const valueIn = (metric: unknown): number | undefined => numberOrText(asObject(metric)?.value);

export const sagemakerEvaluation: MetricsFormat = {
  name: "SageMaker's evaluation",
  recognises: (file) =>
    groupsOf(file).some(([, group]) => Object.values(group).some((metric) => valueIn(metric) !== undefined)),
  read(file): Reading {
    const numbers = new Map<string, MetricNumber>();
    for (const [name, group] of groupsOf(file)) {
      for (const [metric, content] of Object.entries(group)) {
        const value = valueIn(content);
        if (value !== undefined) numbers.set(`${name}.${metric}`, { value });
      }
    }
    return { numbers, notes: [] };
  },
};
