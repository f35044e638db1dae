/**
 * Where a training runs. Each backend runs the same command with the same variables; this file says what a backend is
 * given, what it tells while the training runs, and what it gives back.
 */
import type { BACKENDS, TrainingJobRecord, TrainingRun } from '../../../shared/records/training-run.ts';
import type { Params } from '../params.ts';
import type { GpuSample } from '../watch/gpu-query.ts';
import type { ProcessUse } from '../watch/process-use.ts';

/** What is trained, the same for every backend. */
export interface TrainingWork {
  name: string;
  command: string;
  params: Params;
  /** Files of this machine. */
  data: readonly { path: string; bytes: number; sha256: string }[];
  seed: number | undefined;
  timeoutMs: number | undefined;
  /** `s3://…` or a folder. */
  checkpointStore: string | undefined;
  /** On this machine. */
  checkpointFolder: string | undefined;
  /** Variables that the command gets besides, e.g. MLFLOW_RUN_ID. */
  env: Record<string, string>;
  /** What its record says besides, where another run is to write it. */
  about?: AboutWork;
}

export type AboutWork = Pick<TrainingRun, 'rules' | 'tracking' | 'reproduction'>;

/** Thrown by `watch` where it may leave a training, and that still runs. */
export class StillRuns extends Error {
  override readonly name = 'StillRuns';
}

/** Told of everything that happens while it runs. */
export interface Watcher {
  /**
   * A line of the output. @param machine of several, which all report the same steps, the name of one that is not the
   * first: its lines are shown with that name, and hold no metrics.
   */
  line(text: string, machine?: string): void;
  /** What the machine did since the sample before; the time is since the start. */
  sample(seconds: number, use: ProcessUse | undefined, gpus: readonly GpuSample[]): void;
  /** Metrics that the backend has from elsewhere than the output. */
  metrics(found: { step: number | null; values: Record<string, number> }): void;
  /** What the backend is doing, for people, e.g. "Downloading the image". */
  phase(message: string): void;
  /** Aborted when a rule ends the training; its reason is a StoppedBy. */
  readonly stop: AbortSignal;
}

export interface TrainingOutcome {
  exitCode: number;
  exitSignal: string | null;
  timedOut: boolean;
  cancelled: boolean;
  /** The machine was taken away and did not come back. */
  interrupted: boolean;
  durationSeconds: number;
  /** One sentence of the backend on why it failed. */
  failure: string | undefined;
  /** Of a service. */
  job: TrainingJobRecord | null;
  /** Processor time of the whole run; null where nobody tells. */
  cpuSeconds: number | null;
}

export interface TrainingBackend {
  readonly name: (typeof BACKENDS)[number];
  /** @returns the reference by which the other methods know the job. */
  submit(work: TrainingWork): Promise<string>;
  /** Follows it to its end. @param signal cancels the training. */
  watch(job: string, watcher: Watcher, signal: AbortSignal): Promise<TrainingOutcome>;
  /** What has ended already is done. */
  cancel(job: string): Promise<void>;
  /** The model into an empty folder, the JSON of METRICS_FILE, and what was written beside the model. */
  collect(job: string, into: { model: string; metrics: string; output: string }): Promise<void>;
}
