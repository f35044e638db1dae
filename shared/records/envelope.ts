/**
 * Records: the versioned, schema-checked JSON files that pass between actions. This file holds what all kinds
 * have in common; each kind has a file of its own beside it.
 */
import * as z from 'zod';

export const VERDICTS = ['pass', 'warn', 'fail', 'inconclusive', 'error'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const RECORD_KINDS = [
  'DataProfile',
  'DataValidation',
  'TrainingRun',
  'Evaluation',
  'ModelVersion',
  'Deployment',
  'DriftCheck',
  'GpuRunner',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** In the order in which a model meets them. */
export const ACTION_IDS = [
  'validate-data',
  'train-on-gpu-runner',
  'evaluate-gate',
  'register-model',
  'canary-deploy',
  'drift-check',
] as const;
export type ActionId = (typeof ACTION_IDS)[number];

export const SCHEMA_VERSION = 1;

export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'a digest is sha256: and 64 lower-case hexadecimal digits');

export const nameSchema = z
  .string()
  .max(100, 'a name has at most 100 characters')
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'a name is lower-case letters and digits, in parts joined by single hyphens',
  );

/** Where a record was made: all three are null when nothing is known, as on a laptop without git. */
export const sourceSchema = z.strictObject({
  repository: z.string().nullable(),
  commit: z.string().nullable(),
  runUrl: z.string().nullable(),
});
export type RecordSource = z.infer<typeof sourceSchema>;

/** What a record was computed from: a role such as `data`, `reference`, `predictions`, and its digest. */
export const recordInputSchema = z.strictObject({
  role: z.string(),
  name: z.string(),
  digest: digestSchema,
});
export type RecordInput = z.infer<typeof recordInputSchema>;

export const subjectSchema = z.strictObject({ digest: digestSchema });

/**
 * The strict schema of one kind: the common head and the kind's own keys.
 * @param kind one of RECORD_KINDS. @param shape the kind's own zod fields.
 */
export function recordSchema<Kind extends RecordKind, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) {
  return z.strictObject({
    schemaVersion: z.literal(SCHEMA_VERSION),
    kind: z.literal(kind),
    name: nameSchema,
    createdAt: z.iso.datetime(),
    source: sourceSchema,
    subject: subjectSchema,
    inputs: z.array(recordInputSchema),
    verdict: z.enum(VERDICTS),
    /** One plain-text sentence: why this verdict. */
    reason: z.string(),
    ...shape,
  });
}

export interface RecordHead<Kind extends RecordKind> {
  schemaVersion: typeof SCHEMA_VERSION;
  kind: Kind;
  name: string;
  createdAt: string;
  source: RecordSource;
  subject: { digest: string };
  inputs: RecordInput[];
  verdict: Verdict;
  reason: string;
}

/** Builds the common head of a record; the caller spreads it before the kind's own keys. */
export function recordHead<Kind extends RecordKind>(
  kind: Kind,
  head: {
    name: string;
    source: RecordSource;
    createdAt: Date;
    subject: string;
    inputs: RecordInput[];
    verdict: Verdict;
    reason: string;
  },
): RecordHead<Kind> {
  return {
    schemaVersion: SCHEMA_VERSION,
    kind,
    name: head.name,
    createdAt: head.createdAt.toISOString(),
    source: head.source,
    subject: { digest: head.subject },
    inputs: head.inputs,
    verdict: head.verdict,
    reason: head.reason,
  };
}

/** The worst of several verdicts: error, fail, inconclusive, warn, pass. An empty list passes. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const order: Verdict[] = ['error', 'fail', 'inconclusive', 'warn', 'pass'];
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'pass';
}
