/** Training as a process of this machine. */
import { tmpdir } from 'node:os';
import { programEnvironment } from '../../../shared/programs/environment.ts';
import { runProgram } from '../../../shared/programs/run.ts';
import { commandVariables } from '../command-environment.ts';
import { type SpotNotice, watchSpotNotice } from '../interruptions/spot-notice.ts';
import { visibleGpus } from '../preflight/visible-gpus.ts';
import type { GpuAnswer } from '../watch/gpu-query.ts';
import { openGpuSource } from '../watch/gpu-source.ts';
import { endedChildrenCpuSeconds, followProcessUse } from '../watch/process-use.ts';
import { startSampling } from '../watch/sampler.ts';
import type { TrainingBackend, TrainingOutcome, TrainingWork, Watcher } from './backend.ts';

export interface LocalOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Where the command writes. */
  places: { model: string; metrics: string; output: string; checkpoints: string };
  temporaryFolder?: string;
  graceMs: number;
  /** What the driver said before the start: without GPUs there is nothing to ask again. */
  gpus: GpuAnswer;
  log: { info: (message: string) => void; warning: (message: string) => void };
  /** Awaited before the command begins. */
  beforeStart: (group: number) => Promise<void>;
  /** The command is asked to end. */
  onStop: () => void;
  /** The machine may soon be taken away. */
  onRebalance?: () => void;
}

/** Of the time that a spot notice leaves, this is for bringing the last checkpoint away. */
const KEPT_FOR_CHECKPOINT = 0.5;

/** One training, in the folders that it was made for. */
export class LocalBackend implements TrainingBackend {
  readonly name = 'local';
  readonly #options: LocalOptions;
  #command = '';
  #env: NodeJS.ProcessEnv = {};
  #timeoutMs: number | undefined;
  readonly #cancelling = new AbortController();

  constructor(options: LocalOptions) {
    this.#options = options;
  }

  /** The environment of the command, once it was submitted. */
  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  async submit(work: TrainingWork): Promise<string> {
    const { env, places, gpus, temporaryFolder = tmpdir() } = this.#options;
    const variables = await commandVariables({
      ...{ ...places, params: work.params, data: work.data, temporaryFolder },
      ...{
        gpuCount: 'samples' in gpus ? visibleGpus(gpus.samples, env).gpus.length : 0,
        seed: work.seed,
        env: work.env,
      },
    });
    this.#env = programEnvironment(env, variables);
    this.#command = work.command;
    this.#timeoutMs = work.timeoutMs;
    return 'local';
  }

  /** Runs the command to its end, with everything that it starts. */
  async watch(_job: string, watcher: Watcher, signal: AbortSignal): Promise<TrainingOutcome> {
    const { env, cwd, gpus, graceMs, log } = this.#options;
    const taken = new AbortController();
    let notice: SpotNotice | undefined;
    const spot = await watchSpotNotice({
      ...{ env, log },
      onNotice: (seen) => {
        notice = seen;
        log.warning(
          `EC2 takes this machine away in ${Math.round(seen.leftMs / 1000)} s: the command is asked to end.`,
        );
        taken.abort();
      },
      onRebalance: () => {
        log.info('EC2 says that this machine may soon be taken away.');
        this.#options.onRebalance?.();
      },
    });
    const known = 'samples' in gpus && gpus.samples.length > 0 ? gpus.samples : undefined;
    let stopSampling: (() => Promise<void>) | undefined;
    const cpuBefore = endedChildrenCpuSeconds();
    try {
      const result = await runProgram({
        ...{ command: this.#command, env: this.#env, cwd, timeoutMs: this.#timeoutMs },
        signal: AbortSignal.any([signal, watcher.stop, taken.signal, this.#cancelling.signal]),
        graceMs: () => (notice ? Math.max(graceMs, notice.leftMs * KEPT_FOR_CHECKPOINT) : graceMs),
        onLine: (line) => watcher.line(line),
        beforeStart: async (group) => {
          await this.#options.beforeStart(group);
          stopSampling = startSampling({
            processUse: followProcessUse(group),
            gpus: known && ((everyMs) => openGpuSource({ env: this.#env, first: known, everyMs })),
            onSample: (seconds, use, samples) => watcher.sample(seconds, use, samples),
          });
        },
        onStop: this.#options.onStop,
      });
      const cpuAfter = endedChildrenCpuSeconds();
      const isKnown = cpuAfter !== undefined && cpuBefore !== undefined;
      return {
        ...{ exitCode: result.exitCode, exitSignal: result.exitSignal, timedOut: result.timedOut },
        cancelled: result.cancelled && (signal.aborted || this.#cancelling.signal.aborted),
        interrupted: result.cancelled && notice !== undefined && !signal.aborted,
        durationSeconds: result.durationSeconds,
        failure: undefined,
        job: null,
        cpuSeconds: isKnown ? cpuAfter - cpuBefore : null,
      };
    } finally {
      spot?.stop();
      await stopSampling?.();
    }
  }

  async cancel(): Promise<void> {
    this.#cancelling.abort();
  }

  /** It was written where it belongs. */
  async collect(): Promise<void> {}
}
