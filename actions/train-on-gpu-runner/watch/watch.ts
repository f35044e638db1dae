/**
 * Watching a training while it runs. Every backend feeds one `TrainingWatch` with lines of output and samples of the
 * machine; it keeps the history of metrics, says how it goes once a minute, warns with a reason, and ends by rule what
 * should not go on. The other files of this folder are its parts, most of them pure.
 */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Tail } from '../../../shared/programs/lines.ts';
import type { StoppedBy } from '../../../shared/records/stop-rules.ts';
import type { Watcher } from '../backends/backend.ts';
import { EarlyStopping } from './early-stopping.ts';
import type { GpuSample } from './gpu-query.ts';
import { HistoryKeeper, type KeptHistory } from './history.ts';
import { latestMetrics } from './latest-metrics.ts';
import { LineBatch } from './line-batch.ts';
import { LossWarnings } from './loss-warnings.ts';
import { spaceOf } from './machine-space.ts';
import { type FoundMetrics, metricsOfLine } from './metric-lines.ts';
import type { ProcessUse } from './process-use.ts';
import { progressLine } from './progress-line.ts';
import { dataBound, gpuMemory, idleGpu, powerLimit, thermalThrottling, WINDOW_S } from './sample-warnings.ts';
import { SampleWindow } from './sample-window.ts';
import { ResourceMeter } from './sampler.ts';
import { diskNearlyFull, memoryNearlyFull } from './space-warnings.ts';
import { LifeSigns } from './stall.ts';
import { WarningBook } from './warning-book.ts';
import type { WatchOptions, WatchResults, WatchState } from './watch-options.ts';

const TAIL_LINES = 50;
const TAIL_CHARACTERS = 8_000;
const PROGRESS_S = 60;
const LOOK_MS = 1_000;
/** Reading the control group's files and asking the disks is cheap, and neither fills in seconds. */
const SPACE_S = 10;

