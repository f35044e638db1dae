/**
 * The record of canary-deploy: who served whom, every look with its counts and e-values, and every event, so
 * that each decision can be recomputed and a timeline drawn from this file alone.
 */
import * as z from 'zod';
import { digestSchema, recordSchema } from './envelope.ts';
import { appliedScanSchema } from './model-scan.ts';
import { rolloutSchema } from './rollout.ts';

export const DEPLOYMENT_OUTCOMES = [
  'promoted',
  'rolled-back',
  'held', // undecided: the champion has all traffic, the challenger waits for a person
  'rolling', // under way: the run left it to `operation: continue`
  'paused', // a step that waits for `operation: continue`
  'stopped',
  'refused',
  'replayed', // nothing was done: the decisions of a record were computed once more
  'settled', // reconcile: nothing was left over, or it was finished or undone
] as const;
export const DEPLOYMENT_TARGETS = ['local', 'haproxy', 'sagemaker', 'kubernetes'] as const;
export const DEPLOYMENT_OPERATIONS = [
  'run',
  'continue',
  'promote',
  'abort',
  'rollback',
  'reconcile',
  'replay',
  'stop',
] as const;
export type DeploymentOutcome = (typeof DEPLOYMENT_OUTCOMES)[number];

const count = z.number().int().min(0);
const instant = z.iso.datetime();
/** Natural logarithm of an e-value. */
const logValue = z.number();

/** One arm in one look. */
export const armLookSchema = z.strictObject({
  /** Requests that were given to this arm; null where only those that ended are seen, or clients stay with an arm. */
  assigned: count.nullable(),
  /** Requests that ended: answered, failed or timed out. */
  requests: count,
  errors: count,
  /** Requests slower than the threshold; null while there is none. */
  slow: count.nullable(),
  /** Requests whose latency is known, which `slow` is counted among; absent where it is known of all. */
  timed: count.optional(),
  /** Milliseconds; null without requests. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  /** Predictions by class or by bucket; null where they are not seen. */
  predictions: z.record(z.string(), count).nullable(),
});
export type ArmLook = z.infer<typeof armLookSchema>;

/** Log e-values after a look; null where the rollout does not ask for that test. */
export const evidenceSchema = z.strictObject({
  rollbackErrors: logValue,
  rollbackLatency: logValue.nullable(),
  /** Against "the predictions of both arms have one distribution". */
  rollbackPredictions: logValue.nullable(),
  ceiling: logValue.nullable(),
  floor: logValue.nullable(),
  promoteErrors: logValue,
  promoteLatency: logValue.nullable(),
  /** Against "the challenger's error rate is the absolute margin or more"; null once it had an error. */
  promoteClean: logValue.nullable(),
  /** Against "one in twenty of the challenger's requests is slow, or more"; null once one was. */
  promoteFast: logValue.nullable(),
  /** With all traffic at the challenger: against "its error rate is the ceiling or more". */
  promoteBelowCeiling: logValue.nullable(),
  /** With all traffic at the challenger: against "its slow share is the ceiling or more". */
  promoteFastEnough: logValue.nullable(),
  /** Against "the challenger's slow share is within the ceiling". */
  slowCeiling: logValue.nullable(),
  /** Against "the requests are split as the weights say"; null where the split is not seen or not random. */
  split: logValue.nullable(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** The log e-values at which each test acts. */
export const evidenceLimitsSchema = z.strictObject({
  rollback: logValue,
  ceiling: logValue,
  floor: logValue,
  promote: logValue,
  split: logValue,
  /** Whether the tests of the ceilings begin anew at each look; left out where they do at each step. */
  startsAtEachLook: z.boolean().optional(),
});

export const lookSchema = z.strictObject({
  /** Number that the target gave this look; grows by one from look to look. */
  sequence: count,
  startedAt: instant,
  endedAt: instant,
  /** 0-based; −1 before the first step, while the champion's latency is measured. */
  step: z.number().int().min(-1),
  /** Per cent of the requests meant for the challenger. */
  weight: z.number().min(0).max(100),
  /** Whether the challenger got copies of the champion's requests. */
  mirrored: z.boolean(),
  champion: armLookSchema,
  challenger: armLookSchema,
  /** Measures of the challenger's servers; null without a value. */
  servers: z.record(z.string(), z.number().nullable()),
  logE: evidenceSchema,
});
export type Look = z.infer<typeof lookSchema>;

export const EVENT_KINDS = [
  'start', // challenger is up, the rollout begins
  'check', // what the challenger showed before it got traffic
  'resume', // an interrupted run is taken up again
  'continue', // a later run goes on
  'pause', // waits for `operation: continue`
  'baseline', // the latency threshold is fixed
  'step', // a new weight
  'extend', // bakes are over, the evidence is not
  'promote',
  'rollback',
  'hold',
  'serve', // a model serves without a comparison: the first one, or the champion started again
  'stop',
  'refuse',
  'warning',
] as const;

export const deploymentEventSchema = z.strictObject({
  at: instant,
  kind: z.enum(EVENT_KINDS),
  /** Per cent to the challenger after the event. */
  weight: z.number().min(0).max(100),
  /** Plain text. */
  reason: z.string(),
});
export type DeploymentEvent = z.infer<typeof deploymentEventSchema>;

export const deploymentSchema = recordSchema('Deployment', {
  operation: z.enum(DEPLOYMENT_OPERATIONS),
  outcome: z.enum(DEPLOYMENT_OUTCOMES),
  target: z.enum(DEPLOYMENT_TARGETS),
  /** The address at which the model answers; null when nothing serves. */
  endpoint: z.string().nullable(),
  challenger: z.strictObject({ digest: digestSchema, uri: z.string() }).nullable(),
  /** The model that served when the run began; null for a first deployment. */
  champion: z.strictObject({ digest: digestSchema, uri: z.string() }).nullable(),
  /** The digest that has all the traffic now; null when nothing serves. */
  serving: digestSchema.nullable(),
  alias: z.strictObject({ name: z.string(), moved: z.boolean() }).nullable(),
  /** Why a person let an unproven model through; null when nobody had to. */
  overrideReason: z.string().nullable(),
  rollout: rolloutSchema.nullable(),
  limits: evidenceLimitsSchema.nullable(),
  /** Milliseconds above which a request counts as slow; null when latency is not compared. */
  slowerThanMs: z.number().nullable(),
  /** When the weight changed, in order: what `operation: replay` needs beside the looks. */
  weights: z.array(z.strictObject({ at: instant, weight: z.number().min(0).max(100) })),
  looks: z.array(lookSchema),
  events: z.array(deploymentEventSchema),
  /** Requests replayed from a file; null where users made the traffic. */
  traffic: z
    .strictObject({
      file: z.string(),
      digest: digestSchema,
      ratePerSecond: z.number(),
      sent: count,
      failed: count,
    })
    .nullable(),
  /** What the challenger showed before it got any traffic. */
  before: z.array(z.strictObject({ check: z.string(), passed: z.boolean(), said: z.string() })),
  /** What the challenger's files may do when they are loaded; absent where they did not come to this machine. */
  scan: appliedScanSchema.optional(),
  /** Remote things that serve nobody and could not be removed, by name. */
  unused: z.array(z.string()),
});
export type Deployment = z.infer<typeof deploymentSchema>;
