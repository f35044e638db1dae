/** The record of a machine that a job gets for itself: launched, stopped, or found by the one that looks for orphans. */
import * as z from 'zod';
import { recordSchema } from './envelope.ts';

const count = z.number().int().min(0);
const dateTime = z.iso.datetime();

export const RUNNER_OPERATIONS = ['launch', 'stop', 'reap'] as const;
const market = z.enum(['spot', 'on-demand']);

export const runnerMachineSchema = z.strictObject({
  /** EC2's number of it. */
  id: z.string(),
  type: z.string(),
  zone: z.string(),
  market,
  launchedAt: dateTime,
  /** When it ends itself at the latest; null where its tag was lost. */
  endsBy: dateTime.nullable(),
  /** Name of its runner. */
  runner: z.string(),
  /** Number of the workflow run that launched it, and which attempt. */
  run: z.string(),
  attempt: z.number().int().positive(),
  /** `left`: it goes on, for a good reason. `failed`: it was to be ended and is still there. */
  state: z.enum(['launched', 'ended', 'left', 'failed']),
  /** Whether GitHub said that its runner runs a job; null where GitHub could not be asked. */
  busy: z.boolean().nullable(),
  /** Why it was ended or left: continues a sentence. */
  why: z.string(),
});
export type RunnerMachine = z.infer<typeof runnerMachineSchema>;

export const gpuRunnerSchema = recordSchema('GpuRunner', {
  operation: z.enum(RUNNER_OPERATIONS),
  /** `owner/name` */
  repository: z.string(),
  /** What was launched; null for other operations. */
  runner: z
    .strictObject({
      name: z.string(),
      /** For `runs-on`. */
      label: z.string(),
      labels: z.array(z.string()),
    })
    .nullable(),
  machines: z.array(runnerMachineSchema),
  /** Runners at GitHub that are offline and have no machine. */
  ghosts: z.array(z.strictObject({ name: z.string(), removed: z.boolean(), why: z.string() })),
  /** What AWS did not have, in the order in which it was asked. */
  refusals: z.array(
    z.strictObject({ type: z.string(), subnet: z.string().nullable(), market, code: z.string() }),
  ),
  /** From the start to the runner that is online; null for other operations. */
  launchSeconds: z.number().min(0).nullable(),
  /** Why GitHub could not be asked, so that nothing was ended; empty where it could. */
  githubProblem: z.string(),
  /** Of the machines: how many were ended, left and could not be ended. */
  counts: z.strictObject({ ended: count, left: count, failed: count }),
});
export type GpuRunner = z.infer<typeof gpuRunnerSchema>;
