/** What a key in a file of metrics means: names of other tools, prefixes of splits, filters and paths. */
import { type Direction, findMetric } from '../../../shared/metrics/catalogue.ts';

/** Names of other libraries for metrics of the catalogue. */
const SYNONYMS: Record<string, string> = {
  acc: 'accuracy',
  binary_accuracy: 'accuracy',
  categorical_accuracy: 'accuracy',
  sparse_categorical_accuracy: 'accuracy',
  auc: 'roc_auc',
  auroc: 'roc_auc',
  logloss: 'log_loss',
  binary_logloss: 'log_loss',
};

/** What Hugging Face, Lightning, Keras and people write before a metric of rows that were held back. */
const SPLIT = /^(eval|test|val|valid|validation|dev|predict|holdout)_/;
const TRAINING = /(^|[./_])(train|training)([./_]|$)/;

/** lm-eval's filter behind a comma says how the answer was cut out of the output. */
const withoutFilter = (key: string): string => key.replace(/,[\w-]+$/, '');

/** The last part of a path, in the letters of the catalogue. */
const lastPart = (key: string): string =>
  withoutFilter(key)
    .split(/[./]/)
    .at(-1)!
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

/** Whether a name says more than a metric: a task, a split, a filter. */
export const isPath = (name: string): boolean => /[./,]/.test(name);

/** Whether a key ends in a path, part by part; a filter counts where the path has one. */
export function endsWithPath(key: string, path: string): boolean {
  if (isTrainingKey(key)) return false;
  const parts = (text: string): string => `.${text.trim().toLowerCase().replaceAll('/', '.')}`;
  return parts(path.includes(',') ? key : withoutFilter(key)).endsWith(parts(path));
}

/** Metrics of the training rows are taken only where a policy writes their key itself. */
export const isTrainingKey = (key: string): boolean => TRAINING.test(key.toLowerCase());

/** A key as it can be understood, from the letter to the freest reading. */
export function readingsOf(key: string): string[][] {
  const last = lastPart(key);
  const free = isTrainingKey(key) ? [] : [last, last.replace(SPLIT, '')];
  return [[key], [withoutFilter(key)], free];
}

export interface MeantMetric {
  name: string;
  direction: Direction;
  /** The value in the file is that of the metric with the opposite sign. */
  negated: boolean;
}

/** SageMaker and others write the kind of average first. */
const AVERAGE_FIRST = /^(macro|micro|weighted|samples)_(\w+)$/;

/** The catalogue's metric of one reading of a key. */
export function meantBy(reading: string): MeantMetric | undefined {
  const synonym = Object.hasOwn(SYNONYMS, reading)
    ? SYNONYMS[reading]!
    : reading.replace(AVERAGE_FIRST, (_, average: string, metric: string) => `${metric}_${average}`);
  const found = findMetric(reading) ?? findMetric(synonym);
  return (
    found && { name: found.definition.name, direction: found.definition.direction, negated: found.negated }
  );
}

/** The metric that a whole key means in its first reading that means any. */
export function metricOfKey(key: string): MeantMetric | undefined {
  for (const reading of readingsOf(key).flat()) {
    const meant = meantBy(reading);
    if (meant) return meant;
  }
  return undefined;
}

/** Which way is better for a key of a file that stands for a known metric, such as `eval_accuracy`. */
export function directionOfKey(key: string): Direction | undefined {
  const meant = metricOfKey(key);
  return meant?.negated ? 'higher' : meant?.direction;
}

/** A name in the letters in which two names are compared. */
export const plainName = lastPart;
