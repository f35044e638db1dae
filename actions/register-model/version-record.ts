import { recordHead, type Verdict } from '../../shared/records/envelope.ts';
import type { Evaluation } from '../../shared/records/evaluation.ts';
import {
  type GateDecision,
  type ModelVersion,
  NOTHING_MORE_KNOWN,
} from '../../shared/records/model-version.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';
import { actor } from './move-aliases.ts';

const VERDICTS: Record<GateDecision['gate'], Verdict> = {
  passed: 'pass',
  ungated: 'warn',
  overridden: 'warn',
  refused: 'fail',
};

/** What was done, and on what grounds, as one sentence. */
export function outcome(done: string, { gate, reason }: GateDecision): string {
  return gate === 'overridden' ? `${done} although ${reason}.` : `${done}: ${reason}.`;
}

type Parts = Pick<ModelVersion, 'registry' | 'reason'> & Partial<ModelVersion>;

/** Builds the record of one operation; what is not given is as nothing. */
export function versionRecord(
  given: Given,
  deps: Pick<Deps, 'env' | 'now' | 'source'>,
  digest: string,
  decision: GateDecision,
  evaluation: Evaluation | undefined,
  parts: Parts,
): ModelVersion {
  return {
    uri: null,
    version: null,
    created: false,
    aliasMoves: [],
    parent: null,
    tags: {},
    ...NOTHING_MORE_KNOWN,
    files: null,
    predictCommand: null,
    serveCommand: null,
    stored: [],
    operation: given.operation,
    gate: decision.gate,
    evaluation: evaluation
      ? { verdict: evaluation.verdict, createdAt: evaluation.createdAt, subject: evaluation.subject.digest }
      : null,
    // What passed needed no reason.
    overrideReason:
      decision.gate === 'overridden' || decision.gate === 'ungated' ? (given.overrideReason ?? null) : null,
    by: actor(deps.env),
    ...parts,
    ...recordHead('ModelVersion', {
      name: given.name,
      source: deps.source,
      createdAt: deps.now(),
      subject: digest,
      inputs: parts.inputs ?? [],
      verdict: VERDICTS[decision.gate],
      reason: parts.reason,
    }),
  };
}
