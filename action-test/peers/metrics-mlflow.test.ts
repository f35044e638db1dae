/** The gate on runs of a live MLflow 3, also of one that asks who asks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoggedRun, logRuns, testRuns, valuesOf } from './mlflow-runs.ts';
import { type MlflowServer, mlflowPython, requireMlflow, startMlflow } from './mlflow-server.ts';

const ACCOUNT = { username: 'ann', password: 'pass:word of a test' };

requireMlflow();

describe.skipIf(!mlflowPython)('a live MLflow 3', () => testRuns(mlflowPython!));

describe.skipIf(!mlflowPython)("MLflow's accounts", () => {
  let server: MlflowServer;
  let run: LoggedRun;
  beforeAll(async () => {
    server = await startMlflow({ account: ACCOUNT });
    run = logRuns(server, mlflowPython!, 'challenger').challenger!;
  });
  afterAll(() => server?.close());

  const read = (env: NodeJS.ProcessEnv) => valuesOf(`mlflow:${server.url}/runs/${run.id}`, env);

  test('the account of the environment opens the run', async () => {
    expect(await read(server.env)).toMatchObject({ val_roc_auc: 0.89 });
  });

  test.each([
    ['none', {}],
    ['a wrong one', { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'wrong' }],
    ['a token', { MLFLOW_TRACKING_TOKEN: 'wrong' }],
  ])('%s is refused, and the sentence says what to set', async (_, env) => {
    await expect(read(env)).rejects.toMatchObject({
      message: expect.stringContaining('answered 401'),
      fix: expect.stringContaining('MLFLOW_TRACKING_PASSWORD'),
    });
  });
});
