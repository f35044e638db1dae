/**
 * A training as a run of MLflow. A server that fails never ends a training: what could not be logged waits and is sent
 * later, and a person is told once.
 */
import { UserError } from '../../../shared/errors.ts';
import { TrackingClient } from '../../../shared/mlflow/tracking-client.ts';
import type { MetricValue } from '../../../shared/records/metric-value.ts';
import type { Tracking, TrainingRun } from '../../../shared/records/training-run.ts';
import { MlflowApi, type Run, type Tag } from '../../../shared/registries/mlflow/api.ts';
import { isKeptPath } from '../../../shared/registries/mlflow/artifact-store.ts';
import { attachedContent } from '../../../shared/registries/mlflow/content.ts';
import { ArtifactPlaces } from '../../../shared/registries/mlflow/open-artifacts.ts';
import { metricName } from '../../../shared/registries/mlflow/runs.ts';
import type { AttachedFile } from '../../../shared/registries/registry-interface.ts';
import type { Params } from '../params.ts';
import { findOrCreateRun, OUTCOME_TAG, type RunOrigin, textTags } from './find-run.ts';
import { MetricLog, type MetricPoint } from './metric-log.ts';
import { paramsToLog } from './tracked-params.ts';
import { isRefusal, sentence } from './trouble.ts';

export interface TrackingOptions extends RunOrigin {
  /** As `trackingServer` gives it. */
  server: string;
  params: Params;
  env: NodeJS.ProcessEnv;
  mask: (text: string) => string;
  log: { warning(message: string): void };
  now: () => Date;
  /** Between two attempts. */
  wait: (milliseconds: number) => Promise<void>;
  /** Of the job; the end is written although it is aborted. */
  signal?: AbortSignal;
}

export interface TrackingEnd {
  outcome: TrainingRun['outcome'];
  /** Those of the end: each is logged where the run has no metric of its name. */
  metrics: Readonly<Record<string, MetricValue>>;
  /** A name may be a path, with forward slashes. */
  artifacts?: readonly AttachedFile[];
  tags?: Readonly<Record<string, string>>;
}

const OPEN_MS = 60_000;
const SEND_MS = 50_000;
const FINISH_MS = 180_000;
/** The runner kills what takes longer. */
const CANCELLED_MS = 4_000;
const METRICS_PER_CALL = 1000;
const PARAMS_PER_CALL = 100;

const STATUSES: Record<TrainingRun['outcome'], 'FINISHED' | 'FAILED' | 'KILLED' | undefined> = {
  ...{ succeeded: 'FINISHED', 'stopped-early': 'FINISHED' },
  ...{ failed: 'FAILED', 'timed-out': 'FAILED', stalled: 'FAILED' },
  ...{ 'over-budget': 'KILLED', interrupted: 'KILLED', cancelled: 'KILLED' },
  submitted: undefined,
};

export class TrackingRun {
  readonly #options: TrackingOptions;
  readonly #metrics = new MetricLog();
  readonly #ending = new AbortController();
  #run: { experimentId: string; run: Run } | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isTroubled = false;

  constructor(options: TrackingOptions) {
    this.#options = options;
  }

  /**
   * Finds or makes the run.
   * @throws UserError when the server refuses, as for a wrong account: a person has to mend that, and nothing was paid
   * for yet. A server that cannot be reached is a warning.
   */
  async open(): Promise<void> {
    try {
      await this.#open(this.#api(OPEN_MS, this.#options.signal));
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (isRefusal(error)) throw error;
      this.#warn(error);
    }
  }

