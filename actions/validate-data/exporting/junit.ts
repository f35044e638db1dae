import type { DataCheck, DataValidation } from '../../../shared/records/data-validation.ts';
import { describeCheck } from '../verdict.ts';

/**
 * A DataValidation as JUnit XML, which every test reporter reads: a suite for the data, a case for each check. Rules
 * of severity warning and info do not fail a case; what was not judged is skipped with its reason.
 */
export function junitReport(record: DataValidation): string {
  const cases = [lineCase(record), ...record.checks.map(checkCase)];
  const count = (outcome: Case['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="0" time="0"`;
  const suite = `name="${escapeXml(record.name)}" ${counts} skipped="${count('skipped')}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="validate-data" ${counts}>`,
    `  <testsuite ${suite} timestamp="${record.createdAt.replace(/Z$/, '')}">`,
    ...cases.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

interface Case {
  group: string;
  name: string;
  place: { file: string; line: number } | null;
  outcome: 'passed' | 'failure' | 'skipped';
  message: string;
  /** What a person reads below the message. */
  text: string;
}

function lineCase({ rejectedLines: { count, examples } }: DataValidation): Case {
  return {
    group: 'all rows',
    name: 'every line can be read',
    place: examples[0] ?? null,
    outcome: count > 0 ? 'failure' : 'passed',
    message: `${count} ${count === 1 ? 'line' : 'lines'} cannot be read`,
    text: examples.map((line) => `${line.file}:${line.line}: ${line.message}`).join('\n'),
  };
}

function checkCase(check: DataCheck): Case {
  const isSkipped = check.verdict === 'not_judged' || check.verdict === 'missing';
  const message = isSkipped ? (check.observed ?? 'not judged') : describeCheck(check);
  return {
    group: check.columns.join(', ') || 'all rows',
    name: check.rule,
    place: check.where,
    outcome: check.verdict === 'fail' ? 'failure' : isSkipped ? 'skipped' : 'passed',
    message: check.verdict === 'warn' ? `${check.severity}: ${message}` : message,
    text: check.examples.join('\n'),
  };
}

function caseXml({ group, name, place, outcome, message, text }: Case): string {
  const where = place ? ` file="${escapeXml(place.file)}" line="${place.line}"` : '';
  const open = `    <testcase classname="${escapeXml(group)}" name="${escapeXml(name)}"${where} time="0"`;
  if (outcome === 'passed') return `${open}/>`;
  const body = outcome === 'failure' ? escapeXml(text) : '';
  const inner = `<${outcome} message="${escapeXml(message)}"${outcome === 'failure' ? ' type="DataCheck"' : ''}>${body}</${outcome}>`;
  return `${open}>${inner}</testcase>`;
}

/** XML 1.0 has no way to write most control characters: they are left out. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
    '\t': '&#9;',
    '\r': '&#13;',
  };
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"\n\t\r]/g, (character) => entities[character]!);
}
