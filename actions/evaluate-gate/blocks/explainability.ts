/** Whether both models reason from the same features: how alike their rankings of attributions are. */
import {
  type Attributions,
  attributionNdcg,
  largestAttributions,
} from '../../../shared/metrics/attributions.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Inputs } from '../inputs.ts';
import { type Item, itemOfNumbers, type Known } from '../judgement/items.ts';
import { withEngine } from '../with-engine.ts';
import { type AttributionFiles, readAttributions } from './attribution-files.ts';
import { type BlockEvidence, blockRule, NO_EVIDENCE, namesBaseline, unknown } from './block-rule.ts';

/** More nobody reads, and a model of texts has a hundred thousand. */
const RECORDED = 30;
const NAMED = 5;

/** @throws UserError for files that cannot be read. */
export async function explainabilityEvidence(
  policy: GatePolicy,
  inputs: Inputs,
  deps: Deps,
): Promise<BlockEvidence & Pick<Evaluation, 'attributions'>> {
  const { attributions, baselineAttributions } = inputs;
  const limits = policy.explainability?.attribution_ndcg;
  if (!attributions) {
    const items = limits ? ndcgItems(policy, inputs, unknown('the input attributions is not given')) : [];
    return { ...NO_EVIDENCE, items, attributions: null };
  }
  const read = (patterns: string[], input: string) =>
    withEngine(deps, (engine) =>
      readAttributions(engine, patterns, input, policy.columns.id, deps.temporaryFolder),
    );
  const challenger = await read(attributions, 'attributions');
  const champion = baselineAttributions && (await read(baselineAttributions, 'baseline-attributions'));
  const recorded = largestAttributions(champion?.sizes, challenger.sizes, RECORDED);
  const inputsRead = [
    inputOf('attributions', challenger),
    ...(champion ? [inputOf('baseline-attributions', champion)] : []),
  ];
  if (!champion) {
    const items = limits ? ndcgItems(policy, inputs, unknown('baseline-attributions is not given')) : [];
    return { items, inputs: inputsRead, notes: [], attributions: recorded };
  }
  const ndcg = attributionNdcg(champion.sizes, challenger.sizes);
  return {
    items: ndcgItems(policy, inputs, ndcg.value === undefined ? unknown(ndcg.why) : { value: ndcg.value }),
    inputs: inputsRead,
    notes: [
      ...onlyIn('the champion', champion.sizes, challenger.sizes),
      ...onlyIn('this model', challenger.sizes, champion.sizes),
    ],
    attributions: recorded,
  };
}

/** Judged on the point: the number describes these attributions, and how it would vary is not known. */
function ndcgItems(policy: GatePolicy, inputs: Inputs, ndcg: Known): Item[] {
  // Without a champion there is nothing to drift from, which the policy's `baseline.on_missing` speaks of.
  if (!namesBaseline(policy, inputs)) return [];
  const limits = policy.explainability?.attribution_ndcg ?? {};
  const rule = blockRule(policy, 'explainability', 'attribution_ndcg', limits, 'higher');
  return [itemOfNumbers(rule, undefined, ndcg, null)];
}

const inputOf = (role: string, { name, digest }: AttributionFiles) => ({ role, name, digest });

function onlyIn(whose: string, side: Attributions, other: Attributions): string[] {
  const alone = [...side.keys()].filter((feature) => !other.has(feature)).sort();
  if (alone.length === 0) return [];
  const named = alone.slice(0, NAMED).join(', ');
  const more = alone.length > NAMED ? ` and ${alone.length - NAMED} more` : '';
  return [`Only ${whose} has attributions of ${named}${more}; the other's count as 0.`];
}
