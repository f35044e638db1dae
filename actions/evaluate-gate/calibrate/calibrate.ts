/**
 * calibrate/: how often this policy would fail a model against its equal. Champion and a retrain with another seed
 * stand for two equal models; each row's (or cluster's) pair of predictions is swapped with probability one half.
 * This file: from the inputs to the record.
 */
import { setImmediate } from 'node:timers/promises';
import { publicNames } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { recordHead } from '../../../shared/records/envelope.ts';
import type { Calibrate, Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { describePart } from '../../../shared/report/evaluation/names.ts';
import { formatNumber, formatShare } from '../../../shared/report/numbers.ts';
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import { churnItems } from '../blocks/churn.ts';
import { fairnessEvidence } from '../blocks/fairness.ts';
import { fairnessRules } from '../blocks/fairness-rules.ts';
import type { Inputs } from '../inputs.ts';
import { readPolicy } from '../policy/policy-source.ts';
import { type Rule, rulesOf } from '../policy/rules.ts';
import { applyWaivers, checkWaivers } from '../policy/waivers.ts';
import { compareRows } from '../predictions/compare-rows.ts';
import { NOTHING_FROM_PREDICTIONS } from '../predictions/evaluate-predictions.ts';
import { drawVerdicts, mostFails } from './draw-verdicts.ts';
import { loadPair } from './load-pair.ts';
import { unitsOf } from './swapped-rows.ts';

const SCOPE = 'Only what rows tell was judged: metrics, slices, fairness and flips of decisions.';
/** Said in the record, which has an Evaluation's form and must not be taken for a model's. */
const OF_NO_MODEL =
  'This speaks of the policy and of no model: no model can be registered or deployed by this record.';

/** Runs the operation. @throws UserError for inputs, a policy or files that the user can mend. */
export async function calibrate(inputs: Inputs, deps: Deps): Promise<ActionResult> {
  const judging = await readPolicy(inputs, deps);
  if (!judging) {
    throw new UserError('The operation calibrate needs a policy.', {
      where: { key: 'inputs.policy' },
      fix: 'Name the policy whose false alarms are to be counted.',
    });
  }
  const { value: policy, locate, file, text } = judging.document;
  const rules = rulesOf(policy, locate, false);
  // A slip in the policy is told before anything is read.
  const fairness = fairnessRules(policy, locate);
  checkWaivers(judging.document, [...rules, ...fairness.map(({ rule }) => rule)]);
  const pair = await loadPair(inputs, policy, rules, deps);
  const { clusters } = pair.rows.challenger;
  const { draws } = inputs;
  const waived = waiversOfDraws(policy, deps.now());
  const counted = await drawVerdicts({
    rows: pair.rows,
    ...unitsOf(policy.task, pair.rows.challenger),
    draws,
    correction: policy.defaults.correction,
    itemsOf: (rows) => [
      ...compareRows(rules, rows).items,
      ...fairnessEvidence(policy, locate, rows).items,
      ...churnItems(policy, rows),
    ],
    waive: waived.apply,
    async onProgress(done) {
      deps.log.progress(`${formatNumber(done)} of ${formatNumber(draws)} draws judged`);
      // Lets a signal to stop be heard.
      await setImmediate();
      deps.signal.throwIfAborted();
    },
  });
  if (counted.metrics.length === 0) {
    throw new UserError('The policy sets no limit that rows could break, so there is nothing to count.', {
      where: { file },
      fix: 'Give a metric a limit, such as min_absolute_change: 0.',
    });
  }
  const { verdict, reason } = judgeShares(counted, rules);
  const { waivers, notes: lapsed } = waived.told();
  for (const line of [...describeShares(counted), SCOPE]) deps.log.info(line);
  const record: Evaluation = {
    ...recordHead('Evaluation', {
      name: inputs.name,
      source: deps.source,
      createdAt: deps.now(),
      // Of no model: what is found out here is about the policy, and no model is let in by it.
      subject: sha256(pair.inputs.map(({ role, digest }) => `${role} ${digest}`).join('\n')),
      inputs: [...pair.inputs, { role: 'policy', name: file, digest: sha256(text) }],
      verdict,
      reason,
    }),
    operation: 'calibrate',
    task: policy.task,
    judgedFrom: 'predictions',
    policy: { file, digest: sha256(text), from: judging.from, change: judging.change },
    baseline: {
      status: 'compared',
      from: inputs.baselinePredictions ? publicNames(inputs.baselinePredictions) : null,
      digest: null,
      why: '',
    },
    rows: pair.rowCount,
    clusters: clusters?.count ?? null,
    confidenceLevel: policy.defaults.confidence_level,
    decideOn: policy.defaults.decide_on,
    metrics: [],
    slices: [],
    ...NOTHING_FROM_PREDICTIONS,
    load: null,
    attributions: null,
    calibrate: counted,
    waivers,
    notes: [...judging.notes, ...lapsed, ...pair.rows.notes, SCOPE, OF_NO_MODEL],
  };
  return { record, annotations: [] };
}

/** The waivers as in the gate; one is used where any draw needs it. */
function waiversOfDraws(policy: GatePolicy, today: Date) {
  const used = new Set<number>();
  let last = applyWaivers([], policy, today);
  return {
    apply(results: MetricResult[]): MetricResult[] {
      if (policy.waivers.length === 0) return results;
      last = applyWaivers(results, policy, today);
      for (const [index, { status }] of last.waivers.entries()) if (status === 'used') used.add(index);
      return last.results;
    },
    told: () => ({
      waivers: last.waivers.map((waiver, index) =>
        used.has(index) ? { ...waiver, status: 'used' as const } : waiver,
      ),
      notes: last.notes,
    }),
  };
}

/** A pass where no more fails than the confidence level promises; else a warning, since a policy may be wanted so. */
export function judgeShares(
  counted: Calibrate,
  rules: readonly Pick<Rule, 'confidence' | 'severity' | 'limits'>[],
): { verdict: 'pass' | 'warn'; reason: string } {
  const { draws, shares, plainComparisonFails } = counted;
  const gating = rules.filter(({ severity, limits }) => severity === 'fail' && limits.length > 0);
  const confidence = Math.min(...(gating.length > 0 ? gating : rules).map((rule) => rule.confidence));
  const allowed = mostFails(draws, (1 - confidence) / 2);
  const isWithin = Math.round(shares.fail * draws) <= allowed;
  const warned = shares.warn > 0 ? `, warns of ${formatShare(shares.warn)}` : '';
  const told = `Of ${formatNumber(draws)} models equal to the champion this policy passes ${formatShare(shares.pass)}${warned}, cannot tell of ${formatShare(shares.inconclusive)} and fails ${formatShare(shares.fail)}`;
  const bound = `the ${formatShare(allowed / draws)} that a confidence of ${formatNumber(confidence * 100)} % allows`;
  const plain = `Plain new >= old would refuse ${formatShare(plainComparisonFails)}.`;
  if (isWithin) return { verdict: 'pass', reason: `${told}, within ${bound}. ${plain}` };
  const [most] = counted.metrics.toSorted((a, b) => b.fail - a.fail);
  const culprit =
    most && most.fail > 0 ? ` Most often it is ${describePart(most)} (${formatShare(most.fail)}).` : '';
  return { verdict: 'warn', reason: `${told}, more than ${bound}.${culprit} ${plain}` };
}

function describeShares({ metrics }: Calibrate): string[] {
  return metrics.map(
    (metric) =>
      `${describePart(metric)}: ${formatShare(metric.pass)} pass, ${formatShare(metric.inconclusive)} cannot tell, ${formatShare(metric.fail)} fail; plain comparison refuses ${formatShare(metric.plainComparisonFails)}`,
  );
}
