/**
 * The rollouts of the stand-in, against a real API server with the real schemas and the Role of the README. No
 * controllers run there: the test writes `status` itself, as the stand-in's controllers say it.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiServer } from '../../actions/canary-deploy/targets/kubernetes/api-server.ts';
import { findCluster } from '../../actions/canary-deploy/targets/kubernetes/cluster-access.ts';
import { RESOURCES } from '../../actions/canary-deploy/targets/kubernetes/kinds.ts';
import { NAMESPACE } from '../kubernetes/api-stand-in.ts';
import { model, sampleObjects } from '../kubernetes/sample-cluster.ts';
import { newWorld, runRollout } from '../kubernetes/whole-rollout.ts';
import { hasEtcd, type KubeApiServer, startKubeApiServer, TESTER } from './kube-api-server.ts';
import { LiveCluster, pathOf } from './live-cluster.ts';
import { installedTool } from './tool.ts';

const program = installedTool('MLOPS_TEST_KUBE_APISERVER');
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

/** A Service whose pod is that model server. The API server leads to the addresses of pods alone. */
async function putService(
  server: KubeApiServer,
  name: string,
  { address, port }: { address: string; port: number },
): Promise<void> {
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  const containers = [{ name: 'model', image: 'churn:1' }];
  const pod = await server.ask('POST', `${core}/pods`, { metadata: { name }, spec: { containers } });
  const status = { podIP: address, podIPs: [{ ip: address }] };
  await server.ask('PUT', `${core}/pods/${name}/status`, { ...pod, status });
  await server.ask('POST', `${core}/services`, { metadata: { name }, spec: { ports: [{ port: 80 }] } });
  const targetRef = { kind: 'Pod', name, namespace: NAMESPACE };
  await server.ask('POST', `${core}/endpoints`, {
    metadata: { name },
    subsets: [{ addresses: [{ ip: address, targetRef }], ports: [{ port }] }],
  });
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
      subjects: [
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'tester' },
        { kind: 'ServiceAccount', name: 'canary', namespace: NAMESPACE },
      ],
    });
    for (const name of ['churn-blue', 'churn-green']) await putService(server, name, modelServer);
    cluster = new LiveCluster(server);
  });
  afterAll(async () => {
    await cluster?.stop();
    await modelServer?.close();
    await server?.close();
  });

  test.each(['httproute/churn', 'inferenceservice/churn'] as const)('%s', async (resource) => {
    const samples = sampleObjects(resource);
    await Promise.all(
      samples.map(({ plural, object }) => {
        const [kind, { apiVersion }] = Object.entries(RESOURCES).find(([, one]) => one.plural === plural)!;
        return server.ask('POST', pathOf(plural), { apiVersion, kind, ...object });
      }),
    );
    await server.ask('DELETE', pathOf('configmaps'));
    await cluster.stop();
    cluster = new LiveCluster(server);
    cluster.start();
    await expect.poll(() => JSON.stringify(cluster.all(samples.at(-1)!.plural))).toContain('"status"');
    const options = {
      resource,
      world: newWorld(),
      cluster: { kubeconfig: () => server.kubeconfig(NAMESPACE) },
      answerMs: 10_000,
    };
    const failing = await runRollout({ ...options, errorRate: 0.3 });
    expect(failing.reason).toMatch(/^Rolled back: .* fails more often than the champion/);
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
    expect(cluster.problems).toEqual([]);
  });

  describe('who asks', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'account-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    async function ask(env: NodeJS.ProcessEnv, account?: string) {
      const masked: string[] = [];
      const mask = (secret: string): void => void masked.push(secret);
      const access = await findCluster(env, undefined, mask, account);
      const api = new ApiServer({ ...access, signal: new AbortController().signal, mask });
      const found = await api.list('HorizontalPodAutoscaler').finally(() => api.close());
      return { masked, names: found.map(({ metadata }) => metadata.name) };
    }

    test('the service account of a pod, with a token of the cluster and its certificate', async () => {
      const core = `/api/v1/namespaces/${NAMESPACE}`;
      await server.ask('POST', `${core}/serviceaccounts`, { metadata: { name: 'canary' } });
      const { status } = (await server.ask('POST', `${core}/serviceaccounts/canary/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 600 },
      })) as { status: { token: string } };
      await writeFile(join(folder, 'token'), status.token);
      await writeFile(join(folder, 'namespace'), NAMESPACE);
      await copyFile(server.certificate, join(folder, 'ca.crt'));
      const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) };
      expect(await ask(env, folder)).toMatchObject({ masked: [status.token] });
    });

    test('an exec plugin', async () => {
      const printed = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
      const credential = JSON.stringify({ ...printed, status: { token: TESTER } });
      const exec = { ...printed, command: 'printf', args: ['%s', credential], interactiveMode: 'Never' };
      const file = join(folder, 'config');
      await writeFile(file, server.kubeconfig(NAMESPACE, { exec }));
      expect(await ask({ KUBECONFIG: file })).toMatchObject({ masked: [TESTER] });
    });
  });
});
