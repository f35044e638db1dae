/**
 * Experiment tracking: this folder shows a training as a run of MLflow while it runs. The id of the run is passed on to
 * the command, so that what the command logs by MLflow itself goes to the same run.
 */
import { secretsOf } from '../../../shared/mlflow/account.ts';
import { parseServerAddress, serverOfEnvironment } from '../../../shared/mlflow/server-address.ts';
import { type TrackingOptions, TrackingRun } from './tracking-run.ts';
import { sentence } from './trouble.ts';

/**
 * The server to log to: that of the input `tracking-uri`, or of MLFLOW_TRACKING_URI where an experiment is named.
 * Undefined where nothing is to be logged.
 * @throws UserError for an address that is none of an MLflow server over http(s).
 */
export function trackingServer(
  given: { trackingUri?: string; experiment?: string },
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (given.trackingUri !== undefined) {
    return parseServerAddress(given.trackingUri.replace(/^mlflow:(?=https?:)/, ''), 'inputs.tracking-uri');
  }
  return given.experiment === undefined ? undefined : serverOfEnvironment(env);
}

/**
 * Takes up the run of a training that an earlier run of a workflow began. A training that was paid for does not depend on
 * it: a server that refuses is a warning, and there is no run then.
 */
export async function takeUpTrackingRun(
  options: Parameters<typeof openTrackingRun>[0] & { runId: string },
): Promise<TrackingRun | undefined> {
  try {
    return await openTrackingRun(options);
  } catch (error) {
    options.signal?.throwIfAborted();
    options.log.warning(`${sentence(error)} The run ${options.runId} of MLflow is not brought up to date.`);
    return undefined;
  }
}

/**
 * Finds the run of an interrupted attempt, or makes one.
 * @throws UserError when the server refuses. One that cannot be reached is a warning, and asked again later.
 */
export async function openTrackingRun(
  options: Omit<TrackingOptions, 'log'> & { log: TrackingOptions['log'] & { mask(secret: string): void } },
): Promise<TrackingRun> {
  for (const secret of secretsOf(options.env)) options.log.mask(secret);
  const run = new TrackingRun(options);
  await run.open();
  return run;
}
