/** The adapter of MLflow against a real tracking server and its own client for Python: for any version. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRegistry, parseRegistry, type Registry } from '../../shared/registries/registry.ts';
import { describeRegistry } from '../../shared/testing/registry-suite.ts';
import { type MlflowOptions, type MlflowServer, startMlflow } from './mlflow-server.ts';

const CAPABILITIES = {
  atomicAlias: false,
  atomicRemove: true,
  atomicAttach: true,
  nativeStanding: true,
  freesBytes: true,
};

export const openModel = (url: string, name: string, env: NodeJS.ProcessEnv = {}): Promise<Registry> =>
  openRegistry(parseRegistry(`mlflow:${url}`, name), { env, wait: async () => undefined });

/** Registers the tests. @returns the server, there once they run. */
export function testRegistry(python: string, options: MlflowOptions = {}): () => MlflowServer {
  let server: MlflowServer;
  let folder: string;
  let names = 0;

  beforeAll(async () => {
    server = await startMlflow({ python, ...options });
    folder = await mkdtemp(join(tmpdir(), 'mlflow-registry-'));
  });
  afterAll(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  describeRegistry('a tracking server', CAPABILITIES, async () => {
    const location = parseRegistry(`mlflow:${server.url}`, `churn-${names++}`);
    return { open: (given) => openRegistry(location, { ...given, env: {} }) };
  });

  /** What MLflow's own client does and sees. */
  function client<Answer>(...words: string[]): Answer {
    const script = fileURLToPath(new URL('mlflow_client.py', import.meta.url));
    const output = execFileSync(python, [script, ...words], {
      env: server.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Answer;
  }

  test('its own client loads what was registered, and sees what is known about it', async () => {
    const flavour = join(folder, 'flavour');
    const { predictions } = client<{ predictions: number[] }>('save', flavour);
    const registry = await openModel(server.url, 'flavour');
    const metrics = { roc_auc: 0.9375, log_loss: Number.POSITIVE_INFINITY, 'f1@macro': 0.5 };
    const { digest } = await registry.pushModel(flavour, {
      attachments: [{ role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('{}') }] }],
      details: {
        description: 'Tells flowers apart.',
        tags: { team: 'botany' },
        metrics,
        source: {
          repository: 'https://github.com/acme/iris',
          commit: 'c'.repeat(40),
          runUrl: 'https://ci.test/1',
        },
        inputs: [{ role: 'train', name: 'iris.csv', digest: `sha256:${'1'.repeat(64)}` }],
        parent: null,
        standing: { approval: 'pending' },
      },
    });
    await registry.moveAlias('champion', { to: digest });
    await registry.pullModel(digest, join(folder, 'pulled'));
    expect(client('load', 'flavour', 'champion', join(folder, 'pulled'))).toMatchObject({
      predictions,
      from_folder: predictions,
      version: '1',
      aliases: ['champion'],
      description: 'Tells flowers apart.',
      tags: { team: 'botany', 'mlops.digest': digest, 'mlops.approval': 'pending' },
      run_link: 'https://ci.test/1',
      metrics: { roc_auc: 0.9375, f1_macro: 0.5 },
      commit: 'c'.repeat(40),
      datasets: [['iris.csv', '1'.repeat(36), 'train']],
      run_status: 'FINISHED',
    });
    expect(await registry.standing(digest)).toEqual({ approval: 'approved' });
  });

  return () => server;
}
