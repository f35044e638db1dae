/** The calls of MLflow's REST interface, over what the server holds in memory. */
import { randomUUID } from 'node:crypto';
import { invalid, MlflowRefusal } from './mlflow-refusal.ts';
import type { ArtifactFiles } from './mlflow-server-artifacts.ts';

export interface MlflowServerOptions {
  /** Where runs keep their artifacts; `mlflow-artifacts:/` is what the server hands on itself. */
  artifactRoot?: string;
  /** Whether it signs addresses for uploads in parts, as it does before a bucket. */
  multipart?: boolean;
  /** What must stand in the Authorization header. */
  authorization?: string;
  /** While it says so, every request is answered 503. */
  isDown?: () => boolean;
}

interface Version {
  name: string;
  version: string;
  creation_timestamp: number;
  run_id: string;
  source: string;
  status: string;
  description: string;
  run_link: string;
  tags: Tag[];
}

interface Tag {
  key: string;
  value: string;
}

interface Run {
  info: Record<string, unknown> & { run_id: string; experiment_id: string; artifact_uri: string };
  data: {
    metrics: { key: string; value: unknown; timestamp: number; step: number }[];
    params: Tag[];
    tags: Tag[];
  };
  inputs: unknown[];
  isDeleted: boolean;
}

export interface MlflowState {
  models: Map<string, { tags: Tag[]; aliases: Map<string, string>; versions: Version[]; next: number }>;
  experiments: Map<string, string>;
  runs: Map<string, Run>;
  artifacts: ArtifactFiles;
}

const missing = (message: string) => new MlflowRefusal(404, 'RESOURCE_DOES_NOT_EXIST', message);
const exists = (message: string) => new MlflowRefusal(400, 'RESOURCE_ALREADY_EXISTS', message);

/** Whatever a call may be given; which of it, the call knows. */
export interface Given {
  name: string;
  version: string;
  alias: string;
  key: string;
  value: string;
  source: string;
  run_id: string;
  run_link?: string;
  run_name?: string;
  description?: string;
  tags?: Tag[];
  filter: string;
  max_results?: string;
  page_token?: string;
  experiment_name: string;
  experiment_id: string;
  experiment_ids: string[];
  status: string;
  start_time: number;
  metrics: Run['data']['metrics'];
  params: Tag[];
  datasets: unknown[];
}

type Handler = (given: Given, state: MlflowState, options: MlflowServerOptions) => unknown;

