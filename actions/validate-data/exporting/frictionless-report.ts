import type { DataProfile } from '../../../shared/records/data-profile.ts';
import type { DataCheck, DataValidation } from '../../../shared/records/data-validation.ts';
import { describeCheck } from '../verdict.ts';

/**
 * A DataValidation in the shape of a report of Frictionless 5: one task for the data, an error for each broken rule
 * and unreadable line, a warning for what is broken without failing or was not judged.
 */
export function frictionlessReport(record: DataValidation, profile: DataProfile): string {
  const errors = [
    ...record.rejectedLines.examples.map((line) => ({
      type: 'source-error',
      title: 'Source Error',
      description: 'A line of the data cannot be read.',
      message: `${line.file}:${line.line}: ${line.message}`,
      tags: [],
      note: line.message,
      rowNumber: line.line,
    })),
    ...record.checks.filter((check) => check.verdict === 'fail').map(checkError),
  ];
  const warnings = record.checks
    .filter((check) => check.verdict !== 'fail' && check.verdict !== 'pass')
    .map(
      (check) =>
        `${check.rule}: ${check.verdict === 'warn' ? describeCheck(check) : (check.observed ?? 'not judged')}`,
    );
  const stats = { errors: errors.length, warnings: warnings.length };
  const valid = record.verdict !== 'fail' && record.verdict !== 'error';
  const task = {
    name: record.name,
    type: 'table',
    valid,
    place: profile.files.map((file) => file.path).join(', '),
    labels: profile.columns.map((column) => column.name),
    stats: {
      ...stats,
      ...(profile.files.length === 1 ? { sha256: profile.files[0]!.digest.replace('sha256:', '') } : {}),
      bytes: profile.files.reduce((sum, file) => sum + file.bytes, 0),
      fields: profile.columns.length,
      rows: record.rowCount,
    },
    warnings,
    errors,
  };
  const report = { valid, stats: { tasks: 1, ...stats }, warnings: [], errors: [], tasks: [task] };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/**
 * Of the tool's own kinds a constraint error is about one cell, and a reader asks for its row: a broken rule is about the
 * table. Readers make the message anew from the note, so that all is said there.
 */
function checkError(check: DataCheck) {
  const what = describeCheck(check);
  return {
    type: 'table-error',
    title: 'Table Error',
    description: 'A rule of the data contract is broken.',
    message: what,
    tags: ['#table'],
    note: `${check.rule}: ${what}`,
    ...(check.columns.length === 1 ? { fieldName: check.columns[0] } : {}),
    ...(check.examples.length > 0 ? { cells: check.examples } : {}),
  };
}
