/** How fast and how reliably the model answers: from measured files, or measured here. */
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Inputs } from '../inputs.ts';
import { type Item, itemOfNumbers } from '../judgement/items.ts';
import type { Rule } from '../policy/rules.ts';
import type { Subject } from '../subject.ts';
import { type BlockEvidence, blockRule, NO_EVIDENCE, namesBaseline, unknown } from './block-rule.ts';
import { findLoad } from './load/find-load.ts';
import { LOAD_NUMBERS, type LoadNumber } from './load/load-estimates.ts';
import { loadItem } from './load/load-item.ts';
import { loadSide } from './load/load-sample.ts';

/** Reported where the policy names none. */
const REPORTED: readonly LoadNumber[] = ['p50_ms', 'p95_ms', 'p99_ms'];

/** @throws UserError for files that cannot be read and servers that do not start. */
export async function latencyEvidence(
  policy: GatePolicy,
  inputs: Inputs,
  subject: Subject | undefined,
  deps: Deps,
): Promise<BlockEvidence & Pick<Evaluation, 'load'>> {
  const found = await findLoad(policy, inputs, subject, deps);
  if (!found) return { ...NO_EVIDENCE, items: missingItems(policy, inputs), load: null };
  const { challenger, champion } = found;
  return {
    items: judgedNames(policy).map((name) => loadItem(loadRule(policy, name), name, champion, challenger)),
    inputs: found.inputs,
    notes: found.notes,
    load: {
      ...found.load,
      champion: champion && 'all' in champion ? loadSide(champion) : null,
      challenger: loadSide(challenger),
    },
  };
}

/** What the policy limits, and always the share of errors, without which no latency can be read. */
function judgedNames({ latency }: GatePolicy): LoadNumber[] {
  const limited = LOAD_NUMBERS.filter((name) => latency?.[name]);
  const times = limited.some((name) => name !== 'error_rate') ? limited : REPORTED;
  return LOAD_NUMBERS.filter((name) => name === 'error_rate' || times.includes(name));
}

/** How many requests are enough is known for each number, so `min_samples`, which speaks of rows, does not apply. */
function loadRule(policy: GatePolicy, name: LoadNumber): Rule {
  const limits = policy.latency?.[name] ?? {};
  const severity = limits.severity ?? policy.latency?.severity;
  return { ...blockRule(policy, 'latency', name, { ...limits, severity }), minSamples: 1 };
}

function missingItems(policy: GatePolicy, inputs: Inputs): Item[] {
  const why = unknown('none of the inputs latency, serve-command and endpoint is given');
  return LOAD_NUMBERS.filter((name) => policy.latency?.[name]).map((name) =>
    itemOfNumbers(loadRule(policy, name), namesBaseline(policy, inputs) ? why : undefined, why, null),
  );
}
