import { randomUUID } from 'node:crypto';
import { UserError } from '../../../shared/errors.ts';
import type { RecordSource } from '../../../shared/records/envelope.ts';
import type { MlflowApi, Run, Tag } from '../../../shared/registries/mlflow/api.ts';
import { shortened } from '../../../shared/registries/mlflow/tags.ts';

export interface RunOrigin {
  experiment: string;
  /** Of the model. */
  name: string;
  /** The same only for the same training: command, parameters, data and seed. */
  work: string;
  /** Whether the command goes on from checkpoints of that work, and so the run does. */
  resumes: boolean;
  source: RecordSource;
  tags?: Readonly<Record<string, string>>;
  env: NodeJS.ProcessEnv;
  /** A run that is there already: none is looked for, and none made. */
  runId?: string;
}

export const OUTCOME_TAG = 'mlops.outcome';
const WORK_TAG = 'mlops.work';
const JOB_TAG = 'mlops.github-run';
/** Of a run: which call made it, so that a call whose answer was lost is not made again. */
const CALL_TAG = 'mlops.call';
/** Such a training has its end: nothing goes on with it. */
const FINISHED = ['succeeded', 'stopped-early'];

/**
 * The run that is named, that of an earlier attempt at the same work which was not finished, or a new one.
 * @throws UserError where the named one is gone.
 */
export async function findOrCreateRun(
  api: MlflowApi,
  origin: RunOrigin,
  mask: (text: string) => string,
  now: Date,
): Promise<{ experimentId: string; run: Run }> {
  if (origin.runId !== undefined) return takeUp(api, origin.runId);
  const experimentId = await api.ensureExperiment(origin.experiment);
  const earlier = origin.resumes ? await findUnfinished(api, experimentId, origin) : undefined;
  if (earlier) {
    await api.resumeRun(earlier.info.run_id);
    return { experimentId, run: earlier };
  }
  const call = { key: CALL_TAG, value: randomUUID() };
  const tags = [...textTags(tagsOf(origin), mask), call];
  const run_name = `${origin.name}${origin.env.GITHUB_RUN_NUMBER ? ` #${origin.env.GITHUB_RUN_NUMBER}` : ''}`;
  const run = await api.client.retry(async () => {
    const [made] = await api.runs(experimentId, call);
    return (
      made ?? api.createRunOnce({ experiment_id: experimentId, start_time: now.getTime(), run_name, tags })
    );
  });
  return { experimentId, run };
}

async function takeUp(api: MlflowApi, id: string): Promise<{ experimentId: string; run: Run }> {
  const run = await api.run(id);
  if (!run) throw new UserError(`The MLflow run ${id} of this training is gone.`);
  await api.resumeRun(id);
  return { experimentId: run.info.experiment_id, run };
}

/** Of this run of the workflow, else the newest: checkpoints in a store outlive a run. */
async function findUnfinished(
  api: MlflowApi,
  experimentId: string,
  origin: RunOrigin,
): Promise<Run | undefined> {
  const runs = await api.runs(experimentId, { key: WORK_TAG, value: origin.work });
  const open = runs.filter(({ data }) => !FINISHED.includes(data.tags[OUTCOME_TAG] ?? '')).reverse();
  const job = origin.env.GITHUB_RUN_ID;
  return open.find(({ data }) => job !== undefined && data.tags[JOB_TAG] === job) ?? open[0];
}

function tagsOf({ name, work, source, tags, env }: RunOrigin): Record<string, string | null | undefined> {
  return {
    ...tags,
    'mlflow.user': env.GITHUB_ACTOR || env.USER,
    'mlflow.source.type': 'JOB',
    'mlflow.source.name': source.runUrl ?? source.repository,
    'mlflow.source.git.repoURL': source.repository,
    'mlflow.source.git.commit': source.commit,
    'mlflow.source.git.branch': env.GITHUB_HEAD_REF || env.GITHUB_REF_NAME,
    'mlops.name': name,
    [WORK_TAG]: work,
    [JOB_TAG]: env.GITHUB_RUN_ID,
  };
}

/** Without those that are empty. */
export function textTags(
  tags: Readonly<Record<string, string | null | undefined>>,
  mask: (text: string) => string,
): Tag[] {
  return Object.entries(tags).flatMap(([key, value]) =>
    value ? [{ key: key.replace(/[^\w.\-/: ]/g, '_').slice(0, 250), value: shortened(mask(value)) }] : [],
  );
}
