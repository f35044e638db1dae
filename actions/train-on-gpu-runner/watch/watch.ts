/**
 * Watching a training while it runs. Every backend feeds one `TrainingWatch` with lines of output and samples of the
 * machine; it keeps the history of metrics, says how it goes once a minute, warns with a reason, and ends by rule what
 * should not go on. The other files of this folder are its parts, most of them pure.
 */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Tail } from '../../../shared/programs/lines.ts';
import type { StoppedBy } from '../../../shared/records/training-run.ts';
import { formatDuration } from '../../../shared/report/numbers.ts';
import type { Watcher } from '../backends/backend.ts';
import { EarlyStopping } from './early-stopping.ts';
import type { GpuSample } from './gpu-query.ts';
import { HistoryKeeper } from './history.ts';
import { LineBatch } from './line-batch.ts';
import { isLossLike, LossWarnings } from './loss-warnings.ts';
import { type Disk, disksOf, memorySpace, type Space } from './machine-space.ts';
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
/** Without a stall-timeout: long enough for a download or a slow validation. */
const STILL_WARNING_S = 600;

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
    this.#earlyStopping = options.earlyStop && new EarlyStopping(options.earlyStop);
  }

  get stop(): AbortSignal {
    return this.#controller.signal;
  }

  line(text: string): void {
    this.#tail.add(text);
    this.#life.spoke(this.#seconds());
    this.#lines.add(text);
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
    this.#lookForStall(seconds);
    if (seconds - this.#lookedAtSpaceAt < SPACE_S) return;
    this.#lookedAtSpaceAt = seconds;
    const space = this.#space();
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

  #space(): { memory: Space | undefined; disks: readonly Disk[] } | undefined {
    if ('space' in this.#options) return this.#options.space?.();
    const { folders } = this.#options;
    return folders && { memory: memorySpace(), disks: disksOf(folders) };
  }

  #lookForStall(seconds: number): void {
    const still = this.#life.stillFor(seconds);
    const limit =
      this.#options.stallTimeoutMs === undefined ? undefined : this.#options.stallTimeoutMs / 1000;
    if (limit !== undefined && still >= limit) {
      const reason = `There was ${this.#life.describe(seconds, formatDuration)} (stall-timeout ${formatDuration(limit)}).`;
      this.end({ rule: 'stall-timeout', reason, atSeconds: seconds });
      return;
    }
    const warnAfter = Math.min(limit === undefined ? STILL_WARNING_S : limit / 2, STILL_WARNING_S);
    if (still < Math.min(LOOK_MS / 500, warnAfter)) this.#warnings.note('no-progress', 'clear', seconds);
    // A command may be made to say nothing, so without samples its silence alone is no reason to warn.
    if (still >= warnAfter && this.#sampledAt > 0) {
      const message = `There was ${this.#life.describe(seconds, formatDuration)}: it may hang.`;
      this.#warnings.note('no-progress', { message }, seconds);
    }
  }

  #sayProgress(seconds: number): void {
    this.#saidProgressAt = seconds;
    const names = this.#history.names();
    const monitor = this.#options.earlyStop?.monitor;
    const rank = (name: string) => (name === monitor ? 0 : isLossLike(name) ? 1 : 2);
    const metrics = names
      .toSorted((a, b) => rank(a) - rank(b))
      .flatMap((name) => {
        const value = this.#history.curve(name)?.values.at(-1);
        return value === undefined ? [] : [{ name, value, before: this.#shown.get(name) }];
      });
    this.#shown = new Map(metrics.map(({ name, value }) => [name, value]));
    const quiet = this.#life.quietFor(seconds);
    this.#say(progressLine({ seconds, step: this.#history.lastStep, metrics, quiet, ...this.#latest }));
  }
}
