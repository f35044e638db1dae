import type { Energy, Resources } from '../../../shared/records/training-run.ts';
import { EnergyMeter } from '../cost/energy.ts';
import type { GpuSample } from './gpu-query.ts';
import type { GpuSource } from './gpu-source.ts';
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
  powerLimit: number | null;
  reasons: Set<string>;
}

/** Collects samples of a run's use of the machine, in memory that does not grow with its length. */
export class ResourceMeter {
  #samples = 0;
  #seconds = 0;
  readonly #cpu = new Summary();
  readonly #memory = new Summary();
  readonly #gpus = new Map<number, GpuTotals>();
  readonly #series = new Series(8, POINTS);
  readonly #energy = new EnergyMeter();

  /**
   * @param seconds since the start of the run, later than in the call before.
   * @returns percent of one core since the call before; null where it is not known.
   */
  add(seconds: number, use: ProcessUse | undefined, gpus: readonly GpuSample[]): number | null {
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
      gpuMean((gpu) => gpu.powerWatts),
      gpuMean((gpu) => gpu.temperatureCelsius),
      gpuMean((gpu) => (gpu.throttleReasons.length > 0 ? 1 : 0)),
    ]);
    this.#energy.add(seconds, gpus);
    return cpu;
  }

  energy(): Energy | null {
    return this.#energy.result();
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
        powerLimit: null,
        reasons: new Set(),
      };
      this.#gpus.set(gpu.index, totals);
    }
    totals.utilisation.add(gpu.utilisation);
    totals.memory.add(gpu.memoryUsedMiB);
    totals.power.add(gpu.powerWatts);
    totals.temperature.add(gpu.temperatureCelsius);
    totals.samples += 1;
    if (gpu.powerLimitWatts !== null)
      totals.powerLimit = Math.min(totals.powerLimit ?? gpu.powerLimitWatts, gpu.powerLimitWatts);
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
        powerLimitWatts: totals.powerLimit,
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
        gpuPowerWatts: this.#series.column(5),
        gpuTemperatureCelsius: this.#series.column(6),
        gpuThrottledShare: this.#series.column(7),
      },
    };
  }
}

export interface SamplingOptions {
  /** Told of each sample; see `Watcher`. */
  onSample: (seconds: number, use: ProcessUse | undefined, gpus: readonly GpuSample[]) => void;
  processUse: () => ProcessUse | undefined;
  /** Opens what is asked about GPUs, at the given pace; absent when there are none. */
  gpus?: (everyMs: number) => GpuSource;
}

/** A short run deserves more than one point, a long one no busy watcher. */
const QUICK_MS = 1_000;
const STEADY_MS = 5_000;
const QUICK_UNTIL_S = 60;

/** Samples until the returned function is called, which waits for a sample that is being taken. */
export function startSampling(options: SamplingOptions): () => Promise<void> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  let pace = QUICK_MS;
  let source = options.gpus?.(pace);
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const sample = async () => {
    const gpus = (await source?.samples()) ?? [];
    options.onSample(elapsed(), options.processUse(), gpus);
  };
  const plan = () => {
    if (pace === QUICK_MS && elapsed() >= QUICK_UNTIL_S) {
      pace = STEADY_MS;
      source?.end();
      source = options.gpus?.(pace);
    }
    timer = setTimeout(next, pace);
  };
  const next = () => {
    running = sample().then(() => {
      if (!ended) plan();
    });
  };
  let running = sample().then(() => {
    if (!ended) plan();
  });
  return async () => {
    ended = true;
    clearTimeout(timer);
    await running;
    source?.end();
  };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
