/** The run of drift-check: reads both sides, compares them, decides, and says what follows the report. */
import { UserError } from '../../shared/errors.ts';
import { canonicalJson, sha256 } from '../../shared/records/canonical-json.ts';
import { readYamlDocument } from '../../shared/records/document.ts';
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { defaultDriftPolicy, driftPolicySchema } from '../../shared/records/drift-policy.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { actOnDrift } from './closing-the-loop/act-on-drift.ts';
import { wantedOf } from './closing-the-loop/wanted.ts';
import { refuseIdleLimits } from './column-rule.ts';
import { compare } from './compare-sides.ts';
import { decide } from './decide.ts';
import { readImportance } from './importance.ts';
import type { DriftInputs } from './inputs.ts';
import { resolveMetrics } from './metrics.ts';
import { openSides } from './open-sides.ts';
import { requireDetectors } from './performance/detectors.ts';
import { checkSystem } from './system-health/check-policy.ts';
import { readSystem } from './system-health/read-system.ts';
import { unreadableLines } from './unreadable-lines.ts';

/** From the inputs to the record. @throws UserError for everything in inputs, policy or files that the user can mend. */
export async function checkDrift(
  inputs: DriftInputs,
  deps: Deps,
): Promise<ActionResult & { outputs: { retrain: string; reason: string } }> {
  const wanted = wantedOf(inputs);
  const document =
    inputs.policy === undefined ? undefined : await readYamlDocument(inputs.policy, driftPolicySchema);
  const policy = document?.value ?? defaultDriftPolicy();
  refuseIdleLimits(policy);
  const metrics = resolveMetrics(policy, (path) => document?.locate(path) ?? {});
  requireDetectors(policy, document?.locate(['retrain_when']) ?? {});
  const locateSystem = (path: readonly PropertyKey[]) => document?.locate(['system', ...path]) ?? {};
  if (policy.system) checkSystem(policy.system, locateSystem);
  if (inputs.chunk?.by === 'period' && !policy.columns.timestamp) {
    throw new UserError('The input chunk is a period, and the policy names no columns.timestamp.', {
      where: { key: 'inputs.chunk' },
      fix: 'Add timestamp: <column> under columns of the policy, or give chunk as a number of rows.',
    });
  }
  const importance =
    inputs.importance === undefined ? new Map<string, number>() : await readImportance(inputs.importance);
  const system = policy.system && (await readSystem(policy.system, locateSystem, deps));
  const { sources, labels } = await openSides(inputs, deps);

  const judged = await deps.log.group('Compare', () =>
    compare({ inputs, policy, metrics, importance, sources, labels, locate: document?.locate }, deps),
  );
  if (document) judged.inputs.push({ role: 'policy', name: document.file, digest: sha256(document.text) });
  const unreadable = unreadableLines(judged.unreadable, policy);
  const { labelsGiven } = judged;
  const decision = decide({ ...judged.assessment, system, unreadable, policy, labelsGiven });
  const { assessment } = judged;
  const record: DriftCheck = {
    ...recordHead('DriftCheck', {
      name: inputs.name,
      source: deps.source,
      createdAt: deps.now(),
      subject: judged.subject,
      inputs: judged.inputs,
      verdict: decision.verdict,
      reason: decision.reason,
    }),
    retrain: decision.retrain,
    policy: {
      file: inputs.policy ?? null,
      alpha: policy.defaults.alpha,
      minEffect: policy.defaults.min_effect,
      onMissing: policy.defaults.on_missing ?? 'fail',
      retrainWhen: policy.retrain_when,
    },
    approximate: judged.approximate,
    rows: {
      ...judged.rows,
      labelledReference: assessment.labelled.reference,
      labelledData: assessment.labelled.data,
    },
    ...(unreadable && { unreadableLines: unreadable }),
    chunking: assessment.chunking,
    columns: assessment.columns,
    ...(assessment.multivariate && { multivariate: assessment.multivariate }),
    ...(assessment.correlations && { correlations: assessment.correlations }),
    chunks: assessment.chunks,
    performance: assessment.performance,
    ...(assessment.detectors && { detectors: assessment.detectors }),
    ...(system && { system }),
    knownBeforeLabels: decision.knownBeforeLabels,
    knownWithLabels: decision.knownWithLabels,
    notes: assessment.notes,
  };
  logDecisions(record, deps);
  return {
    record,
    outputs: { retrain: String(record.retrain), reason: record.reason },
    afterReport:
      wanted.onDrift.length === 0
        ? undefined
        : () => actOnDrift(record, wanted, deps, sha256(canonicalJson(record))),
  };
}

function logDecisions(record: DriftCheck, { log }: Deps): void {
  log.info(
    `${record.rows.reference} rows before, ${record.rows.data} now; chunks that compare: ` +
      `${record.chunking.judgedReference} before, ${record.chunking.judgedData} now`,
  );
  for (const line of [...record.knownBeforeLabels, ...record.knownWithLabels]) log.info(line);
  for (const note of record.notes) log.info(note);
}
