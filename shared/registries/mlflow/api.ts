/** The calls of MLflow's REST interface that the adapter makes, their answers checked. */
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { isMissing, type TrackingClient, TrackingRefusal } from '../../mlflow/tracking-client.ts';
import { PageBound } from '../../page-bound.ts';

const API = '/api/2.0/mlflow';
const PAGE = 1000;

const number = z.coerce.number();
const text = z.string().default('');
const tags = z
  .array(z.object({ key: z.string(), value: text }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])));

const versionSchema = z.object({
  version: number,
  creation_timestamp: number.optional(),
  run_id: text,
  source: text,
  status: text,
  status_message: text,
  tags,
});
export type ModelVersion = z.infer<typeof versionSchema>;

const modelSchema = z.object({
  aliases: z.array(z.object({ alias: z.string(), version: number })).default([]),
  tags,
});
export type RegisteredModel = z.infer<typeof modelSchema>;

const runSchema = z.object({
  info: z.object({
    ...{ run_id: z.string(), experiment_id: text, artifact_uri: text },
    start_time: number.default(0),
  }),
  data: z
    .object({
      /** Of each the one of the largest step. */
      metrics: z
        .array(
          z.object({
            key: z.string(),
            value: z.union([z.number(), z.string()]).default(0),
            step: number.default(0),
          }),
        )
        .default([]),
      params: tags,
      tags,
    })
    .prefault({}),
});
export type Run = z.infer<typeof runSchema>;

export interface Tag {
  key: string;
  value: string;
}

/** Where nothing else is said, a call may arrive twice and has then the same effect. */
export class MlflowApi {
  readonly client: TrackingClient;

  constructor(client: TrackingClient) {
    this.client = client;
  }

  /** Versions that are not deleted, by ascending number. @param filter in MLflow's words, besides the name. */
  async versions(name: string, filter = ''): Promise<ModelVersion[]> {
    const page = z.object({ model_versions: z.array(versionSchema).default([]), next_page_token: text });
    const found: ModelVersion[] = [];
    const bound = new PageBound(`the versions of ${name} in ${this.client.server}`);
    let token = '';
    do {
      const query = {
        filter: `name = '${name}'${filter && ` and ${filter}`}`,
        max_results: String(PAGE),
        ...(token && { page_token: token }),
      };
      const answer = await this.#read('model-versions/search', page, query);
      found.push(...answer.model_versions);
      token = answer.next_page_token;
      bound.turn(answer.model_versions.length, token);
    } while (token !== '');
    return found.sort((a, b) => a.version - b.version);
  }

