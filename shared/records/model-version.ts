import * as z from 'zod';
import { digestSchema, recordSchema, type Verdict } from './envelope.ts';
import { appliedScanSchema } from './model-scan.ts';

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

export const VERSION_OPERATIONS = [
  'register',
  'promote',
  'rollback',
  'approve',
  'verify',
  'copy',
  'prune',
  'scan',
] as const;

/** What the model was made in, as far as lock files and the training run tell. */
export const environmentSchema = z.strictObject({
  python: z.string().nullable(),
  cuda: z.string().nullable(),
  platform: z.string().nullable(),
  gpus: z.array(z.string()),
  /** Lock and requirements files kept with the version. */
  files: z.array(z.strictObject({ name: z.string(), digest: digestSchema })),
});
export type VersionEnvironment = z.infer<typeof environmentSchema>;

/** What was registered, promoted or rolled back, where it lies, and on what grounds. Its subject is the model. */
export const modelVersionSchema = recordSchema('ModelVersion', {
  operation: z.enum(VERSION_OPERATIONS),
  /** `oci-layout:DIR`, `oci://host/namespace`, `mlflow:URL`, `sagemaker:`; empty where files on disk were scanned. */
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
  /** Whether people let the version be used; null where nobody said anything. */
  approval: z.enum(['pending', 'approved', 'rejected']).nullable(),
  stage: z.string().nullable(),
  /** The model's own values in its Evaluation, by their names; only those that are numbers. */
  metrics: z.record(z.string(), z.number()),
  environment: environmentSchema.nullable(),
  /** The container image that serves the model, with the digest of its manifest. */
  image: z.strictObject({ reference: z.string(), digest: digestSchema }).nullable(),
  /** Null when nothing was signed and nothing verified. */
  provenance: z
    .strictObject({
      signature: z.enum(['valid', 'invalid', 'missing']),
      statement: z.enum(['valid', 'invalid', 'missing']),
      /** SHA-256 of the public key's SubjectPublicKeyInfo, as `sha256:…`. */
      key: digestSchema.nullable(),
    })
    .nullable(),
  /** Where a copy came from, as a URI by digest. */
  copiedFrom: z.string().nullable(),
  /** Versions that the retention removed. */
  removed: z.array(
    z.strictObject({ digest: digestSchema, version: z.string(), createdAt: z.string().nullable() }),
  ),
  files: z.strictObject({ count: z.int().min(1), bytes: z.int().min(0) }).nullable(),
  predictCommand: z.string().nullable(),
  serveCommand: z.string().nullable(),
  /** Roles kept with the version in the registry beside this record, e.g. `Evaluation`, `code`. */
  stored: z.array(z.string()),
  /** What its files may do when they are loaded; absent where nothing was said of it. */
  scan: appliedScanSchema.optional(),
  /** The account that ran the job, when known. */
  by: z.string().nullable(),
});

export type ModelVersion = z.infer<typeof modelVersionSchema>;

/** What most records have nothing to say of. */
export const NOTHING_MORE_KNOWN = {
  approval: null,
  stage: null,
  metrics: {},
  environment: null,
  image: null,
  provenance: null,
  copiedFrom: null,
  removed: [],
} satisfies Partial<ModelVersion>;

/** An Evaluation passes when its overall verdict is `pass` or `warn`. */
export function evaluationPasses(evaluation: { verdict: string }): boolean {
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
 * model was judged and then changed. @param evidence.hasCalibration they have the form of an Evaluation and are none
 * of a model, which is said where nothing else is there. @param evidence.overrideReason a person's reason to let it through.
 */
export function decideByEvaluation(evidence: {
  digest: string;
  evaluation?: { verdict: Verdict; subject: { digest: string } };
  otherSubjects?: readonly string[];
  /** Records of the operation calibrate are there. */
  hasCalibration?: boolean;
  overrideReason?: string;
  ungatedMayPass?: boolean;
  standing?: { approval?: 'pending' | 'approved' | 'rejected'; by?: string; reason?: string };
}): GateDecision {
  const { digest, evaluation, overrideReason, standing } = evidence;
  const others = evidence.otherSubjects ?? [];
  const passes = evaluation?.subject.digest === digest && evaluationPasses(evaluation);
  const objection = describeObjection(standing);
  if (passes && !objection) return { gate: 'passed', reason: describeVerdict(evaluation.verdict) };
  const ungated = !evaluation && others.length === 0;
  // What nobody has judged waits by itself; what a person rejected was judged.
  const isRejected = standing?.approval === 'rejected';
  const calibrated = ungated && evidence.hasCalibration ? CALIBRATED : '';
  const problem =
    passes || (ungated && isRejected)
      ? objection
      : `${describeProblem(digest, evaluation, others)}${calibrated}`;
  if (ungated && evidence.ungatedMayPass && !isRejected) return { gate: 'ungated', reason: problem };
  if (overrideReason)
    return { gate: 'overridden', reason: `${problem}; let through because: ${overrideReason}` };
  return { gate: 'refused', reason: problem };
}

const CALIBRATED = ' (a record of operation: calibrate is there, which speaks of the policy and of no model)';

const VERDICT_WORDS: Record<Verdict, string> = {
  pass: 'passed',
  warn: 'passed with warnings',
  fail: 'failed',
  inconclusive: 'is inconclusive',
  error: 'ended with an error',
};

function describeVerdict(verdict: Verdict): string {
  return `its Evaluation ${VERDICT_WORDS[verdict]}`;
}

/** The newest three, and how many more: a folder of records may hold many. */
function listed(subjects: readonly string[]): string {
  const more = subjects.length - 3;
  return `${subjects.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What people have against its use; empty for nothing. */
export function describeObjection(
  standing: { approval?: string; by?: string; reason?: string } | undefined,
): string {
  if (standing?.approval === 'pending') return 'it waits for approval';
  if (standing?.approval !== 'rejected') return '';
  const by = standing.by ? ` by ${standing.by}` : '';
  return `it was rejected${by}${standing.reason ? ` (${standing.reason})` : ''}`;
}

function describeProblem(
  digest: string,
  evaluation: { verdict: Verdict; subject: { digest: string } } | undefined,
  others: readonly string[],
): string {
  if (evaluation && evaluation.subject.digest === digest) return describeVerdict(evaluation.verdict);
  const subjects = evaluation ? [evaluation.subject.digest] : others;
  if (subjects.length > 0) return `no Evaluation is of this model (${digest}), only of ${listed(subjects)}`;
  return 'it has no Evaluation';
}
