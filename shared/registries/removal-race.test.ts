/** A removal and an alias that moves to the same version, one of them done before each request of the other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFakeAws } from '../../action-test/sagemaker/fake.ts';
import { type FaultProxy, startFaultProxy } from '../testing/fault-proxy.ts';
import { startMlflowServer } from '../testing/mlflow-server.ts';
import { startOciServer } from '../testing/oci-server.ts';
import { openRegistry, parseRegistry, type Registry } from './registry.ts';

interface Stage {
  url: string;
  /** @param url of the server, or of the proxy before it. */
  open(url: string, name: string): Promise<Registry>;
  close(): Promise<void>;
}

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'race-'));
  for (const name of ['a', 'b']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'model.bin'), name);
  }
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

const wait = async () => undefined;

async function startOci(referrersApi: boolean): Promise<Stage> {
  const server = await startOciServer({ referrersApi });
  const open = (url: string, name: string) =>
    openRegistry(parseRegistry(`oci://${new URL(url).host}/team`, name), {
      env: { DOCKER_CONFIG: folder, HOME: folder },
      wait,
    });
  return { url: `http://${server.host}`, open, close: server.close };
}

const stages: [title: string, start: () => Promise<Stage>][] = [
  ['a registry with the referrers API', () => startOci(true)],
  ['a registry without it', () => startOci(false)],
  [
    'MLflow',
    async () => {
      const { url, close } = await startMlflowServer();
      const open = (address: string, name: string) =>
        openRegistry(parseRegistry(`mlflow:${address}`, name), { env: {}, wait });
      return { url, open, close };
    },
  ],
  [
    'SageMaker',
    async () => {
      const { url, env, close } = await startFakeAws();
      const open = (AWS_ENDPOINT_URL: string, name: string) =>
        openRegistry(parseRegistry('sagemaker:', name), { env: { ...env, AWS_ENDPOINT_URL }, wait });
      return { url, open, close };
    },
  ],
];

const outers = ['removal', 'move'] as const;
const cases = stages.flatMap(([title, start]) => outers.map((outer) => ({ title, start, outer })));

test.each(cases)('in $title, before every request of the $outer', async ({ title, start, outer }) => {
  const stage = await start();
  closing.push(stage.close);
  const proxy: FaultProxy = await startFaultProxy(stage.url);
  closing.push(proxy.close);
  const met = new Set<string>();
  for (let index = 0; ; index++) {
    const name = `churn-${index}`;
    const direct = await stage.open(stage.url, name);
    const { digest } = await direct.pushModel(join(folder, 'a'));
    const before = (await direct.pushModel(join(folder, 'b'))).digest;
    await direct.moveAlias('champion', { to: before });
    const work = {
      removal: (registry: Registry) => registry.remove(digest),
      // The one has a version to go back to, the other has none.
      move: async (registry: Registry) => {
        await registry.moveAlias(index % 2 === 0 ? 'champion' : 'staging', { to: digest });
      },
    };
    const inner = outer === 'move' ? 'removal' : 'move';
    let meanwhile: Promise<PromiseSettledResult<void>[]> | undefined;
    proxy.before(index, () => {
      meanwhile = Promise.allSettled([stage.open(stage.url, name).then(work[inner])]);
      return meanwhile;
    });
    const [own] = await Promise.allSettled([stage.open(proxy.url, name).then(work[outer])]);
    if (!proxy.hasStruck()) break;
    const [other] = (await meanwhile) ?? [];
    const results = { [outer]: own?.status, [inner]: other?.status };
    met.add(`${results.removal} ${results.move}`);
    const registry = await stage.open(stage.url, name);
    const where = `before ${proxy.requests[index]} (${index})`;
    const isThere = (await registry.resolve(digest)) !== undefined;
    expect({ where, isThere }).toEqual({ where, isThere: results.removal === 'rejected' });
    const { champion, staging } = await registry.aliases();
    // Without an end to the removal, and where tags cannot be deleted, the alias stays with the version.
    const isLeft = isThere && title !== 'MLflow' && title !== 'SageMaker' && staging === digest;
    const moved = results.move === 'fulfilled' || isLeft ? digest : undefined;
    expect({ where, champion, staging }).toEqual({
      where,
      ...(index % 2 === 0
        ? { champion: moved ?? before, staging: undefined }
        : { champion: before, staging: moved }),
    });
    if (isThere) await registry.pullModel(digest, join(folder, `out-${index}`));
  }
  expect([...met].sort()).toEqual(expect.arrayContaining(['fulfilled rejected', 'rejected fulfilled']));
});
