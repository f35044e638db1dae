import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { quoteTexts } from './sql-text.ts';

export interface RejectedLine {
  file: string;
  /** 1-based. */
  line: number;
  message: string;
}

/** The lines of several files that fit no row. */
export interface Rejects {
  /** The first hundred. */
  lines: RejectedLine[];
  count: number;
}

/** What the loader of a format tells beside the table. */
export interface Loading {
  rejects: Rejects;
  duplicateColumns?: string[];
  notes?: string[];
}

export const LISTED_REJECTS = 100;

/** Counts a line, and lists it while there is room. */
export function addReject(rejects: Rejects, line: RejectedLine): void {
  rejects.count += 1;
  if (rejects.lines.length < LISTED_REJECTS) rejects.lines.push(line);
}

/** File paths as DuckDB reads them: it expands globs, so the characters of a glob are put in brackets. */
export function quotePaths(paths: readonly string[]): string {
  return quoteTexts(paths.map((path) => resolve(path).replace(/[*?[]/g, '[$&]')));
}

/** @throws UserError when one of the files has other columns than the first (their order may differ). */
export function requireSameColumns(paths: readonly string[], columns: readonly string[][]): void {
  const first = new Set(columns[0]);
  for (const [index, names] of columns.entries()) {
    const missing = [...first].filter((name) => !names.includes(name));
    const added = names.filter((name) => !first.has(name));
    if (missing.length + added.length === 0) continue;
    const parts = [
      missing.length && `lacks ${missing.join(', ')}`,
      added.length && `adds ${added.join(', ')}`,
    ];
    throw new UserError(
      `The files have different columns: against ${paths[0]}, ${paths[index]} ${parts.filter(Boolean).join(' and ')}`,
      {
        where: { file: paths[index] },
        fix: 'Give files with the same columns.',
      },
    );
  }
}

/** A longer name is a sign of a quotation mark that is not closed; it would stand in every sentence of a report. */
const LONGEST_NAME = 10_000;

/** @throws UserError for the name of a column that is longer than any. */
export function refuseLongNames(names: readonly string[], file: string): void {
  const long = names.find((name) => name.length > LONGEST_NAME);
  if (long === undefined) return;
  throw new UserError(
    `${file} has a column whose name is longer than ${LONGEST_NAME.toLocaleString('en-US')} characters: ${long.slice(0, 40)}…`,
    { where: { file }, fix: 'Is a quotation mark of the header not closed, or is its first line no header?' },
  );
}
