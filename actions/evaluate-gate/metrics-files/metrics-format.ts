/** What a reader of a file format is given, and what it gives: numbers by key, with all that the file says of them. */
import type { Direction } from '../../../shared/metrics/catalogue.ts';

/** The content of a file, parsed by its form and not yet understood. */
export type Content =
  /** JSON, YAML or TOML. */
  | { form: 'document'; value: unknown }
  /** JSON Lines. */
  | { form: 'lines'; values: unknown[] }
  | { form: 'table'; header: string[]; rows: string[][] };

export interface MetricsFile {
  /** As the user wrote it. */
  path: string;
  content: Content;
}

/** One test or document of an evaluation. */
export interface Case {
  score: number;
  /** Cases of one cluster depend on each other, such as repetitions of one test. */
  cluster: string;
  /** A digest of what was asked; a case of the same id with another digest is another case. */
  asked: string;
}

export interface MetricNumber {
  value: number;
  /** Of the value, where the file says it. */
  standardError?: number;
  /** How many rows or documents it was computed on. */
  rows?: number;
  direction?: Direction;
  /** The catalogue's name of the metric, where the format says it; the key is then not interpreted. */
  metric?: string;
  /** The one class that it speaks of. */
  ofClass?: string;
  /** Computed on rows that the model was trained on. */
  ofTraining?: boolean;
  /** What it was computed on and how; numbers whose entries differ cannot be compared. */
  basis?: Readonly<Record<string, string>>;
  /** Scores whose mean the value is, by the id of the case. */
  cases?: ReadonlyMap<string, Case>;
  /** Files of one run say different things of this key: the sentence that says so. */
  conflict?: string;
}

export interface Reading {
  /** By the key in the file; of nested objects the keys joined by dots. NaN and infinities as they are. */
  numbers: Map<string, MetricNumber>;
  /** For the report, such as which step of a history was taken. */
  notes: string[];
}

export interface MetricsFormat {
  /** For people. */
  name: string;
  /** Any object of numbers is of this format, so that of a folder only files named like metrics are taken. */
  isGeneral?: boolean;
  recognises(file: MetricsFile): boolean;
  /** @throws UserError when the file is of the format and yet cannot be used. */
  read(file: MetricsFile): Reading;
}

/** A plain object with its entries; undefined for everything else. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** The object that a document is, if it is one. */
export const documentOf = (file: MetricsFile): Record<string, unknown> | undefined =>
  file.content.form === 'document' ? asObject(file.content.value) : undefined;

const NOT_FINITE: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A number, also one that a tool wrote as the text "NaN" or "Infinity", since its JSON has no word for them. */
export function numberOrText(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && Object.hasOwn(NOT_FINITE, value) ? NOT_FINITE[value] : undefined;
}