export class TrainingWatch implements Watcher {
  readonly #options: WatchOptions;
  readonly #now: () => number;
  readonly #began: number;
  readonly #cores: number;
  readonly #lines: LineBatch;
  readonly #tail = new Tail(TAIL_LINES, TAIL_CHARACTERS);
  readonly #history: HistoryKeeper;
  readonly #warnings: WarningBook;
  readonly #losses: LossWarnings;
  readonly #earlyStopping: EarlyStopping | undefined;
  readonly #meter = new ResourceMeter();
  readonly #window = new SampleWindow(WINDOW_S);
  readonly #life = new LifeSigns();
  readonly #controller = new AbortController();
  #stoppedBy: StoppedBy | null = null;
  #phase = '';
  #latest: { gpus: readonly GpuSample[]; cpuPercent: number | null; memoryBytes: number | null } = {
    gpus: [],
    cpuPercent: null,
    memoryBytes: null,
  };
  #sampledAt = 0;
  #isHeld = false;
  #stoodStill = false;
  #saidProgressAt = 0;
  #lookedAtSpaceAt = Number.NEGATIVE_INFINITY;
  #saidLeftOut = false;
  /** Values at the last line of progress. */
  #shown = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#began = this.#now();
    this.#cores = options.cores ?? availableParallelism();
    this.#lines = new LineBatch(options.onLine);
    this.#history = new HistoryKeeper(options.history);
    this.#warnings = new WarningBook((warning) => {
      this.flush();
      options.onWarning(warning);
    });
    this.#losses = new LossWarnings(options.earlyStop);
    this.#earlyStopping =
      options.earlyStop && new EarlyStopping(options.earlyStop, options.history?.earlyStop);
  }

  get stop(): AbortSignal {
    return this.#controller.signal;
  }

  line(text: string, machine?: string): void {
    const shown = machine === undefined ? text : `[${machine}] ${text}`;
    this.#tail.add(shown);
    this.#life.spoke(this.#seconds());
    this.#lines.add(shown);
    if (machine !== undefined) return;
    const found = metricsOfLine(text, this.#options.metricDefinitions);
    if (found) this.metrics(found);
  }

  metrics(found: FoundMetrics): void {
    const seconds = this.#seconds();
    this.#life.spoke(seconds);
    for (const point of this.#history.add(found)) {
      const { name, step, value } = point;
      this.#options.onPoint?.(point);
      this.#warnings.note('not-a-number', this.#losses.notANumber(name, step, value), seconds);
      if (name !== this.#options.earlyStop?.monitor) continue;
      const reason = this.#earlyStopping?.add(step, value);
      if (reason) this.end({ rule: 'early-stop', reason, atSeconds: seconds });
    }
    if (this.#history.leftOut > 0 && !this.#saidLeftOut) {
      this.#saidLeftOut = true;
      this.#say('The command reports more than 100 metrics; only the first 100 are kept while it runs.');
    }
  }

  /** A checkpoint was written: a sign of life. */
  checkpoint(): void {
    this.#life.spoke(this.#seconds());
  }

  /** It is made to stand still, or goes on: that it does nothing meanwhile is no fault of it. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#stoodStill = true;
    this.#life.rested(this.#seconds());
  }

  /** Metrics, for the attempt that goes on from a checkpoint of this one. */
  kept(): KeptHistory {
    return { ...this.#history.kept(), earlyStop: this.#earlyStopping?.kept() };
  }

  phase(message: string): void {
    this.#life.spoke(this.#seconds());
    if (message === this.#phase) return;
    this.#phase = message;
    this.#say(message);
  }

  sample(seconds: number, use: ProcessUse | undefined, gpus: readonly GpuSample[]): void {
    const cpuPercent = this.#meter.add(seconds, use, gpus);
    this.#sampledAt = seconds;
    this.#latest = { gpus, cpuPercent, memoryBytes: use?.memoryBytes ?? null };
    // One that reaches into a time in which it stood still tells nothing of how it trains.
    const stoodStill = this.#stoodStill;
    this.#stoodStill = this.#isHeld;
    if (stoodStill) return;
    this.#life.sampled(
      this.#seconds(),
      cpuPercent,
      gpus.map((gpu) => gpu.utilisation),
    );
    this.#window.add({ seconds, cpuPercent, gpus });
    this.#warnings.note('idle-gpu', idleGpu(this.#window), seconds);
    this.#warnings.note('data-bound', dataBound(this.#window, this.#cores), seconds);
    this.#warnings.note('thermal-throttling', thermalThrottling(this.#window), seconds);
    this.#warnings.note('power-limit', powerLimit(this.#window), seconds);
    this.#warnings.note('gpu-memory-nearly-full', gpuMemory(gpus), seconds);
  }

  /** Looks at the clock: progress, stall, memory and disks, diverging. Called every second while it is started. */
  tick(): void {
    const seconds = this.#seconds();
    if (seconds - this.#saidProgressAt >= PROGRESS_S) this.#sayProgress(seconds);
    if (!this.#isHeld) this.#lookForStall(seconds);
    if (seconds - this.#lookedAtSpaceAt < SPACE_S) return;
    this.#lookedAtSpaceAt = seconds;
    const space = spaceOf(this.#options);
    this.#warnings.note('memory-nearly-full', memoryNearlyFull(space?.memory), seconds);
    this.#warnings.note('disk-nearly-full', diskNearlyFull(space?.disks ?? []), seconds);
    this.#warnings.note('diverging', this.#losses.diverging(this.#history), seconds);
  }

  /** Ends the training by a rule, of this watch or of another (a budget); the first one counts. */
  end(stoppedBy: StoppedBy): void {
    if (this.#stoppedBy) return;
    this.#stoppedBy = stoppedBy;
    this.#say(`The training is ended (${stoppedBy.rule}): ${stoppedBy.reason}`);
    this.#controller.abort(stoppedBy);
  }

  /** @returns ends the looks. */
  start(): () => void {
    // Lines come and go: were the space for young objects to grow with their number, as it does where speed counts,
    // an action that only passes them on would take 200 MB.
    setFlagsFromString('--semi-space-growth-factor=1');
    setFlagsFromString('--optimize-for-size');
    this.#timer = setInterval(() => this.tick(), LOOK_MS);
    this.#timer.unref();
    return () => {
      clearInterval(this.#timer);
      this.flush();
    };
  }

  /** Passes on the lines that wait. */
  flush(): void {
    this.#lines.flush();
  }

  state(): WatchState {
    return {
      seconds: this.#seconds(),
      step: this.#history.lastStep,
      phase: this.#phase,
      history: this.#history.result(),
      warnings: this.#warnings.all(),
      ...this.#latest,
    };
  }

  /** @param cpuSeconds of the whole run, where the system tells. */
  results(cpuSeconds: number | null): WatchResults {
    this.flush();
    return {
      tail: this.#tail.lines(),
      history: this.#history.result(),
      warnings: this.#warnings.all(),
      stoppedBy: this.#stoppedBy,
      resources: this.#meter.result(cpuSeconds),
      energy: this.#meter.energy(),
    };
  }

  #seconds(): number {
    return (this.#now() - this.#began) / 1000;
  }

  #say(line: string): void {
    this.flush();
    this.#options.onProgress(line);
  }

  #lookForStall(seconds: number): void {
    const { stallTimeoutMs } = this.#options;
    const limit = stallTimeoutMs === undefined ? undefined : stallTimeoutMs / 1000;
    const found = this.#life.judge(seconds, { limit, isSampled: this.#sampledAt > 0 });
    if (found && 'end' in found) this.end({ rule: 'stall-timeout', reason: found.end, atSeconds: seconds });
    else this.#warnings.note('no-progress', found?.warning, seconds);
  }

  #sayProgress(seconds: number): void {
    this.#saidProgressAt = seconds;
    const metrics = latestMetrics(this.#history, this.#shown, this.#options.earlyStop?.monitor);
    this.#shown = new Map(metrics.map(({ name, value }) => [name, value]));
    const quiet = this.#life.quietFor(seconds);
    this.#say(progressLine({ seconds, step: this.#history.lastStep, metrics, quiet, ...this.#latest }));
  }
}
