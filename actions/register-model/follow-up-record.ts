import type { Evaluation } from '../../shared/records/evaluation.ts';
import {
  decideByEvaluation,
  type GateDecision,
  type ModelVersion,
} from '../../shared/records/model-version.ts';
import type { Standing, Version } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { carriedOver } from './carried-over.ts';
import type { Given } from './inputs.ts';
import { versionRecord } from './version-record.ts';

/** The record of an operation on a version that was registered before and that the gate is not asked about. */
export function followUpRecord(
  given: Given,
  deps: Deps,
  known: {
    registryText: string;
    version: Version;
    earlier: ModelVersion | undefined;
    evaluation: Evaluation | undefined;
    /** What the store says now: people may have spoken since the record was made. */
    standing: Standing;
  },
  parts: Partial<ModelVersion> & Pick<ModelVersion, 'reason'>,
): ModelVersion {
  const { registryText, version, earlier, evaluation } = known;
  const { approval = null, stage = null } = known.standing;
  return versionRecord(
    given,
    deps,
    version.digest,
    standing(version.digest, earlier, evaluation),
    evaluation,
    {
      ...carriedOver(earlier),
      approval,
      stage,
      registry: registryText,
      uri: version.uri,
      version: version.version,
      overrideReason: earlier?.overrideReason ?? null,
      ...parts,
    },
  );
}

/** How the version stands to the gate: one that was once let through stays so. */
function standing(
  digest: string,
  earlier: ModelVersion | undefined,
  evaluation: Evaluation | undefined,
): GateDecision {
  const decision = decideByEvaluation({ digest, evaluation });
  if (decision.gate !== 'refused') return decision;
  return { ...decision, gate: earlier?.gate === 'overridden' ? 'overridden' : 'ungated' };
}
