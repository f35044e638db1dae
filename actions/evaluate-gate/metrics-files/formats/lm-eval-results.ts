/** Results of lm-evaluation-harness: per task `"metric,filter"` with its standard error, and how the task was asked. */
import { sha256 } from '../../../../shared/records/canonical-json.ts';
import {
  asObject,
  documentOf,
  type MetricNumber,
  type MetricsFile,
  type MetricsFormat,
  type Reading,
} from '../metrics-format.ts';

export const lmEvalResults: MetricsFormat = {
  name: 'lm-eval results',
  recognises(file) {
    const document = documentOf(file);
    return (
      asObject(document?.results) !== undefined &&
      (asObject(document?.['n-shot']) !== undefined || asObject(document?.versions) !== undefined)
    );
  },
  read,
};

function read(file: MetricsFile): Reading {
  const document = documentOf(file)!;
  const numbers = new Map<string, MetricNumber>();
  for (const [task, content] of Object.entries(asObject(document.results)!)) {
    const result = asObject(content) ?? {};
    const about = aboutTask(document, task);
    for (const [key, value] of Object.entries(result)) {
      const [metric = '', filter] = key.split(',');
      if (filter === undefined || metric.endsWith('_stderr') || typeof value !== 'number') continue;
      // "N/A" where the metric has no known error; 0 of a single document says nothing either.
      const error = result[`${metric}_stderr,${filter}`];
      const higher = about.higherIsBetter[metric];
      const count = ownValue(result.sample_count, key);
      const rows = typeof count === 'number' ? count : about.rows;
      numbers.set(`${task}.${key}`, {
        value,
        basis: about.basis,
        ...(rows !== undefined && { rows }),
        ...(typeof error === 'number' && error > 0 && { standardError: error }),
        ...(typeof higher === 'boolean' && { direction: higher ? ('higher' as const) : ('lower' as const) }),
      });
    }
  }
  return { numbers, notes: [] };
}

interface TaskFacts {
  rows: number | undefined;
  higherIsBetter: Record<string, unknown>;
  basis: Record<string, string>;
}

function aboutTask(document: Record<string, unknown>, task: string): TaskFacts {
  const fact = (name: string): unknown => ownValue(document[name], task);
  const effective = asObject(fact('n-samples'))?.effective;
  const rows = typeof effective === 'number' ? effective : sumOfSubtasks(document, task);
  const basis: Record<string, string> = {};
  const named: [string, unknown][] = [
    ['version of the task', fact('versions')],
    ['n-shot', fact('n-shot')],
    ['hash of the task', fact('task_hashes') ?? hashesOfSubtasks(document, task)],
    ['number of documents', rows],
  ];
  for (const [name, value] of named) {
    if (typeof value === 'number' || (typeof value === 'string' && value !== 'N/A'))
      basis[name] = String(value);
  }
  return { rows, higherIsBetter: asObject(fact('higher_is_better')) ?? {}, basis };
}

/** A group of tasks has no samples of its own. */
function sumOfSubtasks(document: Record<string, unknown>, task: string): number | undefined {
  const subtasks = ownValue(document.group_subtasks, task);
  if (!Array.isArray(subtasks) || subtasks.length === 0) return undefined;
  const counts = subtasks.map((name) => asObject(ownValue(document['n-samples'], String(name)))?.effective);
  return counts.every((count) => typeof count === 'number')
    ? counts.reduce((sum: number, count) => sum + Number(count), 0)
    : undefined;
}

function hashesOfSubtasks(document: Record<string, unknown>, task: string): string | undefined {
  const subtasks = ownValue(document.group_subtasks, task);
  const hashes = Array.isArray(subtasks)
    ? subtasks.map((name) => ownValue(document.task_hashes, String(name)))
    : [];
  return hashes.length > 0 && hashes.every((hash) => typeof hash === 'string')
    ? sha256(hashes.sort().join(' ')).slice('sha256:'.length)
    : undefined;
}

function ownValue(container: unknown, key: string): unknown {
  const object = asObject(container);
  return object && Object.hasOwn(object, key) ? object[key] : undefined;
}
