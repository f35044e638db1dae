/** The record of train-on-gpu-runner: what was run on what, what came of it, and what it used. */
import * as z from 'zod';
import { digestSchema, recordSchema } from './envelope.ts';
import { metricValueSchema } from './metric-value.ts';
import { stoppedBySchema, stopRulesSchema } from './stop-rules.ts';

const count = z.number().int().nonnegative();
const nonNegative = z.number().nonnegative();

/** Mean and maximum over the whole run. */
const summarySchema = z.strictObject({ mean: nonNegative, maximum: nonNegative });

export const gpuSchema = z.strictObject({
  index: count,
  uuid: z.string(),
  name: z.string(),
  driverVersion: z.string(),
  memoryTotalMiB: nonNegative.nullable(),
});
export type Gpu = z.infer<typeof gpuSchema>;

export const gpuUseSchema = z.strictObject({
  index: count,
  /** Percent; null where the driver does not tell, as under MIG. */
  utilisation: summarySchema.nullable(),
  memoryUsedMiB: summarySchema.nullable(),
  powerWatts: summarySchema.nullable(),
  /** That the driver keeps to: the lowest of the run. Null where it does not tell. */
  powerLimitWatts: nonNegative.nullable().optional(),
  temperatureCelsius: summarySchema.nullable(),
  /** Share of samples in which heat or power held the clocks back, and the reasons seen. */
  throttledShare: z.number().min(0).max(1),
  throttleReasons: z.array(z.string()),
});

export const resourcesSchema = z.strictObject({
  samples: count,
  /** Processor time of the whole run, of all processes; null where the system does not tell. */
  cpuSeconds: nonNegative.nullable(),
  /** Percent of one core: 200 is two cores fully busy. Null where the system does not tell. */
  cpuPercent: summarySchema.nullable(),
  /** Resident memory of all processes of the command; pages that they share count for each. */
  memoryBytes: summarySchema.nullable(),
  gpus: z.array(gpuUseSchema),
  /** For the chart: at most 120 points, each the mean of its stretch of time. Seconds since the start. */
  series: z.strictObject({
    seconds: z.array(nonNegative),
    cpuPercent: z.array(nonNegative.nullable()),
    memoryBytes: z.array(nonNegative.nullable()),
    /** Mean over the GPUs. */
    gpuPercent: z.array(nonNegative.nullable()),
    gpuMemoryMiB: z.array(nonNegative.nullable()),
    gpuPowerWatts: z.array(nonNegative.nullable()).optional(),
    gpuTemperatureCelsius: z.array(nonNegative.nullable()).optional(),
    /** Share of the GPUs and samples of the stretch in which heat or power held the clocks back. */
    gpuThrottledShare: z.array(z.number().min(0).max(1).nullable()).optional(),
  }),
});
export type Resources = z.infer<typeof resourcesSchema>;

/**
 * Metrics while it ran, by name: at most 200 points each, the first, the last, the lowest, the highest and the first
 * that is no number among them, in the order of their steps.
 */
export const historySchema = z.record(
  z.string(),
  z.strictObject({ steps: z.array(z.number()), values: z.array(metricValueSchema) }),
);
export type MetricHistory = z.infer<typeof historySchema>;

export const WARNING_KINDS = [
  'idle-gpu',
  'data-bound',
  'thermal-throttling',
  'power-limit',
  'gpu-memory-nearly-full',
  'memory-nearly-full',
  'disk-nearly-full',
  'not-a-number',
  'diverging',
  'no-progress',
] as const;

/** Something that a person would want to know while it runs. */
export const trainingWarningSchema = z.strictObject({
  kind: z.enum(WARNING_KINDS),
  /** One sentence: what was seen and what it probably means. */
  message: z.string(),
  /** Seconds since the start at which it was first seen. */
  atSeconds: nonNegative,
});
export type TrainingWarning = z.infer<typeof trainingWarningSchema>;

/** All that is needed to do it again; null where it is not known or not used. */
export const reproductionSchema = z.strictObject({
  repository: z.string().nullable(),
  commit: z.string().nullable(),
  /** In which the command ran, from the root of the repository: `.` for the root itself. */
  workingDirectory: z.string().nullable(),
  /** Changes that are in no commit: their digest, how many files, and the file beside the record that holds them. */
  uncommitted: z.strictObject({ digest: digestSchema, files: count, path: z.string().nullable() }).nullable(),
  seed: z.number().int().nullable(),
  /** `pip freeze`, `conda env export`: the digest of the text, and the file beside the record that holds it. */
  packages: z.array(
    z.strictObject({
      manager: z.enum(['pip', 'conda', 'uv', 'poetry']),
      digest: digestSchema,
      count,
      path: z.string().nullable(),
    }),
  ),
  container: z.strictObject({ image: z.string(), digest: digestSchema.nullable() }).nullable(),
  cuda: z.strictObject({ toolkit: z.string().nullable(), driver: z.string().nullable() }).nullable(),
  /** Versions of data that a system of versions keeps. */
  dataVersions: z.array(
    z.strictObject({ system: z.enum(['dvc', 'lakefs', 'delta']), name: z.string(), version: z.string() }),
  ),
});
export type Reproduction = z.infer<typeof reproductionSchema>;

