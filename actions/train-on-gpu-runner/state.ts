import * as z from 'zod';

/** What `main` leaves for `post`, saved before each step that leaves something behind. */

export const trainingStateSchema = z.strictObject({
  name: z.string(),
  work: z.string(),
  /** The command's process group and the identity of its first process. */
  group: z.number().int(),
  identity: z.string(),
  graceMs: z.number(),
  /** When the command was asked to end, in milliseconds since 1970; null before. */
  stoppingAt: z.number().nullable(),
  workspace: z.string(),
  modelDir: z.string(),
  /** Null when no checkpoint folder was given. */
  checkpoints: z
    .strictObject({
      folder: z.string(),
      /** Null where there is no cache service, or a store. */
      cacheKey: z.string().nullable(),
      store: z.strictObject({ place: z.string(), attempt: z.string() }).nullable(),
    })
    .nullable(),
  /** The run of MLflow. */
  tracking: z.strictObject({ server: z.string(), runId: z.string() }).nullable(),
  /** The command succeeded and its model has its name: there is nothing to go on with. */
  finished: z.boolean(),
});
export type TrainingState = z.infer<typeof trainingStateSchema>;

export const launchStateSchema = z.strictObject({
  runner: z.string(),
  runnerId: z.number().nullable(),
  machineId: z.string().nullable(),
  finished: z.boolean(),
});

export const stateSchema = z.strictObject({
  /** Of a command on this machine. */
  training: trainingStateSchema.nullable(),
  launch: launchStateSchema.nullable(),
  /** The check run that shows how a training goes. */
  liveCheck: z.strictObject({ owner: z.string(), repo: z.string(), id: z.number().int() }).nullable(),
});
export type RunState = z.infer<typeof stateSchema>;