/** By `METHOD call`. */
export const handlers: Record<string, Handler> = {
  'POST registered-models/create': ({ name }, { models }) => {
    if (models.has(name)) throw exists(`Registered Model (name=${name}) already exists.`);
    models.set(name, { tags: [], aliases: new Map(), versions: [], next: 1 });
  },
  'GET registered-models/get': ({ name }, state) => {
    const { tags, aliases } = model(state, name);
    const named = [...aliases].map(([alias, version]) => ({ alias, version }));
    return {
      registered_model: {
        name,
        ...(tags.length > 0 && { tags }),
        ...(named.length > 0 && { aliases: named }),
      },
    };
  },
  'POST registered-models/set-tag': ({ name, ...tag }, state) => setTag(model(state, name).tags, tag),
  'POST registered-models/alias': ({ name, alias, version: number }, state) => {
    if (/^(latest|v\d+)$/i.test(alias)) throw invalid(`'${alias}' alias name is reserved.`);
    version(state, name, number);
    model(state, name).aliases.set(alias, number);
  },
  'DELETE registered-models/alias': ({ name, alias }, state) => {
    model(state, name).aliases.delete(alias);
  },
  'POST model-versions/create': (
    { name, source, run_id, run_link = '', description = '', tags = [] },
    state,
  ) => {
    const owner = model(state, name);
    if (source.startsWith('mlflow-artifacts:')) {
      const root = state.runs.get(run_id)?.info.artifact_uri;
      if (!root || !source.startsWith(`${root}/`))
        throw invalid(`Invalid model version source: '${source}'.`);
    }
    checkTags(tags);
    const created = {
      ...{ name, source, run_id, run_link, description },
      tags: structuredClone(tags),
      version: String(owner.next++),
      creation_timestamp: Date.now(),
      status: 'READY',
    };
    owner.versions.push(created);
    return { model_version: created };
  },
  'GET model-versions/get': ({ name, version: number }, state) => ({
    model_version: version(state, name, number),
  }),
  'GET model-versions/search': ({ filter, page_token = '0' }, { models }) => {
    const [, name = ''] = /^name = '([^']*)'/.exec(filter) ?? [];
    const [, key, value] = / and tags\.`([^`]*)` = '([^']*)'$/.exec(filter) ?? [];
    const found = (models.get(name)?.versions ?? [])
      .filter(({ tags }) => !key || tags.some((tag) => tag.key === key && tag.value === value))
      .reverse();
    // Two a page, whatever is asked for, so that clients have to turn the pages.
    const start = Number(page_token);
    return {
      ...(found.length > 0 && { model_versions: found.slice(start, start + 2) }),
      ...(found.length > start + 2 && { next_page_token: String(start + 2) }),
    };
  },
  'POST model-versions/set-tag': ({ name, version: number, ...tag }, state) =>
    setTag(version(state, name, number).tags, tag),
  'DELETE model-versions/delete-tag': ({ name, version: number, key }, state) => {
    const found = version(state, name, number);
    found.tags = found.tags.filter((tag) => tag.key !== key);
  },
  'DELETE model-versions/delete': ({ name, version: number }, state) => {
    version(state, name, number);
    const owner = model(state, name);
    owner.versions = owner.versions.filter((entry) => entry.version !== number);
    for (const [alias, named] of owner.aliases) if (named === number) owner.aliases.delete(alias);
  },
  'POST experiments/create': ({ name }, { experiments }) => {
    if (experiments.has(name)) throw exists(`Experiment '${name}' already exists.`);
    experiments.set(name, String(experiments.size + 1));
    return { experiment_id: experiments.get(name) };
  },
  'GET experiments/get-by-name': ({ experiment_name: name }, { experiments }) => {
    const experiment_id = experiments.get(name);
    if (!experiment_id) throw missing(`Could not find experiment with name '${name}'`);
    return { experiment: { experiment_id, name, lifecycle_stage: 'active' } };
  },
  'POST runs/create': ({ experiment_id, run_name, start_time, tags = [] }, { runs }, { artifactRoot }) => {
    const run_id = randomUUID().replaceAll('-', '');
    const artifact_uri = `${artifactRoot ?? 'mlflow-artifacts:'}/${experiment_id}/${run_id}/artifacts`;
    const info = { run_id, experiment_id, artifact_uri, run_name, start_time, status: 'RUNNING' };
    const data = { metrics: [], params: [], tags: structuredClone(tags) };
    const run = { info, data, inputs: [], isDeleted: false };
    runs.set(run_id, run);
    return { run: asAnswer(run) };
  },
  'POST runs/search': ({ experiment_ids, filter }, { runs }) => {
    const [, key, value] = /^tags\.`([^`]*)` = '([^']*)'$/.exec(filter) ?? [];
    const found = [...runs.values()].filter(
      ({ info, data, isDeleted }) =>
        !isDeleted &&
        experiment_ids.includes(info.experiment_id) &&
        data.tags.some((tag) => tag.key === key && tag.value === value),
    );
    return found.length > 0 ? { runs: found.map(asAnswer) } : {};
  },
  'GET runs/get': ({ run_id }, state) => ({ run: asAnswer(run(state, run_id)) }),
  'POST runs/log-batch': ({ run_id, metrics = [], params = [], tags = [] }, state) => {
    if (metrics.length > 1000 || tags.length > 100 || params.length > 100)
      throw invalid('A batch logging request can contain at most …');
    if (metrics.some(({ step }) => !Number.isInteger(step)))
      throw invalid("Invalid value for parameter 'step'");
    const { data } = run(state, run_id);
    for (const { key, value } of params) {
      const before = data.params.find((param) => param.key === key);
      if (before && before.value !== value)
        throw invalid(
          `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before.value}'`,
        );
      if (value.length > 6000) throw invalid(`Param value length exceeds`);
    }
    for (const param of params)
      if (!data.params.some(({ key }) => key === param.key)) data.params.push(param);
    for (const metric of metrics) {
      const isThere = data.metrics.some((known) => JSON.stringify(known) === JSON.stringify(metric));
      if (!isThere) data.metrics.push(metric);
    }
    for (const tag of tags) setTag(data.tags, tag);
  },
  'POST runs/log-inputs': ({ run_id, datasets }, state) => void run(state, run_id).inputs.push(...datasets),
  'POST runs/update': ({ run_id, status }, state) => {
    run(state, run_id).info.status = status;
  },
  'POST runs/delete': ({ run_id }, state) => {
    run(state, run_id).isDeleted = true;
  },
};

/** Of a metric that was logged more than once the largest step counts, and of one step the last. */
function asAnswer({ info, data }: Run): unknown {
  const last = new Map<string, Run['data']['metrics'][number]>();
  for (const metric of data.metrics) {
    if (metric.step >= (last.get(metric.key)?.step ?? Number.NEGATIVE_INFINITY)) last.set(metric.key, metric);
  }
  const { params, tags } = data;
  const metrics = [...last.values()];
  return {
    info,
    data: { ...(metrics.length > 0 && { metrics }), ...(params.length > 0 && { params }), tags },
  };
}

function model({ models }: MlflowState, name: string) {
  const found = models.get(name);
  if (!found) throw missing(`Registered Model with name=${name} not found`);
  return found;
}

function version(state: MlflowState, name: string, number: string): Version {
  const found = state.models.get(name)?.versions.find((entry) => entry.version === number);
  if (!found) throw missing(`Model Version (name=${name}, version=${number}) not found`);
  return found;
}

function run({ runs }: MlflowState, id: string): Run {
  const found = runs.get(id);
  if (!found || found.isDeleted) throw missing(`Run with id=${id} not found`);
  return found;
}

function setTag(tags: Tag[], { key, value }: Tag): void {
  checkTags([{ key, value }]);
  const present = tags.find((tag) => tag.key === key);
  if (present) present.value = value;
  else tags.push({ key, value });
}

/** The limits of MLflow 2, which are the narrower ones. */
function checkTags(tags: readonly Tag[]): void {
  for (const { key, value } of tags) {
    if (!/^[\w.\-/: ]{1,250}$/.test(key))
      throw invalid(`Invalid value "${key}" for parameter 'key' supplied`);
    if (value.length > 5000) throw invalid(`'value' exceeds the maximum length of 5000 characters`);
  }
}
