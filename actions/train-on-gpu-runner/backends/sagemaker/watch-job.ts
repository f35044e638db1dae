import { isDenied, isExpired } from '../../../../shared/aws/aws-error.ts';
import { UserError } from '../../../../shared/errors.ts';
import { StillRuns, type TrainingOutcome, type Watcher } from '../backend.ts';
import { LogFollower } from './log-follower.ts';
import { hasEnded, outcomeOf } from './outcome.ts';
import type { JobDescription, TrainingService } from './service.ts';

const POLL_MS = 10_000;
/** Looks in a row that AWS may refuse, each after the client's own retries: about ten minutes. */
const MOST_REFUSED = 40;
/** Looks at which there is no such job. */
const MOST_MISSING = 3;
/** Looks in a row at a log of an ended job that bring nothing: lines arrive late. */
const EMPTY_LOOKS = 2;

/**
 * Follows a job to its end: its phases, and each line of its log once.
 * @param signal stops the job. @param leave aborted when it need not be followed any longer.
 * @param pause waits; it may return early when the training is to be stopped.
 * @throws StillRuns when it was left.
 */
export async function watchJob(
  service: TrainingService,
  job: string,
  {
    watcher,
    signal,
    leave,
    pause,
  }: {
    watcher: Watcher;
    signal: AbortSignal;
    leave?: AbortSignal | undefined;
    pause: (milliseconds: number) => Promise<void>;
  },
): Promise<TrainingOutcome> {
  const log = new LogReader(service, job, watcher);
  const told = new Set<string>();
  const stopping = new Stopping(service, job, AbortSignal.any([watcher.stop, signal]));
  let missing = 0;
  for (let refused = 0; ; ) {
    try {
      await stopping.asked();
      const found = await service.describe(job);
      if (!found) {
        // One that was just made may be invisible for a moment.
        if (++missing > MOST_MISSING) throw noSuchJob(job, service.region);
        await pause(POLL_MS);
        continue;
      }
      tellPhases(found, told, watcher);
      if (log.isReadable) await log.read();
      refused = 0;
      if (hasEnded(found)) {
        if (!signal.aborted) await log.readRest(pause);
        if (!log.isReadable) tellFinalMetrics(found, watcher);
        return outcomeOf(found, service.region, signal.aborted);
      }
    } catch (error) {
      if (!(error instanceof UserError) || missing > MOST_MISSING) throw error;
      if (++refused > MOST_REFUSED || isExpired(error) || isDenied(error)) throw outOfSight(job, error);
    }
    if (leave?.aborted) throw new StillRuns(`The training job ${job} still runs.`);
    await pause(POLL_MS);
  }
}

/** Stops the job as soon as it is wanted, even while a long log is read; what AWS refused is asked again. */
class Stopping {
  readonly #stop: () => Promise<void>;
  readonly #wanted: AbortSignal;
  #request: Promise<void> | undefined;

  constructor(service: TrainingService, job: string, wanted: AbortSignal) {
    this.#stop = () => service.stop(job);
    this.#wanted = wanted;
    // A refusal is met by whoever waits for it.
    wanted.addEventListener('abort', () => this.asked().catch(() => undefined), { once: true });
  }

  /** @throws UserError where AWS refused. */
  async asked(): Promise<void> {
    if (!this.#wanted.aborted) return;
    this.#request ??= this.#stop();
    try {
      await this.#request;
    } catch (error) {
      this.#request = undefined;
      throw error;
    }
  }
}

/** The log of a job, as long as it may be read. What it does not give now it gives later: the job counts. */
class LogReader {
  isReadable = true;
  readonly #follower: LogFollower;
  readonly #watcher: Watcher;

  constructor(service: TrainingService, job: string, watcher: Watcher) {
    this.#follower = new LogFollower(service, job, (line, machine) => watcher.line(line, machine));
    this.#watcher = watcher;
  }

  /** @returns how many events came; undefined where AWS refused for now. @throws UserError for expired credentials. */
  async read(): Promise<number | undefined> {
    try {
      return await this.#follower.read();
    } catch (error) {
      if (!(error instanceof UserError) || isExpired(error)) throw error;
      // The training is worth more than its log.
      if (isDenied(error)) this.#giveUp('The log cannot be followed.', error);
      return undefined;
    }
  }

  /** Of a job that has ended: lines arrive late. */
  async readRest(pause: (milliseconds: number) => Promise<void>): Promise<void> {
    let [empty, refused] = [0, 0];
    while (this.isReadable && empty < EMPTY_LOOKS) {
      await pause(POLL_MS / 2);
      const count = await this.read();
      if (count !== undefined) [empty, refused] = [count === 0 ? empty + 1 : 0, 0];
      else if (++refused > MOST_REFUSED)
        this.#giveUp('The end of the log is missing: AWS refuses to give it.');
    }
  }

  #giveUp(what: string, error?: UserError): void {
    this.isReadable = false;
    this.#watcher.phase([what, error?.message, error?.fix].filter(Boolean).join(' '));
  }
}

export const noSuchJob = (job: string, region: string): UserError =>
  new UserError(`There is no training job ${job} in ${region}.`, {
    where: { key: 'job' },
    fix: 'Check the name, the account and AWS_REGION.',
  });

function tellPhases(found: JobDescription, told: Set<string>, watcher: Watcher): void {
  for (const [index, { Status, StatusMessage }] of (found.SecondaryStatusTransitions ?? []).entries()) {
    const message = StatusMessage || String(Status);
    if (told.has(`${index} ${message}`)) continue;
    told.add(`${index} ${message}`);
    watcher.phase(message);
  }
}

/** The service has read them out of the log by metric-definitions. */
function tellFinalMetrics({ FinalMetricDataList = [] }: JobDescription, watcher: Watcher): void {
  const values = FinalMetricDataList.flatMap(({ MetricName, Value }) =>
    MetricName === undefined || Value === undefined ? [] : [[MetricName, Value] as const],
  );
  if (values.length > 0) watcher.metrics({ step: null, values: Object.fromEntries(values) });
}

function outOfSight(job: string, error: UserError): UserError {
  return new UserError(`The training job ${job} goes on, but cannot be followed. ${error.message}`, {
    where: { key: 'job' },
    fix: `Collect it later by operation: collect with job: ${job}. ${error.fix}`.trim(),
    cause: error,
  });
}
