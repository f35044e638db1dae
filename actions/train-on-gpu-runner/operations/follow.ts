/** Follows a training to its end: output, metrics, money and tracking in one place, for every backend. */
import type { BegunCheckRun } from '../../../shared/github/left-check-runs.ts';
import type { LiveCheck } from '../../../shared/github/live-check-run.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { StillRuns, type TrainingBackend, type TrainingOutcome } from '../backends/backend.ts';
import { watchMoney } from '../cost/money.ts';
import type { Given } from '../inputs.ts';
import type { MetricPoint } from '../tracking/metric-log.ts';
import type { TrackingRun } from '../tracking/tracking-run.ts';
import type { KeptHistory } from '../watch/history.ts';
import { liveReport } from '../watch/live-report.ts';
import { TrainingWatch } from '../watch/watch.ts';
import type { WatchResults } from '../watch/watch-options.ts';
import type { Prepared } from './prepare.ts';

export interface Followed {
  ended: TrainingOutcome;
  watched: WatchResults;
}

export interface FollowOptions {
  given: Pick<Given, 'stallTimeout' | 'name' | 'comment' | 'githubToken'>;
  prepared: Pick<Prepared, 'definitions' | 'earlyStop' | 'money'>;
  deps: Pick<Deps, 'log' | 'signal' | 'now' | 'env'>;
  tracking: TrackingRun | undefined;
  /** Folders that the training writes to on this machine. */
  folders: readonly string[] | undefined;
  /** Before the command begins. */
  begin?: (watch: TrainingWatch) => Promise<void> | undefined;
  /** Metrics of an earlier attempt, from whose checkpoint it goes on. */
  history?: KeptHistory | undefined;
  /** Told of the check run that shows how it goes, before the command begins. */
  onLiveCheck: (checkRun: BegunCheckRun) => void;
}

const TRACKED_EVERY_MS = 60_000;
const LIVE_EVERY_MS = 60_000;

export async function follow(
  backend: Pick<TrainingBackend, 'watch'>,
  job: string,
  { given, prepared, deps, tracking, folders, begin, history, onLiveCheck }: FollowOptions,
): Promise<Followed> {
  const { log } = deps;
  let points: MetricPoint[] = [];
  const watch = new TrainingWatch({
    ...{ metricDefinitions: prepared.definitions, history },
    ...(prepared.earlyStop && { earlyStop: prepared.earlyStop }),
    ...(given.stallTimeout !== undefined && { stallTimeoutMs: given.stallTimeout }),
    ...(folders ? { folders } : { space: undefined }),
    ...(tracking && {
      onPoint: ({ name: key, step, value }) => points.push({ key, step, value, at: deps.now().getTime() }),
    }),
    onLine: log.info,
    onProgress: log.info,
    onWarning: ({ kind, message }) => (kind === 'power-limit' ? log.info(message) : log.warning(message)),
  });
  await begin?.(watch);
  const live = given.comment === 'auto' ? await openLiveCheck(given, watch, deps, onLiveCheck) : undefined;
  const stops = [watch.start()];
  if (prepared.money)
    stops.push(
      watchMoney(prepared.money, { onWarning: log.warning, onSpent: (stoppedBy) => watch.end(stoppedBy) }),
    );
  const track = (): Promise<void> | undefined => {
    const found = points;
    points = [];
    return tracking?.logHistory(found);
  };
  if (tracking) {
    const timer = setInterval(track, TRACKED_EVERY_MS);
    stops.push(() => clearInterval(timer));
  }
  try {
    const ended = await log.group('Output of the command', () => backend.watch(job, watch, deps.signal));
    const watched = watch.results(ended.cpuSeconds);
    // Of a job that is cancelled seconds are left, which belong to its checkpoints.
    if (ended.cancelled) void live?.cancel();
    else await Promise.all([track(), live?.finish()]);
    return { ended, watched };
  } catch (error) {
    // The report on what still runs takes it over.
    await (error instanceof StillRuns ? live?.finish() : live?.cancel());
    throw error;
  } finally {
    for (const stop of stops) stop();
  }
}

/** Shows in a check run how it goes: a step's summary appears only when the step is over. */
async function openLiveCheck(
  { name, githubToken }: FollowOptions['given'],
  watch: TrainingWatch,
  { log, signal, env }: FollowOptions['deps'],
  onBegun: FollowOptions['onLiveCheck'],
): Promise<LiveCheck | undefined> {
  if (!githubToken || env.GITHUB_ACTIONS !== 'true') return undefined;
  const { startLiveCheck } = await import('../../../shared/github/live-check-run.ts');
  return startLiveCheck({
    ...{ action: 'train-on-gpu-runner', name, env, token: githubToken, everyMs: LIVE_EVERY_MS, signal },
    report: () => liveReport(watch.state()),
    ...{ warn: log.warning, onBegun },
  });
}
