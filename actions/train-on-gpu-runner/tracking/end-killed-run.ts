import { TrackingClient } from '../../../shared/mlflow/tracking-client.ts';
import type { Tracking } from '../../../shared/records/training-run.ts';
import { MlflowApi } from '../../../shared/registries/mlflow/api.ts';
import { OUTCOME_TAG } from './find-run.ts';
import type { TrackingOptions } from './tracking-run.ts';
import { sentence } from './trouble.ts';

const KILLED_MS = 20_000;

/**
 * Ends a run whose training was killed with this action, for `post`: the next attempt finds it by its work. Never fails.
 */
export async function endKilledRun(
  { server, runId }: Pick<Tracking, 'server' | 'runId'>,
  { env, wait, now, log }: Pick<TrackingOptions, 'env' | 'wait' | 'now' | 'log'>,
): Promise<void> {
  const signal = AbortSignal.timeout(KILLED_MS);
  const api = new MlflowApi(new TrackingClient(server, { env, wait, signal }));
  try {
    await api.logBatch(runId, { tags: [{ key: OUTCOME_TAG, value: 'interrupted' }] });
    await api.finishRun(runId, now().getTime(), 'KILLED');
  } catch (error) {
    log.warning(`${sentence(error)} The run ${runId} of MLflow is still said to be running.`);
  }
}
