import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import type { AnyRecord } from '../../shared/records/kinds.ts';

const isBroken = (check: DataCheck): boolean => check.verdict === 'fail' || check.verdict === 'warn';
const keyOf = (check: DataCheck): string => JSON.stringify([check.columns, check.rule]);

/**
 * Says of each broken check since when it has been broken: in the last earlier validation by the same object of the
 * same contract it was broken as well, and that one knows since when.
 */
export function withSince(
  checks: readonly DataCheck[],
  contract: DataValidation['contract'],
  earlier: readonly AnyRecord[],
): DataCheck[] {
  const last = earlier
    .filter((record): record is DataValidation => record.kind === 'DataValidation')
    .filter((record) => record.contract?.id === contract?.id && record.contract?.object === contract?.object)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
  if (!last) return [...checks];
  const known = new Map(
    last.checks.filter(isBroken).map((check) => [keyOf(check), check.since ?? last.createdAt]),
  );
  return checks.map((check) => {
    const since = isBroken(check) ? known.get(keyOf(check)) : undefined;
    return since === undefined ? check : { ...check, since };
  });
}
