/** A run of MLflow as its REST interface answers it: the value of each metric at its largest step. */
import {
  asObject,
  documentOf,
  type MetricNumber,
  type MetricsFormat,
  numberOrText,
  type Reading,
} from '../metrics-format.ts';

/** Databases have no infinity: MLflow stores the largest number there is instead. */
const STORED_INFINITY = Number.MAX_VALUE;

export const mlflowRun: MetricsFormat = {
  name: 'MLflow run',
  recognises(file) {
    const run = runOf(documentOf(file));
    return Array.isArray(asObject(run?.data)?.metrics) && asObject(run?.info) !== undefined;
  },
  read: (file) => readRun(runOf(documentOf(file))!),
};

/** `{"run": {"info": …}}` of the interface, or the run alone. */
export const runOf = (document: Record<string, unknown> | undefined): Record<string, unknown> | undefined =>
  asObject(document?.run) ?? document;

export function readRun(run: Record<string, unknown>): Reading {
  const metrics = asObject(run.data)?.metrics;
  const basis = basisOf(run);
  const numbers = new Map<string, MetricNumber>();
  const steps = new Set<number>();
  for (const item of Array.isArray(metrics) ? metrics : []) {
    const metric = asObject(item);
    const value = metricValue(metric?.value);
    if (typeof metric?.key !== 'string' || value === undefined) continue;
    numbers.set(metric.key, { value, ...(basis && { basis }) });
    steps.add(Number(metric.step ?? 0));
  }
  const id = String(asObject(run.info)?.run_id ?? '');
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const which = first === last ? `step ${last}` : `steps ${first} to ${last}, each metric's own last`;
  const notes =
    last > 0 ? [`The run ${id} is a history: the values at the largest step are judged, of ${which}`] : [];
  return { numbers, notes };
}

export function metricValue(value: unknown): number | undefined {
  const number = numberOrText(value);
  if (number === undefined || Math.abs(number) !== STORED_INFINITY) return number;
  return number > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** The digests of the data sets that the run names, without those that it was trained on. */
function basisOf(run: Record<string, unknown>): MetricNumber['basis'] {
  const inputs = asObject(run.inputs)?.dataset_inputs;
  const digests = (Array.isArray(inputs) ? inputs : []).flatMap((input) => {
    const tags = asObject(input)?.tags;
    const context = (Array.isArray(tags) ? tags : [])
      .map(asObject)
      .find((tag) => tag?.key === 'mlflow.data.context');
    const dataset = asObject(asObject(input)?.dataset);
    const isOfTraining = typeof context?.value === 'string' && /train/i.test(context.value);
    return dataset?.digest === undefined || isOfTraining ? [] : [String(dataset.digest)];
  });
  return digests.length === 0 ? undefined : { 'digest of the data set': digests.sort().join(', ') };
}
