import type { DataValidation } from '../../shared/records/data-validation.ts';
import type { Annotation } from '../../shared/runtime/definition.ts';
import { describeCheck } from './verdict.ts';

/** Unreadable lines, the first of them, and broken rules where they stand in the contract. */
export function annotations(record: DataValidation): Annotation[] {
  const lines = record.rejectedLines.examples.slice(0, 5).map((line): Annotation => {
    return {
      level: 'error',
      message: `This line cannot be read: ${line.message}`,
      where: { file: line.file, line: line.line },
    };
  });
  const broken = record.checks.filter(
    (entry) => entry.verdict === 'fail' || (entry.verdict === 'warn' && entry.severity === 'warning'),
  );
  return [
    ...lines,
    ...broken.map((entry): Annotation => {
      const level = entry.verdict === 'fail' ? 'error' : 'warning';
      return { level, message: `${entry.rule}: ${describeCheck(entry)}`, where: entry.where ?? {} };
    }),
  ];
}
