import * as z from 'zod';
import { digestSchema, recordSchema, type Verdict } from './envelope.ts';

/**
 * How a version stands to the gate: `passed` has a passing Evaluation of this very digest, `ungated` none at all,
 * `overridden` was let through by a person in spite of the gate, `refused` was not let through.
 */
export const GATE_STANDINGS = ['passed', 'ungated', 'overridden', 'refused'] as const;
export type GateStanding = (typeof GATE_STANDINGS)[number];

const aliasMoveSchema = z.strictObject({
  alias: z.string(),
  from: digestSchema.nullable(),
  to: digestSchema,
});

/** What was registered, promoted or rolled back, where it lies, and on what grounds. Its subject is the model. */
export const modelVersionSchema = recordSchema('ModelVersion', {
  operation: z.enum(['register', 'promote', 'rollback']),
  /** `oci-layout:DIR`, `oci://host/namespace`. */
  registry: z.string(),
  /** `<registry>/<name>@<digest>`; null when nothing was stored. */
  uri: z.string().nullable(),
  /** The store's own word for the version; null when nothing was stored. */
  version: z.string().nullable(),
  /** False when the same bytes were registered before. */
  created: z.boolean(),
  gate: z.enum(GATE_STANDINGS),
  /** The Evaluation the decision rests on. */
  evaluation: z
    .strictObject({ verdict: z.string(), createdAt: z.string(), subject: digestSchema })
    .nullable(),
  /** What a person wrote to let it through. */
  overrideReason: z.string().nullable(),
  aliasMoves: z.array(aliasMoveSchema),
  /** The version that the alias given first pointed to before. */
  parent: digestSchema.nullable(),
  tags: z.record(z.string(), z.string()),
  files: z.strictObject({ count: z.int().min(1), bytes: z.int().min(0) }).nullable(),
  predictCommand: z.string().nullable(),
  serveCommand: z.string().nullable(),
  /** Roles kept with the version in the registry beside this record, e.g. `Evaluation`, `code`. */
  stored: z.array(z.string()),
  /** The account that ran the job, when known. */
  by: z.string().nullable(),
});

export type ModelVersion = z.infer<typeof modelVersionSchema>;

/** An Evaluation passes when its overall verdict is `pass` or `warn`. */
export function evaluationPasses(evaluation: { verdict: Verdict }): boolean {
  return evaluation.verdict === 'pass' || evaluation.verdict === 'warn';
}

export interface GateDecision {
  gate: GateStanding;
  /** One plain-text sentence. */
  reason: string;
}

/**
 * Decides whether a model may be used (promoted, deployed; registered when `ungatedMayPass`).
 * @param evidence.digest of the model. @param evidence.evaluation the Evaluation of this digest, when there is one.
 * @param evidence.otherSubjects digests that other Evaluations of the same name speak of; they show that the
 * model was judged and then changed. @param evidence.overrideReason a person's reason to let it through.
 */
export function decideByEvaluation(evidence: {
  digest: string;
  evaluation?: { verdict: Verdict; subject: { digest: string } };
  otherSubjects?: readonly string[];
  overrideReason?: string;
  ungatedMayPass?: boolean;
}): GateDecision {
  const { digest, evaluation, overrideReason } = evidence;
  const others = evidence.otherSubjects ?? [];
  if (evaluation && evaluation.subject.digest === digest && evaluationPasses(evaluation)) {
    return { gate: 'passed', reason: `its Evaluation is ${evaluation.verdict}` };
  }
  const problem = describeProblem(digest, evaluation, others);
  const ungated = !evaluation && others.length === 0;
  if (ungated && evidence.ungatedMayPass) return { gate: 'ungated', reason: problem };
  if (overrideReason)
    return { gate: 'overridden', reason: `${problem}; let through because: ${overrideReason}` };
  return { gate: 'refused', reason: problem };
}

function describeProblem(
  digest: string,
  evaluation: { verdict: Verdict; subject: { digest: string } } | undefined,
  others: readonly string[],
): string {
  if (evaluation && evaluation.subject.digest === digest) return `its Evaluation is ${evaluation.verdict}`;
  const subjects = evaluation ? [evaluation.subject.digest] : others;
  if (subjects.length > 0)
    return `no Evaluation is of this model (${digest}), only of ${subjects.join(', ')}`;
  return 'it has no Evaluation';
}
