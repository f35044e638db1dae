import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  FAULTS,
  type Fault,
  type FaultProxy,
  meetEveryFault,
  startFaultProxy,
} from '../../testing/fault-proxy.ts';
import { type FakeMlflow, startMlflowServer } from '../../testing/mlflow-server.ts';
import { openRegistry, parseRegistry, type Registry, type VersionDetails } from '../registry.ts';

let server: FakeMlflow;
let proxy: FaultProxy;
let folder: string;
let names: number;

beforeEach(async () => {
  server = await startMlflowServer();
  proxy = await startFaultProxy(server.url);
  folder = await mkdtemp(join(tmpdir(), 'mlflow-'));
  await mkdir(join(folder, 'model', 'sub'), { recursive: true });
  await writeFile(join(folder, 'model', 'model.pkl'), 'weights');
  await writeFile(join(folder, 'model', 'sub', 'config.json'), '{}');
  names = 0;
});
afterEach(async () => {
  await proxy.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (name: string, url = proxy.url): Promise<Registry> =>
  openRegistry(parseRegistry(`mlflow:${url}`, name), { env: {}, wait: async () => undefined });

const KILLED: Fault[] = ['killed-before', 'killed-after'];
const evaluation = { role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('{"a":1}') }] };
const details: VersionDetails = {
  description: 'A model.',
  tags: { team: 'growth' },
  metrics: { roc_auc: 0.9 },
  source: { repository: 'acme/churn', commit: 'c'.repeat(40), runUrl: 'https://ci.test/1' },
  inputs: [{ role: 'train', name: 'rows.csv', digest: `sha256:${'1'.repeat(64)}` }],
  parent: null,
  standing: { approval: 'pending' },
};

/** What MLflow itself holds of a name, past the adapter. */
function held(name: string) {
  const { versions = [], aliases } = server.models.get(name) ?? {};
  const runs = [...server.runs.values()].filter(({ info, isDeleted }) => {
    return !isDeleted && info.experiment_id === server.experiments.get(name);
  });
  const folderOfRuns = `${server.experiments.get(name)}/`;
  const files = [...server.artifacts.keys()].filter((path) => path.startsWith(folderOfRuns));
  return { versions, aliases, runs, files };
}

describe('whatever request is refused once, lost, or the last one before the process is killed', () => {
  test('a registration makes one version, whole, after another run', async () => {
    const met = await meetEveryFault(proxy, async () => {
      const name = `churn-${names++}`;
      const model = join(folder, 'model');
      return {
        run: async () => (await open(name)).pushModel(model, { attachments: [evaluation], details }),
        check: async () => {
          const { versions, runs } = held(name);
          expect(versions).toHaveLength(1);
          // Nor was another made and removed again.
          expect(server.models.get(name)?.next).toBe(2);
          expect(runs).toHaveLength(1);
          const [metric, ...others] = runs[0]!.data.metrics;
          expect(metric).toMatchObject({ key: 'roc_auc', value: 0.9 });
          expect(others).toEqual([]);
          const registry = await open(name, server.url);
          const [version] = await registry.versions();
          await registry.pullModel(version!.digest, join(folder, name));
          expect(await registry.standing(version!.digest)).toMatchObject({ approval: 'pending' });
          const [file] = await registry.attachments(version!.digest, 'Evaluation');
          expect(Buffer.from(await file!.read()).toString()).toBe('{"a":1}');
        },
      };
    });
    for (const fault of FAULTS) {
      expect(met.filter((each) => each.fault === fault).length).toBeGreaterThan(15);
    }
    const overcome = met.filter(({ fault }) => !fault.startsWith('killed'));
    expect(overcome.filter(({ error }) => error)).toEqual([]);
    expect(met.filter(({ fault, error }) => fault === 'killed-before' && !error)).toEqual([]);
  });

  test('an alias points where the job wanted, and its history goes on', async () => {
    const digests: string[] = [];
    await meetEveryFault(
      proxy,
      async () => {
        const name = `churn-${names++}`;
        const registry = await open(name);
        for (const text of ['a', 'b']) {
          await writeFile(join(folder, 'model', 'model.pkl'), text);
          digests.push((await registry.pushModel(join(folder, 'model'))).digest);
        }
        const [a = '', b = ''] = digests.splice(0);
        await registry.moveAlias('champion', { to: a });
        return {
          run: async () => (await open(name)).moveAlias('champion', { to: b, expected: a, reason: 'better' }),
          check: async () => {
            expect((await registry.resolve('champion'))?.digest).toBe(b);
            const history = await registry.aliasHistory('champion');
            expect(history[0]).toMatchObject({ from: null, to: a });
            expect(history.at(-1)).toMatchObject({ from: a, to: b, reason: 'better' });
          },
        };
      },
      KILLED,
    );
  });

  test('a removal leaves nothing after another run', async () => {
    await meetEveryFault(
      proxy,
      async () => {
        const name = `churn-${names++}`;
        const registry = await open(name);
        const { digest } = await registry.pushModel(join(folder, 'model'), { attachments: [evaluation] });
        return {
          run: async () => (await open(name)).remove(digest),
          check: async () => {
            expect(held(name)).toMatchObject({ versions: [], runs: [], files: [] });
          },
        };
      },
      KILLED,
    );
  });
});

test('what an interrupted run has sent is not sent again', async () => {
  const model = join(folder, 'model');
  let name = '';
  for (let index = 0; !proxy.requests[index - 1]?.includes('manifest.json'); index++) {
    name = `churn-${names++}`;
    proxy.arm('killed-before', index);
    await (await open(name)).pushModel(model).catch(() => undefined);
  }
  const sent = () => server.requests.filter((line) => /^PUT .*\/artifacts\/model\//.test(line)).length;
  proxy.heal();
  const before = sent();
  expect((await (await open(name)).pushModel(model)).created).toBe(true);
  expect(sent()).toBe(before);
});

test('a version that a killed job left twice is one, and the later goes unless an alias names it', async () => {
  const registry = await open('churn', server.url);
  const { digest } = await registry.pushModel(join(folder, 'model'));
  const model = server.models.get('churn')!;
  const again = (version: string) => ({ ...structuredClone(model.versions[0]!), version });
  model.versions.push(again('2'), again('3'));
  model.aliases.set('champion', '3');
  expect(await registry.versions()).toMatchObject([{ version: '1', aliases: ['champion'] }]);
  expect(await registry.resolve('3')).toMatchObject({ digest, version: '1' });
  expect((await registry.pushModel(join(folder, 'model'))).created).toBe(false);
  expect(model.versions.map(({ version }) => version)).toEqual(['1', '3']);
  await expect(registry.remove(digest)).rejects.toThrow('champion points to it');
});

test('only what the adapter itself has put somewhere is removed with a version', async () => {
  const registry = await open('churn', server.url);
  const { digest } = await registry.pushModel(join(folder, 'model'));
  const version = server.models.get('churn')!.versions[0]!;
  const { source } = version;
  for (const foreign of ['s3://bucket/model', 'mlflow-artifacts:/1/model']) {
    version.source = foreign;
    await expect(registry.remove(digest)).rejects.toThrow('where others may lie too');
  }
  expect(held('churn').files.length).toBeGreaterThan(0);
  expect(held('churn').versions).toHaveLength(1);
  version.source = source;
  await registry.remove(digest);
  expect(held('churn')).toMatchObject({ versions: [], runs: [], files: [] });
});
