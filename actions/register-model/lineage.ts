import type { RecordInput } from '../../shared/records/envelope.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import type { Evidence } from './evidence.ts';

/** What the model was made from and judged on. */
export function lineage(evidence: Evidence): RecordInput[] {
  const ofEvaluation = (evidence.evaluation?.inputs ?? []).map((input) => ({
    ...input,
    role: `evaluation-${input.role}`,
  }));
  return [...(evidence.trainingRun?.inputs ?? []), ...ofEvaluation];
}

/** The code that an earlier registration of the same bytes stored, which stays when none is given now. */
export function codeInputs(earlier: ModelVersion | undefined): RecordInput[] {
  return (earlier?.inputs ?? []).filter(({ role }) => role === 'code' || role === 'requirements');
}