  async version(name: string, version: number): Promise<ModelVersion | undefined> {
    const query = { name, version: String(version) };
    const schema = z.object({ model_version: versionSchema });
    return (await orMissing(this.#read('model-versions/get', schema, query)))?.model_version;
  }

  /** Not to be tried again without looking: a second call creates another version. */
  async createVersionOnce(version: {
    name: string;
    source: string;
    run_id?: string;
    run_link?: string;
    description?: string;
    tags: Tag[];
  }): Promise<ModelVersion> {
    const path = `${API}/model-versions/create`;
    const answer = await this.client.askOnce({ method: 'POST', path, json: version });
    return this.#check(z.object({ model_version: versionSchema }), answer, path).model_version;
  }

  async deleteVersion(name: string, version: number): Promise<void> {
    await orMissing(this.#send('DELETE', 'model-versions/delete', { name, version: String(version) }));
  }

  async setVersionTag(name: string, version: number, { key, value }: Tag): Promise<void> {
    await this.#send('POST', 'model-versions/set-tag', { name, version: String(version), key, value });
  }

  /** That it is gone already, or its version, is no error. */
  async deleteVersionTag(name: string, version: number, key: string): Promise<void> {
    await orMissing(
      this.#send('DELETE', 'model-versions/delete-tag', { name, version: String(version), key }),
    );
  }

  async model(name: string): Promise<RegisteredModel | undefined> {
    const schema = z.object({ registered_model: modelSchema });
    return (await orMissing(this.#read('registered-models/get', schema, { name })))?.registered_model;
  }

  async ensureModel(name: string, description: string): Promise<void> {
    if (await this.model(name)) return;
    await orExists(this.#send('POST', 'registered-models/create', { name, description }));
  }

  async setModelTag(name: string, { key, value }: Tag): Promise<void> {
    await this.#send('POST', 'registered-models/set-tag', { name, key, value });
  }

  async setAlias(name: string, alias: string, version: number): Promise<void> {
    await this.#send('POST', 'registered-models/alias', { name, alias, version: String(version) });
  }

  /** That it is gone already is no error. */
  async deleteAlias(name: string, alias: string): Promise<void> {
    await orMissing(this.#send('DELETE', 'registered-models/alias', { name, alias }));
  }

  /** The id of the experiment, which is created where there is none. @throws UserError when it is deleted. */
  async ensureExperiment(name: string): Promise<string> {
    const found = await this.#experiment(name);
    if (found) return found;
    await orExists(this.#send('POST', 'experiments/create', { name }));
    const created = await this.#experiment(name);
    if (created) return created;
    throw new UserError(`The experiment ${name} was created and cannot be found in MLflow.`);
  }

  /** The id of an experiment, or undefined. @throws UserError when it is deleted. */
  async experiment(name: string): Promise<string | undefined> {
    return this.#experiment(name);
  }

  async #experiment(name: string): Promise<string | undefined> {
    const schema = z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: text }) });
    const query = { experiment_name: name };
    const found = (await orMissing(this.#read('experiments/get-by-name', schema, query)))?.experiment;
    if (found?.lifecycle_stage === 'deleted') {
      throw new UserError(`The experiment ${name} of MLflow is deleted.`, {
        fix: `Restore it with mlflow experiments restore --experiment-id ${found.experiment_id}.`,
      });
    }
    return found?.experiment_id;
  }

  /** Runs that are not deleted and carry a tag, oldest first. */
  async runs(experimentId: string, tag: Tag): Promise<Run[]> {
    const filter = `tags.\`${tag.key}\` = '${tag.value}'`;
    const body = { experiment_ids: [experimentId], filter, max_results: PAGE };
    const schema = z.object({ runs: z.array(runSchema).default([]) });
    const { runs } = this.#check(schema, await this.#send('POST', 'runs/search', body), 'runs/search');
    return runs.sort(
      (a, b) => a.info.start_time - b.info.start_time || (a.info.run_id < b.info.run_id ? -1 : 1),
    );
  }

  /** Not to be tried again without looking: a second call creates another run. */
  async createRunOnce(run: {
    experiment_id: string;
    start_time: number;
    run_name: string;
    tags: Tag[];
  }): Promise<Run> {
    const path = `${API}/runs/create`;
    const answer = await this.client.askOnce({ method: 'POST', path, json: run });
    return this.#check(z.object({ run: runSchema }), answer, path).run;
  }

  async run(runId: string): Promise<Run | undefined> {
    const schema = z.object({ run: runSchema });
    return (await orMissing(this.#read('runs/get', schema, { run_id: runId })))?.run;
  }

  async logBatch(
    runId: string,
    batch: {
      metrics?: { key: string; value: number | string; timestamp: number; step: number }[];
      params?: Tag[];
      tags?: Tag[];
    },
  ): Promise<void> {
    await this.#send('POST', 'runs/log-batch', { run_id: runId, ...batch });
  }

  async logInputs(runId: string, datasets: unknown[]): Promise<void> {
    await this.#send('POST', 'runs/log-inputs', { run_id: runId, datasets });
  }

  async finishRun(runId: string, endTime: number, status = 'FINISHED'): Promise<void> {
    await this.#send('POST', 'runs/update', { run_id: runId, status, end_time: endTime });
  }

  /** Takes up a run that was ended. */
  async resumeRun(runId: string): Promise<void> {
    await this.#send('POST', 'runs/update', { run_id: runId, status: 'RUNNING' });
  }

  async deleteRun(runId: string): Promise<void> {
    await orMissing(this.#send('POST', 'runs/delete', { run_id: runId }));
  }

  async #read<Schema extends z.ZodType>(
    call: string,
    schema: Schema,
    query: Record<string, string>,
  ): Promise<z.output<Schema>> {
    const path = `${API}/${call}`;
    return this.#check(schema, await this.client.ask({ method: 'GET', path, query }), path);
  }

  #send(method: 'POST' | 'DELETE', call: string, json: unknown): Promise<unknown> {
    return this.client.ask({ method, path: `${API}/${call}`, json });
  }

  #check<Schema extends z.ZodType>(schema: Schema, answer: unknown, path: string): z.output<Schema> {
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const { path: at = [], message = '' } = parsed.error.issues[0] ?? {};
    throw new UserError(
      `${this.client.server} does not answer ${path} as an MLflow server: ${at.join('.')}: ${message}.`,
      { fix: 'Check the address; MLflow 2.3 and newer are understood.' },
    );
  }
}

async function orMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
  return work.catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

async function orExists(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof TrackingRefusal) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
  });
}
