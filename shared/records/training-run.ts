/** The record of train-on-gpu-runner: what was run on what, what came of it, and what it used. */
import * as z from 'zod';
import { digestSchema, recordSchema } from './envelope.ts';

/** JSON has no NaN and no infinities, and a loss that became NaN is exactly what a reader must see. */
export const metricValueSchema = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
export type MetricValue = z.infer<typeof metricValueSchema>;

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
  }),
});
export type Resources = z.infer<typeof resourcesSchema>;

export const trainingRunSchema = recordSchema('TrainingRun', {
  backend: z.enum(['local']),
  command: z.string(),
  params: z.record(z.string(), z.json()),
  outcome: z.enum(['succeeded', 'failed', 'timed-out']),
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
    resumedFrom: z.enum(['nothing', 'folder', 'cache']),
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
  /** The last lines that the command printed, with secrets masked. */
  outputTail: z.array(z.string()),
});
export type TrainingRun = z.infer<typeof trainingRunSchema>;
