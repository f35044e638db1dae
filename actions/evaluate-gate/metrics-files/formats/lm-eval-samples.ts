/** Samples of lm-evaluation-harness (`--log_samples`): one line per document and filter, with the document's own scores. */
import { basename } from 'node:path';
import { UserError } from '../../../../shared/errors.ts';
import {
  asObject,
  type Case,
  type MetricsFile,
  type MetricsFormat,
  type Reading,
} from '../metrics-format.ts';
import { numberOfCases } from '../number-of-cases.ts';

export const lmEvalSamples: MetricsFormat = {
  name: 'lm-eval samples',
  recognises({ content }) {
    const first = content.form === 'lines' ? asObject(content.values[0]) : undefined;
    return first !== undefined && 'doc_id' in first && Array.isArray(first.metrics);
  },
  read,
};

function read(file: MetricsFile): Reading {
  const { content, path } = file;
  const task = taskOf(path);
  const scores = new Map<string, Map<string, Case>>();
  for (const [index, value] of (content.form === 'lines' ? content.values : []).entries()) {
    const line = asObject(value);
    const id = line?.doc_id;
    if (!line || (typeof id !== 'number' && typeof id !== 'string') || !Array.isArray(line.metrics)) {
      throw new UserError(`${path} has a line without doc_id or metrics.`, {
        where: { file: path, line: index + 1 },
        fix: 'Write the samples again with lm-eval --log_samples.',
      });
    }
    const asked = [line.doc_hash, line.prompt_hash, line.target_hash].join(' ');
    for (const metric of line.metrics.map(String)) {
      const score = scoreOf(Object.hasOwn(line, metric) ? line[metric] : undefined);
      if (score === undefined) continue;
      const key = `${task}${metric},${typeof line.filter === 'string' ? line.filter : 'none'}`;
      const cases = scores.get(key) ?? new Map<string, Case>();
      scores.set(key, cases);
      if (cases.has(String(id))) {
        throw new UserError(`${path} has the document ${id} twice.`, {
          where: { file: path, line: index + 1 },
          fix: 'Give the samples of one evaluation of one task.',
        });
      }
      cases.set(String(id), { score, cluster: String(id), asked });
    }
  }
  return { numbers: new Map([...scores].map(([key, cases]) => [key, numberOfCases(cases)])), notes: [] };
}

/** Scores that are not numbers, such as pairs of texts, are put together by the metric itself and mean nothing alone. */
const scoreOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : undefined;

/** `samples_<task>_<time>.jsonl`; no line names the task. */
function taskOf(path: string): string {
  const match = /^samples_(.+?)(_\d{4}-\d{2}-\d{2}T[\d.-]+)?\.jsonl$/.exec(basename(path));
  return match ? `${match[1]}.` : '';
}
