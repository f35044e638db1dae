import { Tail } from '../../../shared/programs/lines.ts';
import { type RunResult, runProgram } from '../../../shared/programs/run.ts';
import type { Resources } from '../../../shared/records/training-run.ts';
import { type GpuAnswer, queryGpus } from '../gpu-query.ts';
import { endedChildrenCpuSeconds, followProcessUse } from '../process-use.ts';
import { ResourceMeter, startSampling } from '../sampler.ts';

/** Training as a process of this machine. */

export interface LocalTraining {
  command: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  timeoutMs: number | undefined;
  graceMs: number;
  /** What the driver said before the start: without GPUs there is nothing to ask again. */
  gpus: GpuAnswer;
  onLine: (line: string) => void;
  /** Called when the command has printed nothing for a while. */
  onQuiet: (message: string) => void;
  /** Awaited before the command begins. */
  beforeStart: (group: number) => Promise<void>;
  onStop: (reason: 'cancelled' | 'timed-out') => void;
}

export interface LocalOutcome extends RunResult {
  resources: Resources;
  /** The last lines of its output. */
  tail: string[];
}

const TAIL_LINES = 50;
const TAIL_CHARACTERS = 8_000;
const QUIET_S = 30;

/** Runs the command to its end, streams its output and measures what it uses. */
export async function trainLocally(training: LocalTraining): Promise<LocalOutcome> {
  const meter = new ResourceMeter();
  const tail = new Tail(TAIL_LINES, TAIL_CHARACTERS);
  const hasGpus = 'samples' in training.gpus && training.gpus.samples.length > 0;
  let stopSampling: (() => Promise<void>) | undefined;
  let lastLine = performance.now();
  const cpuBefore = endedChildrenCpuSeconds();
  try {
    const result = await runProgram({
      ...training,
      onLine: (line) => {
        lastLine = performance.now();
        tail.add(line);
        training.onLine(line);
      },
      beforeStart: async (group) => {
        await training.beforeStart(group);
        stopSampling = startSampling({
          meter,
          processUse: followProcessUse(group),
          gpus: hasGpus ? () => queryGpus(training.env) : undefined,
          onSample: (seconds) => {
            if (performance.now() - lastLine > QUIET_S * 1000) {
              training.onQuiet(`still training, ${Math.round(seconds)} s so far`);
            }
          },
        });
      },
    });
    const cpuAfter = endedChildrenCpuSeconds();
    const cpuSeconds = cpuAfter === undefined || cpuBefore === undefined ? null : cpuAfter - cpuBefore;
    return { ...result, resources: meter.result(cpuSeconds), tail: tail.lines() };
  } finally {
    await stopSampling?.();
  }
}
