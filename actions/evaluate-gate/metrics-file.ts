/** Flat JSON of metrics as training scripts write it, with the bare NaN and Infinity of Python. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../../shared/errors.ts';
import { findMetric } from '../../shared/metrics/catalogue.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import type { Known } from './items.ts';
import type { Rule } from './rules.ts';

export interface MetricsFile {
  path: string;
  digest: string;
  /** By the key in the file; of nested objects the keys joined by dots. NaN and infinities as they are. */
  values: Map<string, number>;
}

const LARGEST_BYTES = 50_000_000;

/** @throws UserError when the file is missing, not JSON, or holds no number. */
export async function readMetricsFile(path: string, input: string): Promise<MetricsFile> {
  const bytes = await readFile(path).catch((cause) => {
    throw new UserError(`The metrics file ${path} cannot be read.`, {
      where: { file: path, key: `inputs.${input}` },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  if (bytes.length > LARGEST_BYTES)
    throw new UserError(`The metrics file ${path} is larger than 50 MB.`, { where: { file: path } });
  const values = parseMetrics(bytes.toString('utf8'), path);
  if (values.size === 0) {
    throw new UserError(`The metrics file ${path} holds no number.`, {
      where: { file: path },
      fix: 'Write a JSON object of names and numbers, such as {"roc_auc": 0.87}.',
    });
  }
  return { path, digest: sha256(bytes), values };
}

/** Stands for a bare NaN or Infinity while JSON is parsed; no metric's value is a text, so none can be mistaken for it. */
const NOT_FINITE: Record<string, number> = {
  'number:NaN': Number.NaN,
  'number:Infinity': Number.POSITIVE_INFINITY,
  'number:-Infinity': Number.NEGATIVE_INFINITY,
};

/** Numbers by key. Texts, booleans, nulls and lists are no metrics and are left out. */
export function parseMetrics(text: string, path: string): Map<string, number> {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (part) =>
    part.startsWith('"') ? part : `"number:${part}"`,
  );
  let parsed: unknown;
  try {
    parsed = JSON.parse(quoted);
  } catch (cause) {
    throw new UserError(`The metrics file ${path} is not valid JSON.`, {
      where: { file: path },
      fix: 'Write a JSON object of names and numbers.',
      cause,
    });
  }
  const values = new Map<string, number>();
  collect(parsed, '', values);
  return values;
}

function collect(value: unknown, key: string, values: Map<string, number>): void {
  if (typeof value === 'number') values.set(key, value);
  else if (typeof value === 'string' && Object.hasOwn(NOT_FINITE, value)) values.set(key, NOT_FINITE[value]!);
  else if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value))
      collect(inner, key === '' ? name : `${key}.${name}`, values);
  }
}

/** The number of a rule's metric, under its own name, an alias, or negated under a `neg_` name. */
export function valueFor(rule: Rule, file: MetricsFile): Known {
  const keys = [...file.values.keys()];
  const key = keys.includes(rule.name)
    ? rule.name
    : keys.find((name) => findMetric(name)?.definition.name === rule.name);
  if (key === undefined) return { value: undefined, why: `${file.path} has no ${rule.name}`, isNaN: false };
  const value = file.values.get(key)!;
  if (!Number.isFinite(value)) return { value: undefined, why: `${file.path} says ${value}`, isNaN: true };
  return { value: key !== rule.name && findMetric(key)?.negated ? -value : value };
}