  /** Null while the server has not answered yet. */
  get record(): Tracking | null {
    if (!this.#run) return null;
    const { server, experiment } = this.#options;
    const runId = this.#run.run.info.run_id;
    const url = `${server}/#/experiments/${this.#run.experimentId}/runs/${runId}`;
    return { system: 'mlflow', server, experiment, runId, url };
  }

  /** What the command needs, so that its own logging goes to this run; nothing while there is none. */
  get env(): Record<string, string> {
    if (!this.#run) return {};
    return {
      MLFLOW_RUN_ID: this.#run.run.info.run_id,
      MLFLOW_TRACKING_URI: this.#options.server,
      MLFLOW_EXPERIMENT_NAME: this.#options.experiment,
      MLFLOW_EXPERIMENT_ID: this.#run.experimentId,
    };
  }

  /**
   * Takes points and sends what waits. The same points may be given again: each step is sent once. Never fails.
   */
  logHistory(points: readonly MetricPoint[]): Promise<void> {
    this.#metrics.add(points);
    this.#sending = this.#sending.then(async () => {
      if (this.#ending.signal.aborted) return;
      try {
        await this.#send(this.#api(SEND_MS, this.#ending.signal), this.#options.now().getTime());
        this.#isTroubled = false;
      } catch (error) {
        if (!this.#ending.signal.aborted) this.#warn(error);
      }
    });
    return this.#sending;
  }

  /** Sends all that is left and ends the run. Never fails. */
  async finish(end: TrackingEnd): Promise<void> {
    this.#ending.abort(new Error('the training has ended'));
    await this.#sending;
    const isCancelled = end.outcome === 'cancelled' || end.outcome === 'interrupted';
    const api = this.#api(isCancelled ? CANCELLED_MS : FINISH_MS);
    const { warning } = this.#options.log;
    try {
      await this.#send(api, undefined);
      const { run_id: runId } = this.#run!.run.info;
      await this.#describeEnd(api, runId, end);
      if (!isCancelled) await this.#storeArtifacts(api, end.artifacts ?? []);
      const status = STATUSES[end.outcome];
      if (status) await api.finishRun(runId, this.#options.now().getTime(), status);
    } catch (error) {
      warning(`${sentence(error)} The run of MLflow is not complete.`);
    }
    const { lost, hasFractions } = this.#metrics;
    if (lost > 0)
      warning(`MLflow: ${lost} points of metrics came while too many waited, and are not in the run.`);
    if (hasFractions)
      warning(
        `MLflow's steps are whole numbers: of the fractional steps one per whole number is in the run.`,
      );
  }

  async #open(api: MlflowApi): Promise<{ experimentId: string; run: Run }> {
    if (this.#run) return this.#run;
    const { mask, now } = this.#options;
    const found = await findOrCreateRun(api, this.#options, mask, now());
    this.#metrics.begin(found.run.data.metrics);
    this.#run = found;
    return found;
  }

  async #send(api: MlflowApi, now: number | undefined): Promise<void> {
    const { run_id: runId } = (await this.#open(api)).run.info;
    if (this.#metrics.size === 0) return;
    const points = this.#metrics.ready((await this.#current(api)).data.metrics, now);
    for (let start = 0; start < points.length; start += METRICS_PER_CALL) {
      const part = points.slice(start, start + METRICS_PER_CALL);
      await api.logBatch(runId, { metrics: part });
      this.#metrics.sent(part);
    }
  }

  /** Once the script has ended, so that nothing of it can be disturbed. */
  async #describeEnd(api: MlflowApi, runId: string, end: TrackingEnd): Promise<void> {
    const { params, mask, now, log } = this.#options;
    const { data } = await this.#current(api);
    const present = new Set(data.metrics.map(({ key }) => key));
    const at = { timestamp: now().getTime(), step: this.#metrics.lastStep };
    const metrics = Object.entries(end.metrics)
      .map(([name, value]) => ({ key: metricName(name), value, ...at }))
      .filter(({ key }) => !present.has(key));
    const tags: Tag[] = textTags({ ...end.tags, [OUTCOME_TAG]: end.outcome }, mask);
    const { missing, other } = paramsToLog(params, data.params, mask);
    if (other.length > 0)
      log.warning(`MLflow: the script logged another value of ${other.join(', ')}, which stays as it is.`);
    const calls = Math.max(
      1,
      Math.ceil(metrics.length / METRICS_PER_CALL),
      Math.ceil(missing.length / PARAMS_PER_CALL),
    );
    for (let call = 0; call < calls; call++) {
      await api.logBatch(runId, {
        metrics: metrics.slice(call * METRICS_PER_CALL, (call + 1) * METRICS_PER_CALL),
        params: missing.slice(call * PARAMS_PER_CALL, (call + 1) * PARAMS_PER_CALL),
        tags: call === 0 ? tags : [],
      });
    }
  }

  async #storeArtifacts(api: MlflowApi, artifacts: NonNullable<TrackingEnd['artifacts']>): Promise<void> {
    if (artifacts.length === 0) return;
    const { env, wait, log } = this.#options;
    try {
      const store = await new ArtifactPlaces(api.client, { env, wait }).open(
        this.#run!.run.info.artifact_uri,
      );
      for (const file of artifacts) {
        if (isKeptPath(file.name)) await store.put(file.name, await attachedContent(file));
        else log.warning(`MLflow keeps no file of the name ${JSON.stringify(file.name)}: it is left out.`);
      }
    } catch (error) {
      // The run itself is worth more than what lies beside it.
      log.warning(`${sentence(error)} Not all files are with the run of MLflow.`);
    }
  }

  async #current(api: MlflowApi): Promise<Run> {
    const id = this.#run!.run.info.run_id;
    const run = await api.run(id);
    if (run) return run;
    throw new UserError(`The run ${id} is gone from ${this.#options.server}.`);
  }

  #api(milliseconds: number, more?: AbortSignal): MlflowApi {
    const { server, env, wait } = this.#options;
    const late = AbortSignal.timeout(milliseconds);
    const signal = more ? AbortSignal.any([late, more]) : late;
    return new MlflowApi(new TrackingClient(server, { env, wait, signal }));
  }

  #warn(error: unknown): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.#options.log.warning(`${sentence(error)} The training goes on; what is not logged is sent later.`);
  }
}
