/** evaluate-gate: may this model replace the champion? Both are judged on the same rows, by the policy. */
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import type { Evaluation } from '../../shared/records/evaluation.ts';
import { type GatePolicy, readGatePolicy, type Task } from '../../shared/records/gate-policy.ts';
import { type ActionResult, type Deps, defineAction } from '../../shared/runtime/definition.ts';
import { annotationsOf } from './annotations.ts';
import { evaluateMetrics } from './evaluate-metrics.ts';
import { type Evaluated, evaluatePredictions } from './evaluate-predictions.ts';
import { inputs as fields, type Given, judgedFrom } from './inputs.ts';
import { judge } from './judge.ts';
import { overall, sentenceOf } from './overall.ts';
import { report } from './report.ts';
import { emptyPolicy, rulesOf } from './rules.ts';
import { sizeItems } from './side-rules.ts';
import { findSubject } from './subject.ts';

export const definition = defineAction({
  id: 'evaluate-gate',
  kind: 'Evaluation',
  inputs: fields,
  outputs: [],
  run,
  report,
});

type Inputs = Given & { name: string; githubToken?: string };

/** Runs the gate. @throws UserError for everything in inputs, policy or files that the user can mend. */
export async function run(inputs: Inputs, deps: Deps): Promise<ActionResult> {
  const way = judgedFrom(inputs);
  const document = inputs.policy === undefined ? undefined : await readGatePolicy(inputs.policy);
  const policy = document?.value ?? emptyPolicy(way === 'metrics' ? 'scores' : 'binary');
  requireFittingTask(policy, way === 'metrics', document?.locate(['task']));
  if (way === 'metrics' && policy.churn !== undefined) {
    throw new UserError('How many decisions flip cannot be judged from a metrics file.', {
      where: document?.locate(['churn']),
      fix: 'Give predictions instead of metrics, or a policy without churn.',
    });
  }
  const rules = rulesOf(policy, document?.locate, way === 'metrics');
  const subject =
    inputs.model === undefined
      ? undefined
      : await findSubject(inputs.model, join(deps.temporaryFolder, 'challenger'), inputs.githubToken, deps);

  const evaluated: Evaluated =
    way === 'metrics'
      ? await evaluateMetrics(inputs, rules, deps)
      : await evaluatePredictions(
          {
            given: inputs,
            policy,
            rules,
            hasPolicy: document !== undefined,
            subject,
            token: inputs.githubToken,
          },
          deps,
        );

  const items = [...evaluated.items, ...sizeItems(policy, subject?.bytes)];
  const results = judge(items, policy.defaults.correction);
  const hasBaseline = evaluated.baseline.status === 'compared';
  const { verdict, reason } = overall({
    judged: items.map((item, index) => ({ item, result: results[index]! })),
    hasPolicy: document !== undefined,
    hasBaseline,
    asksForBaseline:
      policy.baseline?.on_missing !== undefined || policy.churn?.symmetric_flip_rate !== undefined,
    onMissingBaseline: policy.baseline?.on_missing ?? 'warn',
    baselineWhy: evaluated.baseline.why,
  });
  const policyInput = document && { role: 'policy', name: document.file, digest: sha256(document.text) };
  const modelInput = subject && { role: 'model', name: inputs.model ?? subject.path, digest: subject.digest };
  const record: Evaluation = {
    ...recordHead('Evaluation', {
      name: inputs.name,
      source: deps.source,
      createdAt: deps.now(),
      subject: subject?.digest ?? evaluated.inputs[0]!.digest,
      inputs: [
        ...evaluated.inputs,
        ...(modelInput ? [modelInput] : []),
        ...(policyInput ? [policyInput] : []),
      ],
      verdict,
      reason,
    }),
    task: evaluated.task,
    judgedFrom: way,
    policy: policyInput ? { file: policyInput.name, digest: policyInput.digest } : null,
    baseline: evaluated.baseline,
    rows: evaluated.rows,
    clusters: evaluated.clusters,
    confidenceLevel: policy.defaults.confidence_level,
    decideOn: policy.defaults.decide_on,
    metrics: results.filter((result) => result.slice === null),
    slices: results.filter((result) => result.slice !== null),
    curves: evaluated.curves,
    predictions: evaluated.predictions,
    notes: [
      ...evaluated.notes,
      ...(subject ? [] : ['The input model is not given, so no model can be registered by this record.']),
    ],
  };
  for (const result of results) if (result.limits.length > 0) deps.log.info(sentenceOf(result));
  return { record, annotations: document ? annotationsOf(record, policy, document.locate) : [] };
}

/** Without a policy the task is binary; a policy of scores has no predictions to compute from. */
function requireFittingTask(
  policy: GatePolicy,
  fromMetrics: boolean,
  where: { file: string } | undefined,
): void {
  const needsMetrics: Task[] = ['scores'];
  if (fromMetrics || !needsMetrics.includes(policy.task)) return;
  throw new UserError(`The task ${policy.task} is judged from metrics files, and predictions are given.`, {
    where: where ?? { key: 'inputs.policy' },
    fix: 'Give metrics instead, or name the task of the predictions, such as binary.',
  });
}
