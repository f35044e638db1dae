/** The adapter of MLflow against a real tracking server: the version that is current, its faults, its accounts. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { meetEveryFault, startFaultProxy } from '../../shared/testing/fault-proxy.ts';
import { openModel, testRegistry } from './mlflow-registry.ts';
import { mlflowPython, requireMlflow, startMlflow } from './mlflow-server.ts';

requireMlflow();

describe.skipIf(!mlflowPython)('MLflow', () => {
  const server = testRegistry(mlflowPython!);

  test('of an upload that is interrupted anywhere one whole version is left after another run', async () => {
    const proxy = await startFaultProxy(server().url);
    const folder = await mkdtemp(join(tmpdir(), 'mlflow-interrupted-'));
    const model = join(folder, 'model');
    await mkdir(model);
    let jobs = 0;
    for (const name of ['a.bin', 'b.bin']) await writeFile(join(model, name), name);
    const record = { role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('{}') }] };
    try {
      const met = await meetEveryFault(proxy, async () => {
        const name = `interrupted-${jobs++}`;
        return {
          run: async () => (await openModel(proxy.url, name)).pushModel(model, { attachments: [record] }),
          check: async () => {
            const [version, ...others] = await modelVersions(server().url, name);
            expect(others).toEqual([]);
            const registry = await openModel(server().url, name);
            const { digest } = (await registry.versions())[0]!;
            expect(version).toMatchObject({ status: 'READY', tags: [{ value: digest }, {}] });
            await registry.pullModel(digest, join(folder, name));
            const [file] = await registry.attachments(digest, 'Evaluation');
            expect(Buffer.from(await file!.read()).toString()).toBe('{}');
          },
        };
      }, ['killed-after']);
      expect(met.length).toBeGreaterThan(10);
    } finally {
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('asks for an account, and says so to whom has none', async () => {
    const account = { username: 'trainer', password: 'correct horse battery' };
    const guarded = await startMlflow({ account });
    const folder = await mkdtemp(join(tmpdir(), 'mlflow-account-'));
    try {
      await writeFile(join(folder, 'model.pkl'), 'weights');
      const wrong = 'wrong horse battery';
      for (const env of [
        {},
        { MLFLOW_TRACKING_USERNAME: account.username, MLFLOW_TRACKING_PASSWORD: wrong },
      ]) {
        const refused = await openModel(guarded.url, 'churn', env);
        const failure = await refused.pushModel(folder).catch((error: unknown) => error);
        expect(failure).toMatchObject({
          name: 'UserError',
          message: expect.stringContaining(`${guarded.url} answered 401`),
          fix: expect.stringContaining('MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'),
        });
        expect(String(failure)).not.toContain(wrong);
      }
      const registry = await openModel(guarded.url, 'churn', guarded.env);
      // Not more: the server takes a quarter of a second to check the password of each request.
      expect(await registry.pushModel(folder)).toMatchObject({ created: true });
    } finally {
      await guarded.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function modelVersions(url: string, name: string): Promise<unknown[]> {
  const query = new URLSearchParams({ filter: `name = '${name}'` });
  const response = await fetch(`${url}/api/2.0/mlflow/model-versions/search?${query}`);
  return ((await response.json()) as { model_versions?: unknown[] }).model_versions ?? [];
}
