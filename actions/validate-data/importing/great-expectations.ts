/** Great Expectations suites: of 1.x (`type`) and of 0.18 (`expectation_type`), as JSON or YAML. */
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { ContractDraft, type ImportedContract, type Path } from './contract-draft.ts';
import type { Expectation } from './expectation.ts';
import { COLUMN_EXPECTATIONS } from './great-expectations-columns.ts';
import { TABLE_EXPECTATIONS } from './great-expectations-tables.ts';
import { isGiven, orReason, type RuleHead } from './row-rules.ts';

const SEVERITIES: Readonly<Record<string, RuleHead['severity']>> = {
  critical: 'error',
  warning: 'warning',
  info: 'info',
};

/** Arguments that say how results are shown, not what is asked. */
const SHOWN = new Set([
  'result_format',
  'include_config',
  'catch_exceptions',
  'meta',
  'notes',
  'description',
  'id',
  'batch_id',
  'severity',
  'rendered_content',
  'auto',
  'profiler_config',
]);

interface Suite {
  name?: string;
  expectation_suite_name?: string;
  expectations: {
    type?: string;
    expectation_type?: string;
    kwargs?: Record<string, unknown>;
    severity?: string;
  }[];
}

/** Whether a document is a suite. */
export function isSuite(value: unknown): value is Suite {
  const expectations = (value as Suite | null)?.expectations;
  return (
    Array.isArray(expectations) &&
    expectations.every((entry) => typeof (entry?.type ?? entry?.expectation_type) === 'string')
  );
}

/** Reads a suite as a contract. */
export function importSuite(foreign: PositionedDocument<Suite>): ImportedContract {
  const draft = new ContractDraft();
  for (const [index, entry] of foreign.value.expectations.entries()) {
    const origin: Path = ['expectations', index];
    const name = String(entry.type ?? entry.expectation_type);
    const why = orReason(() => translate(name, entry, draft, origin));
    if (why) draft.leave(name, why, origin);
  }
  const name = foreign.value.name ?? foreign.value.expectation_suite_name ?? 'suite';
  return draft.finish({ id: name, object: name }, foreign);
}

function translate(
  name: string,
  entry: Suite['expectations'][number],
  draft: ContractDraft,
  origin: Path,
): string | undefined {
  const given = entry.kwargs ?? {};
  const severity = entry.severity ?? given.severity;
  const level = severity === undefined ? 'error' : SEVERITIES[String(severity)];
  if (!level) return `its severity ${JSON.stringify(severity)} is not known`;
  if (isGiven(given.row_condition))
    return 'it is about some rows only (row_condition), and conditions of pandas are not read';
  const parameter = Object.values(given).find(
    (value) => typeof value === 'object' && value !== null && '$PARAMETER' in value,
  );
  if (parameter) return 'it takes a parameter of the run, whose value is not in the file';
  const head: RuleHead = { name, ...(level === 'error' ? {} : { severity: level }) };
  const mostly = typeof given.mostly === 'number' ? given.mostly : 1;
  const column = typeof given.column === 'string' ? given.column : '';
  const arguments_ = Object.fromEntries(Object.entries(given).filter(([key]) => !SHOWN.has(key)));
  const expectation: Expectation = { head, given: arguments_, column, mostly, draft, origin };
  const ofColumn = COLUMN_EXPECTATIONS[name];
  if (ofColumn) return column ? ofColumn(expectation) : 'it names no column';
  const ofTable = TABLE_EXPECTATIONS[name];
  return ofTable ? ofTable(expectation) : 'there is no such rule here';
}
