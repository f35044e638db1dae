/** DVC's metrics and every other object of numbers: keys of nested objects joined by dots, lists and texts left out. */
import { UserError } from '../../../../shared/errors.ts';
import { asObject, documentOf, type MetricNumber, type MetricsFormat } from '../metrics-format.ts';

const DEEPEST = 50;
const MOST_NUMBERS = 10_000;

/** @throws UserError when the document is nested deeper, or holds more numbers, than anybody would write. */
export function collectScalars(document: unknown, path: string): Map<string, MetricNumber> {
  const numbers = new Map<string, MetricNumber>();
  const refuse = (what: string): never => {
    throw new UserError(`${path} ${what}.`, {
      where: { file: path },
      fix: 'Give a file of metrics, such as {"roc_auc": 0.87}.',
    });
  };
  const collect = (value: unknown, key: string, depth: number): void => {
    if (depth > DEEPEST) refuse(`is nested deeper than ${DEEPEST} objects`);
    if (typeof value === 'number') {
      numbers.set(key, { value });
      if (numbers.size > MOST_NUMBERS) refuse(`holds more than ${MOST_NUMBERS} numbers`);
    }
    for (const [name, inner] of Object.entries(asObject(value) ?? {})) {
      collect(inner, key === '' ? name : `${key}.${name}`, depth + 1);
    }
  };
  collect(document, '', 0);
  return numbers;
}

export const nestedScalars: MetricsFormat = {
  name: 'metrics as JSON, YAML or TOML',
  isGeneral: true,
  recognises: (file) => documentOf(file) !== undefined,
  read: (file) => ({ numbers: collectScalars(documentOf(file), file.path), notes: [] }),
};

/** The Trainer of transformers writes flat objects; their name tells them from its other files. */
export const huggingFaceResults: MetricsFormat = {
  name: 'Hugging Face results',
  recognises: (file) => /(^|[\\/])\w+_results\.json$/.test(file.path) && documentOf(file) !== undefined,
  read: nestedScalars.read,
};