/** What the money bought, against the run before. */
export const gainSchema = z.strictObject({
  metric: z.string(),
  before: z.number(),
  after: z.number(),
  /** US dollars for each 0.01 of the metric; null when it did not gain. */
  usdPerHundredth: nonNegative.nullable(),
});
export type Gain = z.infer<typeof gainSchema>;

/** US dollars. Null where a price, a power or a time is not known. */
export const costSchema = z.strictObject({
  /** What was paid for, e.g. `ml.g5.xlarge` or `g5.xlarge`. */
  machine: z.string(),
  count: z.number().int().positive(),
  market: z.enum(['on-demand', 'spot']),
  /** Null for a machine that is none of AWS. */
  region: z.string().nullable(),
  usdPerHour: nonNegative,
  /** Where the price is from, with its date. */
  priceSource: z.string(),
  /** Before the start, of the expected time. */
  estimateUsd: nonNegative.nullable(),
  /** Null while it runs, and where the service does not say what it counts. */
  actualUsd: nonNegative.nullable(),
  /** Against the same time on demand. */
  spotSavingShare: z.number().min(0).max(1).nullable(),
  budgetUsd: nonNegative.nullable(),
  /** Null where there is no run before, or no metric to compare by. */
  gain: gainSchema.nullable(),
});
export type Cost = z.infer<typeof costSchema>;

/** From the sampled power of the GPUs. */
export const energySchema = z.strictObject({
  kilowattHours: nonNegative,
  /** Share of the time in which no GPU did anything; null where the driver does not tell. */
  idleShare: z.number().min(0).max(1).nullable(),
  /** Time of which no power is known; it is in no sum. */
  unknownSeconds: nonNegative,
});
export type Energy = z.infer<typeof energySchema>;

export const trackingSchema = z.strictObject({
  system: z.literal('mlflow'),
  /** Address of the server, without credentials. */
  server: z.string(),
  experiment: z.string(),
  runId: z.string(),
  url: z.string().nullable(),
});
export type Tracking = z.infer<typeof trackingSchema>;

/** A training of a service, which outlives the job that submitted it. */
export const trainingJobSchema = z.strictObject({
  name: z.string(),
  arn: z.string(),
  region: z.string(),
  url: z.string().nullable(),
  machine: z.string(),
  count: z.number().int().positive(),
  spot: z.boolean(),
  /** Of the service: what it ran and what it asks money for. */
  trainingSeconds: nonNegative.nullable(),
  billableSeconds: nonNegative.nullable(),
  /** How often a spot instance was taken away. */
  interruptions: count.nullable(),
});
export type TrainingJobRecord = z.infer<typeof trainingJobSchema>;

export const BACKENDS = ['local', 'sagemaker'] as const;

export const trainingRunSchema = recordSchema('TrainingRun', {
  backend: z.enum(BACKENDS),
  command: z.string(),
  params: z.record(z.string(), z.json()),
  /** `submitted`: it runs, and `operation: collect` will tell. */
  outcome: z.enum([
    'succeeded',
    'failed',
    'timed-out',
    'stopped-early',
    'stalled',
    'over-budget',
    'interrupted',
    'cancelled',
    'submitted',
  ]),
  exitCode: z.number().int(),
  exitSignal: z.string().nullable(),
  durationSeconds: nonNegative,
  timeoutSeconds: nonNegative.nullable(),
  /** Null when the run failed. */
  model: z
    .strictObject({ digest: digestSchema, path: z.string(), bytes: count, fileCount: count })
    .nullable(),
  metrics: z.record(z.string(), metricValueSchema),
  /** Why metrics are missing or incomplete; empty when they are not. */
  metricsProblem: z.string(),
  data: z.array(z.strictObject({ path: z.string(), bytes: count, digest: digestSchema })),
  checkpoints: z.strictObject({
    kept: z.boolean(),
    /** Where the checkpoints came from with which the run began. */
    resumedFrom: z.enum(['nothing', 'folder', 'cache', 'store']),
    /** Where they are kept beyond this machine. */
    store: z.string().nullable().optional(),
    /** Of the checkpoint from which it went on. */
    resumedStep: z.number().nullable().optional(),
    /** Whether the command stood still until a checkpoint was in the store; left out where it did not. */
    upload: z.literal('before-going-on').optional(),
    /** How long it stood still, in all; it is part of the duration. */
    heldSeconds: nonNegative.optional(),
  }),
  environment: z.strictObject({
    platform: z.string(),
    architecture: z.string(),
    release: z.string(),
    node: z.string(),
    python: z.string().nullable(),
    cpuModel: z.string(),
    cpuCount: count,
    memoryBytes: count,
    gpus: z.array(gpuSchema),
    /** Why there are no GPUs to speak of; empty when there are. */
    gpuProblem: z.string(),
  }),
  resources: resourcesSchema,
  history: historySchema.optional(),
  warnings: z.array(trainingWarningSchema).optional(),
  stoppedBy: stoppedBySchema.nullable().optional(),
  rules: stopRulesSchema.optional(),
  reproduction: reproductionSchema.optional(),
  cost: costSchema.nullable().optional(),
  energy: energySchema.nullable().optional(),
  tracking: trackingSchema.nullable().optional(),
  job: trainingJobSchema.nullable().optional(),
  /** The last lines that the command printed, with secrets masked. */
  outputTail: z.array(z.string()),
});
export type TrainingRun = z.infer<typeof trainingRunSchema>;
