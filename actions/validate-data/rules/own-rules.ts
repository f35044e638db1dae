/** Every rule that the standard has no words for, by its name in the contract. */
import type { OwnRuleName } from '../../../shared/records/contract-rules.ts';
import { atLeastOne, disguisedNulls, nullsTogether } from './completeness.ts';
import { correlation, sum } from './cross-column.ts';
import { duplicateColumns, nearConstant, newCategories } from './features.ts';
import { history } from './history.ts';
import { classBalance, conflictingLabels } from './labels.ts';
import { indexLeakage, labelCorrelationChange, overlap, targetLeakage, timeLeakage } from './leakage.ts';
import { personalData } from './privacy.ts';
import { foreignKey } from './referential.ts';
import type { Made, OwnRule, RuleContext } from './rule-context.ts';
import { columnCount, columns, mixedTypes } from './schema.ts';
import { servingSkew } from './serving-skew.ts';
import { outliers, statistic, zScore } from './statistics.ts';
import { dateFormat, decreasing, increasing, json, mostCommonValue, valueSet } from './validity.ts';

const OWN_RULES: { [Name in OwnRuleName]: OwnRule<Name> } = {
  columns,
  columnCount,
  mixedTypes,
  disguisedNulls,
  nullsTogether,
  atLeastOne,
  statistic,
  zScore,
  outliers,
  increasing,
  decreasing,
  dateFormat,
  json,
  mostCommonValue,
  valueSet,
  correlation,
  sum,
  foreignKey,
  nearConstant,
  duplicateColumns,
  classBalance,
  conflictingLabels,
  overlap,
  timeLeakage,
  indexLeakage,
  targetLeakage,
  labelCorrelationChange,
  newCategories,
  servingSkew,
  personalData,
  history,
};

/** Makes the rule of a name from its parameters, which the contract's schema has checked. */
export function compileOwnRule<Name extends OwnRuleName>(
  name: Name,
  given: unknown,
  context: RuleContext,
): Made[] {
  const rule: OwnRule<Name> = OWN_RULES[name];
  const parameters = rule.schema.parse(given) as Parameters<OwnRule<Name>['compile']>[0];
  const made = rule.compile(parameters, context);
  return Array.isArray(made) ? made : [made];
}
