/** What the policy says of one column: the measure, what decides, and from which effect on. */
import { UserError } from '../../shared/errors.ts';
import {
  DRIFT_MEASURES,
  type DriftKind,
  type DriftMeasure,
  measureFits,
} from '../../shared/records/drift-measures.ts';
import type { DriftDecision, DriftPolicy } from '../../shared/records/drift-policy.ts';

export interface ColumnRule {
  measure: DriftMeasure;
  decideOn: DriftDecision;
  /** `both`: the smallest effect that counts. `measure`: the limit that it must exceed. `p_value`: 0. */
  minEffect: number;
}

/** Measure, decision and limit of a column, from its own words, then from the defaults. */
export function columnRule(name: string, kind: DriftKind, policy: DriftPolicy): ColumnRule {
  const own = policy.features[name] ?? {};
  const { defaults } = policy;
  const group = kind === 'numeric' ? 'numeric' : 'categorical';
  const byKind = <Value extends string | number>(
    choice: Value | { numeric?: Value; categorical?: Value } | undefined,
  ): Value | undefined => (typeof choice === 'object' ? choice[group] : choice);

  const decideOn = own.decide_on ?? (kind === 'text' || kind === 'timestamp' ? 'both' : defaults.decide_on);
  const usual = group === 'numeric' ? 'wasserstein' : 'jensen_shannon';
  const judgedAsOne = kind !== 'text' && kind !== 'timestamp';
  const measure = own.measure ?? (judgedAsOne ? byKind(defaults.measure) : undefined) ?? usual;
  if (own.measure !== undefined || judgedAsOne)
    requireFitting(name, kind, measure, own.measure !== undefined);
  if (decideOn === 'p_value') return { measure, decideOn, minEffect: 0 };
  if (decideOn === 'both') return { measure, decideOn, minEffect: own.min_effect ?? defaults.min_effect };
  const limit = own.limit ?? byKind(defaults.limit);
  if (limit === undefined || !judgedAsOne) {
    throw new UserError(
      judgedAsOne
        ? `The measure alone decides on the column ${name}, and the policy names no limit for it.`
        : `The column ${name} holds ${kind === 'text' ? 'text' : 'times'}, which no single measure decides on.`,
      {
        where: { key: own.decide_on === undefined ? 'defaults.limit' : `features.${name}.limit` },
        fix: judgedAsOne
          ? 'Write limit beside decide_on: measure, such as measure: psi, limit: 0.2.'
          : 'Leave decide_on out for it.',
      },
    );
  }
  return { measure, decideOn, minEffect: limit };
}

function requireFitting(name: string, kind: DriftKind, measure: DriftMeasure, isOwn: boolean): void {
  if (measureFits(measure, kind)) return;
  const fitting = DRIFT_MEASURES.filter((one) => measureFits(one, kind));
  const numbers = kind !== 'text' && kind !== 'timestamp';
  throw new UserError(
    numbers
      ? `${measure} is a measure of numbers, and the column ${name} is ${kind}.`
      : `${measure} is no measure of ${kind === 'text' ? 'text' : 'times'}, which the column ${name} holds.`,
    {
      where: { key: isOwn ? `features.${name}.measure` : 'defaults.measure' },
      fix: !numbers
        ? 'Leave measure out for it.'
        : isOwn
          ? `Choose one of ${fitting.join(', ')}.`
          : 'Write one measure for each kind, such as measure: {numeric: wasserstein, categorical: psi}.',
    },
  );
}

/** @throws UserError for limits that nothing would look at. */
export function refuseIdleLimits(policy: DriftPolicy): void {
  const { defaults, features } = policy;
  const places = [
    { key: 'defaults', decideOn: defaults.decide_on, limit: defaults.limit, idleEffect: undefined },
    ...Object.entries(features).map(([name, rule]) => ({
      key: `features.${name}`,
      decideOn: rule.decide_on ?? defaults.decide_on,
      limit: rule.limit,
      idleEffect: rule.min_effect,
    })),
  ];
  // Of the defaults a limit may serve columns of which only the measure decides.
  const someMeasure = places.some(({ decideOn }) => decideOn === 'measure');
  for (const { key, decideOn, limit, idleEffect } of places) {
    if (limit !== undefined && !(key === 'defaults' ? someMeasure : decideOn === 'measure')) {
      throw new UserError(`${key}.limit holds where the measure alone decides, and here it does not.`, {
        where: { key: `${key}.limit` },
        fix: 'Write decide_on: measure beside it, or min_effect instead of limit.',
      });
    }
    if (idleEffect !== undefined && decideOn !== 'both') {
      throw new UserError(
        `${key}.min_effect holds where significance and effect decide, and here they do not.`,
        {
          where: { key: `${key}.min_effect` },
          fix:
            decideOn === 'measure'
              ? 'Write limit instead.'
              : 'Leave it out, or leave out decide_on: p_value.',
        },
      );
    }
  }
  for (const reason of ['multivariate', 'correlations'] as const) {
    if (policy.retrain_when.includes(reason) && !policy[reason]) {
      throw new UserError(`retrain_when names ${reason}, which this policy does not judge.`, {
        where: { key: 'retrain_when' },
        fix: `Add ${reason}: {} to the policy.`,
      });
    }
  }
}
