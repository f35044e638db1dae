/** A run on an MLflow tracking server: its metrics at their largest step, or from their history at a step that is asked for. */
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../../../../shared/errors.ts';
import { secretsOf } from '../../../../shared/mlflow/account.ts';
import { TrackingClient, type TrackingOptions } from '../../../../shared/mlflow/tracking-client.ts';
import { canonicalJson, sha256 } from '../../../../shared/records/canonical-json.ts';
import type { Deps } from '../../../../shared/runtime/definition.ts';
import { metricValue, readRun } from '../formats/mlflow-run.ts';
import { addPoint, type History, numbersAt } from '../history.ts';
import { asObject, type MetricNumber, type Reading } from '../metrics-format.ts';
import type { RunUri } from './run-uri.ts';

const POINTS_PER_PAGE = 1000;
const MOST_PAGES = 100;
/** A history is asked for metric by metric. */
const MOST_HISTORIES = 200;

/** @throws UserError when the server cannot be asked, or has no such run or step. */
export async function readTrackedRun(
  uri: RunUri,
  { env, signal, log }: Pick<Deps, 'env' | 'signal' | 'log'>,
  pause: TrackingOptions['wait'] = (milliseconds) => wait(milliseconds, undefined, { signal }),
): Promise<Reading & { from: string; hash: string }> {
  for (const secret of secretsOf(env)) log.mask(secret);
  const client = new TrackingClient(uri.server, { env, signal, wait: pause });
  const answer = await client.ask({
    method: 'GET',
    path: '/api/2.0/mlflow/runs/get',
    query: { run_id: uri.runId },
  });
  const run = asObject(asObject(answer)?.run);
  const info = asObject(run?.info);
  if (!run || !info) {
    throw new UserError(`${uri.server} does not answer as an MLflow server: its answer holds no run.`, {
      fix: 'Check the address.',
    });
  }
  if (info.lifecycle_stage === 'deleted') {
    throw new UserError(`The run ${uri.runId} is deleted on ${uri.server}.`, {
      fix: 'Restore it with mlflow runs restore, or name another run.',
    });
  }
  const last = readRun(run);
  const reading = uri.step === undefined ? last : await readStep(uri, uri.step, last.numbers, client);
  const status =
    info.status === 'FINISHED' ? [] : [`The run ${uri.runId} is not finished: its status is ${info.status}`];
  const content = [...reading.numbers].map(([key, { value, basis }]) => ({
    key,
    value: String(value),
    basis,
  }));
  return {
    from: uri.text,
    hash: sha256(canonicalJson(content)).slice('sha256:'.length),
    numbers: reading.numbers,
    notes: [...reading.notes, ...status],
  };
}

async function readStep(
  uri: RunUri,
  step: number,
  last: ReadonlyMap<string, MetricNumber>,
  client: TrackingClient,
): Promise<Reading> {
  if (last.size > MOST_HISTORIES) {
    throw new UserError(
      `The run ${uri.runId} has ${last.size} metrics, too many to ask for the history of each.`,
      {
        fix: `Name the run without @${step}; then the largest step is judged.`,
      },
    );
  }
  const history: History = new Map();
  for (const key of last.keys()) {
    for (const point of await readHistory(uri, key, client)) addPoint(history, key, point);
  }
  const at = [...history.values()].flat().some((point) => point.step === step);
  if (!at) {
    throw new UserError(`The run ${uri.runId} logged nothing at step ${step}.`, {
      fix: 'Name a step that the run logged, or none for the largest.',
    });
  }
  const numbers = new Map(
    [...numbersAt(history, step)].map(([key, number]) => [key, { ...last.get(key), ...number }]),
  );
  return {
    numbers,
    notes: [`The run ${uri.runId} is a history: its values at step ${step} are judged, as asked`],
  };
}

async function readHistory(
  uri: RunUri,
  key: string,
  client: TrackingClient,
): Promise<{ step: number; value: number }[]> {
  const points: { step: number; value: number }[] = [];
  let token: unknown;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const query = {
      run_id: uri.runId,
      metric_key: key,
      max_results: String(POINTS_PER_PAGE),
      ...(typeof token === 'string' && { page_token: token }),
    };
    const page = asObject(
      await client.ask({ method: 'GET', path: '/api/2.0/mlflow/metrics/get-history', query }),
    );
    for (const item of Array.isArray(page?.metrics) ? page.metrics : []) {
      const point = asObject(item);
      const value = metricValue(point?.value);
      if (value !== undefined) points.push({ step: Number(point?.step ?? 0), value });
    }
    token = page?.next_page_token;
    if (typeof token !== 'string' || token === '') return points;
  }
  throw new UserError(
    `The run ${uri.runId} logged ${key} more than ${MOST_PAGES * POINTS_PER_PAGE} times, too many to read.`,
    { fix: 'Name the run without a step; then the largest step is judged.' },
  );
}
