/**
 * blocks/: the parts of a policy beside metrics and slices (fairness, latency, resources, explainability, churn,
 * leakage), each one file from evidence to items. This file: the rule of one named limit in such a part.
 */
import type { Direction } from '../../../shared/metrics/catalogue.ts';
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { Block } from '../../../shared/records/evaluation.ts';
import type { GatePolicy, PolicyLimits } from '../../../shared/records/gate-policy.ts';
import type { Inputs } from '../inputs.ts';
import type { Item, Known } from '../judgement/items.ts';
import { limitsOf, type Rule, strictnessOf } from '../policy/rules.ts';

/** What a block found out: items to judge, what it read, and what a reader should know. */
export interface BlockEvidence {
  items: Item[];
  inputs: RecordInput[];
  notes: string[];
}

export const NO_EVIDENCE: BlockEvidence = { items: [], inputs: [], notes: [] };

/** @param direction which way of the number is better. */
export function blockRule(
  policy: GatePolicy,
  block: Block,
  name: string,
  limits: PolicyLimits,
  direction: Direction = 'lower',
): Rule {
  return {
    block,
    name,
    parameters: null,
    direction,
    definition: undefined,
    featureKeys: undefined,
    limits: limitsOf(limits, false),
    ...strictnessOf(policy, limits),
  };
}

export const unknown = (why: string): Known => ({ value: undefined, why, isNaN: false });

/** The champion in a registry. */
export const baselineUri = (policy: GatePolicy, inputs: Inputs): string | undefined =>
  inputs.baseline ?? policy.baseline?.uri;

/** Whether there is a champion at all; without one a limit on a change is the policy's `baseline.on_missing`. */
export const namesBaseline = (policy: GatePolicy, inputs: Inputs): boolean =>
  baselineUri(policy, inputs) !== undefined ||
  [
    inputs.baselinePredictions,
    inputs.baselineMetrics,
    inputs.baselineLatency,
    inputs.baselineAttributions,
  ].some((given) => given !== undefined);
