import type { Resources } from '../../shared/records/training-run.ts';
import type { GpuAnswer, GpuSample } from './gpu-query.ts';
import type { ProcessUse } from './process-use.ts';
import { Series, Summary } from './series.ts';

/** Points of the chart. */
const POINTS = 120;
/** The system counts processor time in hundredths of a second: over less than this a share would be noise. */
const SHORTEST_S = 0.2;

interface GpuTotals {
  utilisation: Summary;
  memory: Summary;
  power: Summary;
  temperature: Summary;
  samples: number;
  throttled: number;
  reasons: Set<string>;
}

/** Collects samples of a run's use of the machine, in memory that does not grow with its length. */
export class ResourceMeter {
  #samples = 0;
  #seconds = 0;
  readonly #cpu = new Summary();
  readonly #memory = new Summary();
  readonly #gpus = new Map<number, GpuTotals>();
  readonly #series = new Series(5, POINTS);

  /** @param seconds since the start of the run, later than in the call before. */
  add(seconds: number, use: ProcessUse | undefined, gpus: readonly GpuSample[]): void {
    const elapsed = seconds - this.#seconds;
    this.#seconds = seconds;
    this.#samples += 1;
    const cpu = use && elapsed >= SHORTEST_S ? (100 * use.cpuSeconds) / elapsed : null;
    const memory = use ? use.memoryBytes : null;
    this.#cpu.add(cpu);
    this.#memory.add(memory);
    for (const gpu of gpus) this.#addGpu(gpu);
    const gpuMean = (pick: (gpu: GpuSample) => number | null) => mean(gpus.map(pick));
    this.#series.add([
      seconds,
      cpu,
      memory,
      gpuMean((gpu) => gpu.utilisation),
      gpuMean((gpu) => gpu.memoryUsedMiB),
    ]);
  }

  #addGpu(gpu: GpuSample): void {
    let totals = this.#gpus.get(gpu.index);
    if (!totals) {
      totals = {
        utilisation: new Summary(),
        memory: new Summary(),
        power: new Summary(),
        temperature: new Summary(),
        samples: 0,
        throttled: 0,
        reasons: new Set(),
      };
      this.#gpus.set(gpu.index, totals);
    }
    totals.utilisation.add(gpu.utilisation);
    totals.memory.add(gpu.memoryUsedMiB);
    totals.power.add(gpu.powerWatts);
    totals.temperature.add(gpu.temperatureCelsius);
    totals.samples += 1;
    if (gpu.throttleReasons.length > 0) totals.throttled += 1;
    for (const reason of gpu.throttleReasons) totals.reasons.add(reason);
  }

  /** @param cpuSeconds what the whole run used, where the system tells. */
  result(cpuSeconds: number | null): Resources {
    return {
      samples: this.#samples,
      cpuSeconds,
      cpuPercent: this.#cpu.result(),
      memoryBytes: this.#memory.result(),
      gpus: [...this.#gpus.entries()].map(([index, totals]) => ({
        index,
        utilisation: totals.utilisation.result(),
        memoryUsedMiB: totals.memory.result(),
        powerWatts: totals.power.result(),
        temperatureCelsius: totals.temperature.result(),
        throttledShare: totals.throttled / totals.samples,
        throttleReasons: [...totals.reasons],
      })),
      series: {
        seconds: this.#series.column(0).map((value) => value ?? 0),
        cpuPercent: this.#series.column(1),
        memoryBytes: this.#series.column(2),
        gpuPercent: this.#series.column(3),
        gpuMemoryMiB: this.#series.column(4),
      },
    };
  }
}

export interface SamplingOptions {
  meter: ResourceMeter;
  processUse: () => ProcessUse | undefined;
  /** Absent when there is no GPU to ask about. */
  gpus?: () => Promise<GpuAnswer>;
  onSample?: (seconds: number) => void;
}

/** A short run deserves more than one point, a long one no busy watcher. */
const QUICK_MS = 1_000;
const STEADY_MS = 5_000;
const QUICK_UNTIL_S = 60;

/** Samples until the returned function is called, which takes the last sample. */
export function startSampling(options: SamplingOptions): () => Promise<void> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let running: Promise<void> = Promise.resolve();
  const sample = async () => {
    const answer = await options.gpus?.();
    const seconds = (performance.now() - began) / 1000;
    options.meter.add(seconds, options.processUse(), answer && 'samples' in answer ? answer.samples : []);
    options.onSample?.(seconds);
  };
  const plan = () => {
    const seconds = (performance.now() - began) / 1000;
    timer = setTimeout(
      () => {
        running = sample().then(() => {
          if (!ended) plan();
        });
      },
      seconds < QUICK_UNTIL_S ? QUICK_MS : STEADY_MS,
    );
  };
  running = sample().then(() => {
    if (!ended) plan();
  });
  return async () => {
    ended = true;
    clearTimeout(timer);
    await running;
  };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
