import type { DataCheck, DataValidation } from '../../../shared/records/data-validation.ts';

/**
 * A DataValidation in the shape of Great Expectations' own results (`ExpectationSuiteValidationResult` of 1.x as JSON),
 * for what reads those. A check is an expectation whose type is the rule in the contract's words; what was not judged is
 * listed beside them. As there, a rule of severity warning that is broken is no success.
 */
export function greatExpectationsResult(record: DataValidation): string {
  const isUnjudged = (check: DataCheck): boolean =>
    check.verdict === 'not_judged' || check.verdict === 'missing';
  const results = record.checks.filter((check) => !isUnjudged(check)).map(expectationResult);
  const unjudged = record.checks.filter(isUnjudged);
  const successful = results.filter((result) => result.success).length;
  const evaluated = results.length;
  const lines = record.rejectedLines.count;
  const document = {
    success: successful === evaluated && lines === 0,
    results,
    suite_name: record.contract?.object ?? record.name,
    suite_parameters: {},
    statistics: {
      evaluated_expectations: evaluated,
      successful_expectations: successful,
      unsuccessful_expectations: evaluated - successful,
      success_percent: evaluated === 0 ? null : (successful / evaluated) * 100,
    },
    meta: {
      run_id: { run_name: record.name, run_time: record.createdAt },
      batch_spec: {
        data: record.inputs.find((input) => input.role === 'data')?.name ?? null,
        digest: record.subject.digest,
      },
      ...(unjudged.length > 0
        ? { not_judged: unjudged.map((check) => ({ type: check.rule, reason: check.observed })) }
        : {}),
      ...(lines > 0 ? { lines_that_cannot_be_read: lines } : {}),
    },
    id: null,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const SEVERITIES = { error: 'critical', warning: 'warning', info: 'info' } as const;

function expectationResult(check: DataCheck) {
  const [column] = check.columns;
  return {
    success: check.verdict === 'pass',
    expectation_config: {
      type: check.rule,
      kwargs:
        check.columns.length === 1
          ? { column }
          : check.columns.length > 1
            ? { column_list: check.columns }
            : {},
      meta: check.where ? { file: check.where.file, line: check.where.line } : {},
      severity: SEVERITIES[check.severity],
    },
    result: counts(check),
    meta: {},
    exception_info: { raised_exception: false, exception_traceback: null, exception_message: null },
  };
}

function counts(check: DataCheck): Record<string, unknown> {
  if (check.failing === null || check.total === null) return { observed_value: check.observed };
  return {
    element_count: check.total,
    unexpected_count: check.failing,
    unexpected_percent: check.total === 0 ? 0 : (check.failing / check.total) * 100,
    partial_unexpected_list: check.examples,
  };
}
