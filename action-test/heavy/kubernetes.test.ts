/**
 * The rollouts of the stand-in, against a real API server with the real schemas and the Role of the README. No
 * controllers run there: the test writes `status` itself, as the stand-in's controllers say it.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KubernetesObject, RESOURCES } from '../../actions/canary-deploy/targets/kubernetes/kinds.ts';
import { type Behaviour, type Cluster, runControllers } from '../kubernetes/controllers.ts';
import { model, SAMPLES } from '../kubernetes/sample-cluster.ts';
import { newWorld, runRollout } from '../kubernetes/whole-rollout.ts';
import { hasEtcd, type KubeApiServer, startKubeApiServer } from './kube-api-server.ts';
import { installedTool } from './tool.ts';

const program = installedTool('MLOPS_TEST_KUBE_APISERVER');
const NAMESPACE = 'models';

/** What the stand-in's controllers would do, written into the `status` of the real objects. */
class LiveCluster implements Cluster {
  behaviour: Behaviour = { delay: 2, broken: [], gateway: true };
  time = 0;
  readonly #server: KubeApiServer;
  #objects = new Map<string, KubernetesObject[]>();
  #written: Promise<unknown>[] = [];
  #isOver = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(server: KubeApiServer) {
    this.#server = server;
  }

  find(plural: string, name: string): KubernetesObject | undefined {
    return this.all(plural).find(({ metadata }) => metadata.name === name);
  }

  all(plural: string): KubernetesObject[] {
    return this.#objects.get(plural) ?? [];
  }

  store(plural: string, object: KubernetesObject): void {
    if (plural === 'pods') return;
    const path = `${pathOf(plural)}/${object.metadata.name}/status`;
    // Somebody else may have been faster: then the next turn writes it.
    this.#written.push(this.#server.ask('PUT', path, object).catch(() => undefined));
  }

  start(): void {
    this.#ended = this.#turn();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #turn(): Promise<void> {
    while (!this.#isOver) {
      for (const plural of ['deployments', 'httproutes', 'inferenceservices']) {
        const { items, apiVersion, kind } = (await this.#server.ask('GET', pathOf(plural))) as {
          items: KubernetesObject[];
          apiVersion: string;
          kind: string;
        };
        const own = { apiVersion, kind: kind.replace(/List$/, '') };
        this.#objects.set(
          plural,
          items.map((item) => ({ ...own, ...item })),
        );
      }
      this.time += 1;
      runControllers(this);
      await Promise.all(this.#written.splice(0));
    }
  }
}

function pathOf(plural: string): string {
  const { apiVersion } = Object.values(RESOURCES).find((one) => one.plural === plural)!;
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/namespaces/${NAMESPACE}/${plural}`;
}

/** The custom kind of a schema in the fixtures. */
async function customKind(file: string, version: string, kind: string, plural: string): Promise<object> {
  const folder = new URL('../../shared/testing/fixtures/kubernetes/', import.meta.url);
  const openAPIV3Schema: unknown = JSON.parse(await readFile(new URL(`${file}.json`, folder), 'utf8'));
  const [group, name] = version.split('/') as [string, string];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Kubernetes asks for it in every group of its own.
      annotations: {
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/2997',
      },
    },
    spec: {
      ...{
        group,
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      },
      versions: [
        { name, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema } },
      ],
    },
  };
}

/** The rules in the README's table. */
async function documentedRules(): Promise<object[]> {
  const text = await readFile(new URL('../../actions/canary-deploy/README.md', import.meta.url), 'utf8');
  const rows = [
    ...text.matchAll(/^\| `([^`]+)` \| `([a-z/]+)` \| ((?:get|list|create|update)[a-z, ]*) \|$/gm),
  ];
  return rows.map(([, group = '', resource, verbs = '']) => ({
    apiGroups: [group === '""' ? '' : group],
    resources: [resource],
    verbs: verbs.split(', '),
  }));
}

/** A model server that the API server reaches: it refuses to lead to loopback addresses. */
async function startModelServer() {
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  if (!address) throw new Error('this machine has no address but loopback');
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as { port: number };
  return { address, port, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe.skipIf(program === undefined || !hasEtcd)('a real kube-apiserver', () => {
  let server: KubeApiServer;
  let cluster: LiveCluster;
  let modelServer: Awaited<ReturnType<typeof startModelServer>>;

  beforeAll(async () => {
    server = await startKubeApiServer(program!);
    modelServer = await startModelServer();
    const kinds = [
      await customKind('httproute', RESOURCES.HTTPRoute.apiVersion, 'HTTPRoute', 'httproutes'),
      await customKind(
        'inferenceservice',
        RESOURCES.InferenceService.apiVersion,
        'InferenceService',
        'inferenceservices',
      ),
    ];
    for (const kind of kinds)
      await server.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', kind);
    await server.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
    await server.ask('POST', `${rbac}/roles`, {
      metadata: { name: 'canary' },
      rules: await documentedRules(),
    });
    await server.ask('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'canary' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'canary' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'tester' }],
    });
    const core = `/api/v1/namespaces/${NAMESPACE}`;
    for (const name of ['churn-blue', 'churn-green']) {
      await server.ask('POST', `${core}/services`, { metadata: { name }, spec: { ports: [{ port: 80 }] } });
      await server.ask('POST', `${core}/endpoints`, {
        metadata: { name },
        subsets: [{ addresses: [{ ip: modelServer.address }], ports: [{ port: modelServer.port }] }],
      });
    }
    cluster = new LiveCluster(server);
  });
  afterAll(async () => {
    await cluster?.stop();
    await modelServer?.close();
    await server?.close();
  });

  test.each(['httproute/churn', 'inferenceservice/churn'] as const)('%s', async (resource) => {
    await Promise.all(
      SAMPLES[resource].map(({ plural, object }) => {
        const [kind, { apiVersion }] = Object.entries(RESOURCES).find(([, one]) => one.plural === plural)!;
        return server.ask('POST', pathOf(plural), { apiVersion, kind, ...object });
      }),
    );
    await cluster.stop();
    cluster = new LiveCluster(server);
    cluster.start();
    await expect
      .poll(() => JSON.stringify(cluster.all(SAMPLES[resource].at(-1)!.plural)))
      .toContain('"status"');
    const options = {
      resource,
      world: newWorld(),
      cluster: { kubeconfig: () => server.kubeconfig(NAMESPACE) },
      answerMs: 10_000,
    };
    const failing = await runRollout({ ...options, errorRate: 0.3 });
    expect(failing.outcome).toBe('rolled-back');
    const promoted = await runRollout(options);
    expect(promoted.reason).toMatch(/^Promoted/);
    expect(options.world.alias).toBe(model('b').digest);
    const { data } = (await server.ask('GET', `${pathOf('configmaps')}/mlops-canary-churn`)) as {
      data: { state: string };
    };
    expect(JSON.parse(data.state)).toMatchObject({
      champion: { digest: model('b').digest },
      challenger: null,
    });
    await server.ask('DELETE', `${pathOf('configmaps')}/mlops-canary-churn`);
  });
});
