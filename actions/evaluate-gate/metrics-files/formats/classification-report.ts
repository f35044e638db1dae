/** The dictionary of scikit-learn's `classification_report(output_dict=True)`. */
import {
  asObject,
  documentOf,
  type MetricNumber,
  type MetricsFile,
  type MetricsFormat,
  type Reading,
} from '../metrics-format.ts';

/** Average rows, and how scikit-learn's scorers end that give the same number. */
const AVERAGES: Record<string, string> = {
  'macro avg': '_macro',
  'micro avg': '_micro',
  'weighted avg': '_weighted',
  'samples avg': '_samples',
};
const METRICS: Record<string, string> = { precision: 'precision', recall: 'recall', 'f1-score': 'f1' };

export const classificationReport: MetricsFormat = {
  name: "scikit-learn's classification report",
  recognises(file) {
    const document = documentOf(file);
    return Object.keys(AVERAGES).some((average) => asObject(document?.[average])?.['f1-score'] !== undefined);
  },
  read,
};

function read(file: MetricsFile): Reading {
  const document = documentOf(file)!;
  const classes = Object.keys(document).filter(
    (name) => !Object.hasOwn(AVERAGES, name) && asObject(document[name]) !== undefined,
  );
  const supports = classes.map((name) => asObject(document[name])?.support);
  const basis = { 'number of rows per class': supports.join(', ') };
  const numbers = new Map<string, MetricNumber>();
  for (const [name, value] of Object.entries(document)) {
    if (typeof value === 'number') numbers.set(name, { value, basis });
    const average = Object.hasOwn(AVERAGES, name) ? AVERAGES[name] : undefined;
    for (const [metric, inner] of Object.entries(asObject(value) ?? {})) {
      if (typeof inner !== 'number') continue;
      const known = Object.hasOwn(METRICS, metric) ? METRICS[metric] : undefined;
      const meaning =
        average === undefined ? { metric: known, ofClass: name } : { metric: known && `${known}${average}` };
      numbers.set(`${name}.${metric}`, {
        value: inner,
        basis,
        metric: meaning.metric ?? metric,
        ...(meaning.ofClass !== undefined && { ofClass: meaning.ofClass }),
      });
    }
  }
  return { numbers, notes: [] };
}
