/** The operation evaluate: from the inputs, by the policy, to the record. */
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import type { Evaluation } from '../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../shared/records/gate-policy.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { requireSoundBlocks } from './blocks/check-policy.ts';
import { explainabilityEvidence } from './blocks/explainability.ts';
import { fairnessRules } from './blocks/fairness-rules.ts';
import { latencyEvidence } from './blocks/latency.ts';
import { leakageEvidence } from './blocks/leakage.ts';
import { resourceEvidence } from './blocks/resources.ts';
import { type Inputs, judgedFrom } from './inputs.ts';
import { annotationsOf } from './judgement/annotations.ts';
import { judge } from './judgement/judge.ts';
import { overall } from './judgement/overall.ts';
import { sentenceOf } from './judgement/sentence.ts';
import { requireMeasurementInputs } from './measurement-inputs.ts';
import { evaluateMetrics } from './metrics-files/evaluate-metrics.ts';
import { type JudgingPolicy, readPolicy, withPolicyWarning } from './policy/policy-source.ts';
import { emptyPolicy, type Rule, rulesOf } from './policy/rules.ts';
import { applyWaivers, checkWaivers } from './policy/waivers.ts';
import { type Evaluated, evaluatePredictions } from './predictions/evaluate-predictions.ts';
import { findSubject, type Subject } from './subject.ts';

/** @throws UserError for everything in inputs, policy or files that the user can mend. */
export async function evaluate(inputs: Inputs, deps: Deps): Promise<ActionResult> {
  const judging = await readPolicy(inputs, deps);
  const fairness = judging ? fairnessRules(judging.document.value, judging.document.locate) : [];
  const fromMetrics = judgedFrom(inputs) === 'metrics';
  const policy = judging?.document.value ?? emptyPolicy(fromMetrics ? 'scores' : 'binary');
  requireMeasurementInputs(inputs);
  if (judging) requireSoundBlocks(judging.document);
  if (fromMetrics) refuseWhatNeedsPredictions(judging);
  const rules = rulesOf(policy, judging?.document.locate, fromMetrics);
  if (judging) checkWaivers(judging.document, [...rules, ...fairness.map(({ rule }) => rule)]);
  const subject =
    inputs.model === undefined
      ? undefined
      : await findSubject(inputs.model, join(deps.temporaryFolder, 'challenger'), inputs.githubToken, deps);
  const evaluated = await compare({ inputs, judging, policy, rules, subject }, deps);
  const [resources, latency, explainability, leakage] = [
    await resourceEvidence(policy, inputs, subject, deps),
    await latencyEvidence(policy, inputs, subject, deps),
    await explainabilityEvidence(policy, inputs, deps),
    await leakageEvidence(policy, inputs, subject, evaluated, deps),
  ];
  const evidence = [resources, latency, explainability, leakage];
  const items = [...evaluated.items, ...evidence.flatMap((block) => block.items)];
  const judgedItems = judge(items, policy.defaults.correction);
  const { results, waivers, notes: lapsed } = applyWaivers(judgedItems, policy, deps.now());
  const judged = items.map((item, index) => ({ item, result: results[index]! }));
  const hasBaseline = evaluated.baseline.status === 'compared';
  const whole = overall({
    judged,
    hasPolicy: judging !== undefined,
    hasBaseline,
    asksForBaseline:
      policy.baseline?.on_missing !== undefined ||
      policy.churn !== undefined ||
      policy.explainability !== undefined,
    onMissingBaseline: policy.baseline?.on_missing ?? 'warn',
    baselineWhy: evaluated.baseline.why,
  });
  const { verdict, reason } = withPolicyWarning(whole, judging);
  const policyFile = judging && { file: judging.document.file, digest: sha256(judging.document.text) };
  const record: Evaluation = {
    ...recordHead('Evaluation', {
      name: inputs.name,
      source: deps.source,
      createdAt: deps.now(),
      subject: subject?.digest ?? evaluated.inputs[0]!.digest,
      inputs: [
        ...evaluated.inputs,
        ...evidence.flatMap((block) => block.inputs),
        ...(subject ? [{ role: 'model', name: inputs.model ?? subject.path, digest: subject.digest }] : []),
        ...(policyFile ? [{ role: 'policy', name: policyFile.file, digest: policyFile.digest }] : []),
      ],
      verdict,
      reason,
    }),
    operation: 'evaluate',
    task: evaluated.task,
    judgedFrom: judgedFrom(inputs),
    policy: judging && policyFile ? { ...policyFile, from: judging.from, change: judging.change } : null,
    baseline: evaluated.baseline,
    rows: evaluated.rows,
    clusters: evaluated.clusters,
    observations: evaluated.observations,
    shownSeed: evaluated.shownSeed,
    confidenceLevel: policy.defaults.confidence_level,
    decideOn: policy.defaults.decide_on,
    metrics: results.filter((result) => result.slice === null),
    slices: results.filter((result) => result.slice !== null),
    curves: evaluated.curves,
    confusion: evaluated.confusion,
    fairnessGroups: evaluated.fairnessGroups,
    weakSlices: evaluated.weakSlices,
    thresholdSuggestion: evaluated.thresholdSuggestion,
    load: latency.load,
    attributions: explainability.attributions,
    calibrate: null,
    waivers,
    predictions: evaluated.predictions,
    notes: [
      ...(judging?.notes ?? []),
      ...lapsed,
      ...evaluated.notes,
      ...evidence.flatMap((block) => block.notes),
      ...(subject ? [] : ['The input model is not given, so no model can be registered by this record.']),
    ],
  };
  for (const result of results) if (result.limits.length > 0) deps.log.info(sentenceOf(result));
  const annotations = judging
    ? annotationsOf(judged, hasBaseline, policy, judging.document.locate).map(judging.inCheckout)
    : [];
  return { record, annotations };
}

interface Judged {
  inputs: Inputs;
  judging: JudgingPolicy | undefined;
  policy: GatePolicy;
  rules: Rule[];
  subject: Subject | undefined;
}

function compare({ inputs, judging, policy, rules, subject }: Judged, deps: Deps): Promise<Evaluated> {
  if (judgedFrom(inputs) === 'metrics') return evaluateMetrics(inputs, policy, rules, deps);
  const { document } = judging ?? {};
  const question = {
    given: inputs,
    policy,
    rules,
    hasPolicy: document !== undefined,
    locate: document?.locate,
    subject,
    token: inputs.githubToken,
  };
  return evaluatePredictions(question, deps);
}

/** A rule that is accepted must be enforced, and numbers of files do not tell of rows. */
function refuseWhatNeedsPredictions(judging: JudgingPolicy | undefined): void {
  const { value: policy, locate } = judging?.document ?? {};
  if (!policy || !locate) return;
  const refuse = (block: 'slices' | 'fairness' | 'churn', what: string): never => {
    throw new UserError(`${what} cannot be judged from a metrics file.`, {
      where: locate([block]),
      fix: `Give predictions instead of metrics, or a policy without ${block}.`,
    });
  };
  if (policy.churn !== undefined) refuse('churn', 'How many decisions flip');
  if (policy.slices.length > 0) refuse('slices', 'Slices');
  if (policy.fairness.length > 0) refuse('fairness', 'Fairness');
}
