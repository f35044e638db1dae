/**
 * Every version has a run of its own in the experiment named as the model: its artifacts are the files, and MLflow's
 * pages show its metrics, its source and its data.
 */
import { metricValue } from '../../records/metric-value.ts';
import type { VersionDetails } from '../registry-interface.ts';
import type { MlflowApi, Run, Tag } from './api.ts';
import { ARTIFACTS_TAG, DIGEST_TAG, shortened } from './tags.ts';

/** MLflow's limits of one call. */
const METRICS_PER_CALL = 1000;
const TAGS_PER_CALL = 100;
const LONGEST_METRIC = 250;
const LONGEST_DATASET_NAME = 500;
const DATASET_DIGEST = 36;

const NOTE_TAG = 'mlflow.note.content';

export interface RunSubject {
  name: string;
  digest: string;
  /** Where the bytes go when they do not go with the run. */
  artifacts?: string;
}

/** The runs of a digest that are not deleted, oldest first. */
export async function findRuns(api: MlflowApi, name: string, digest: string): Promise<Run[]> {
  const experiment = await api.experiment(name);
  return experiment ? api.runs(experiment, { key: DIGEST_TAG, value: digest }) : [];
}

/** The run of a digest, created where there is none; of several the oldest, so that jobs that began at once agree. */
export async function ensureRun(api: MlflowApi, subject: RunSubject, now: Date): Promise<Run> {
  const { name, digest, artifacts } = subject;
  const experiment = await api.ensureExperiment(name);
  const find = async () => (await api.runs(experiment, { key: DIGEST_TAG, value: digest }))[0];
  const run = await api.client.retry(async () => {
    // Looked for before every attempt: one that was not answered may have taken effect.
    const found = await find();
    if (found) return found;
    const tags = [
      { key: DIGEST_TAG, value: digest },
      ...(artifacts ? [{ key: ARTIFACTS_TAG, value: artifacts }] : []),
    ];
    const run_name = `${name} ${digest.slice(0, 'sha256:'.length + 12)}`;
    return api.createRunOnce({ experiment_id: experiment, start_time: now.getTime(), run_name, tags });
  });
  return (await find()) ?? run;
}

/** Writes what MLflow's pages show of a run; what is there already is not written again. */
export async function describeRun(
  api: MlflowApi,
  run: Run,
  details: VersionDetails,
  now: Date,
): Promise<void> {
  const { run_id: runId } = run.info;
  const present = new Map(run.data.metrics.map(({ key, value }) => [key, String(value)]));
  const metrics = Object.entries(details.metrics)
    .map(([name, value]) => ({ key: metricName(name), value: metricValue(value) }))
    .filter(({ key, value }) => present.get(key) !== String(value))
    .map((metric) => ({ ...metric, timestamp: now.getTime(), step: 0 }));
  const tags = runTags(details).filter(({ key, value }) =>
    // A person may have written another note since.
    key === NOTE_TAG ? run.data.tags[key] === undefined : run.data.tags[key] !== value,
  );
  const calls = Math.max(
    Math.ceil(metrics.length / METRICS_PER_CALL),
    Math.ceil(tags.length / TAGS_PER_CALL),
  );
  for (let call = 0; call < calls; call++) {
    await api.logBatch(runId, {
      metrics: metrics.slice(call * METRICS_PER_CALL, (call + 1) * METRICS_PER_CALL),
      tags: tags.slice(call * TAGS_PER_CALL, (call + 1) * TAGS_PER_CALL),
    });
  }
  if (details.inputs.length > 0) await api.logInputs(runId, details.inputs.map(dataset));
}

function runTags({ source, description }: VersionDetails): Tag[] {
  const { repository, commit, runUrl } = source;
  const tags = {
    'mlflow.source.type': 'JOB',
    'mlflow.source.name': runUrl,
    'mlflow.source.git.repoURL': repository,
    'mlflow.source.git.commit': commit,
    [NOTE_TAG]: description,
  };
  return Object.entries(tags).flatMap(([key, value]) => (value ? [{ key, value: shortened(value) }] : []));
}

/** MLflow keeps the first signs of a digest; the whole of it is in the source. */
function dataset({ role, name, digest }: VersionDetails['inputs'][number]): unknown {
  return {
    tags: [{ key: 'mlflow.data.context', value: shortened(role, 500) }],
    dataset: {
      name: shortened(name || role, LONGEST_DATASET_NAME),
      digest: digest.replace(/^sha256:/, '').slice(0, DATASET_DIGEST),
      // The one kind of source whose content MLflow's client takes as it is.
      source_type: 'code',
      source: JSON.stringify({ tags: { 'mlflow.source.name': name, digest } }),
    },
  };
}

/** MLflow's names of metrics have fewer signs; the attached Evaluation has the name as it is. */
export function metricName(name: string): string {
  return name
    .replace(/[^\w.\- /]/g, '_')
    .replace(/(^|\/)(\.{0,2})(?=\/|$)/g, '$1_')
    .slice(0, LONGEST_METRIC);
}
