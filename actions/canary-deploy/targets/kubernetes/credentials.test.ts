import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiStandIn, NAMESPACE, TOKEN } from '../../../../action-test/kubernetes/api-stand-in.ts';
import { ApiServer } from './api-server.ts';
import { findCluster } from './cluster-access.ts';

let folder: string;
let standIn: ApiStandIn;
let masked: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  standIn = await ApiStandIn.start();
  masked = [];
});
afterEach(async () => {
  await standIn.close();
  await rm(folder, { recursive: true });
});

const mask = (secret: string): void => void masked.push(secret);
const BOUNDS = { answerMs: 2_000, allTriesMs: 0, pauseMs: 1, settleMs: 0 };

/** Asks the stand-in twice. @param user of the kubeconfig. */
async function ask(user: object, bounds = BOUNDS): Promise<unknown> {
  const config = { ...JSON.parse(standIn.kubeconfig()), users: [{ name: 'tester', user }] };
  const file = join(folder, 'config');
  await writeFile(file, JSON.stringify(config));
  const cluster = await findCluster({ KUBECONFIG: file }, undefined, mask);
  const signal = new AbortController().signal;
  const api = new ApiServer({ ...cluster, signal, mask, bounds });
  try {
    return [await api.list('Deployment'), await api.list('ConfigMap')];
  } finally {
    await api.close();
  }
}

/** As an account that a plugin tells of. @param script of sh. */
function askWithPlugin(script: string, more: object = {}, bounds = BOUNDS): Promise<unknown> {
  const exec = {
    ...{ apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] },
    ...{ interactiveMode: 'IfAvailable', ...more },
  };
  return ask({ exec }, bounds);
}

const credential = (status: object): string =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status });
const prints = (status: object): string => `printf %s '${credential(status)}'`;

test('an exec plugin is asked once for a token that does not expire, which is masked', async () => {
  const asked = `echo >> ${folder}/asked; ${prints({ token: TOKEN })}`;
  expect(await askWithPlugin(asked)).toEqual([[], []]);
  expect(masked).toEqual([TOKEN]);
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('\n');
});

test('a token that has expired is asked for anew', async () => {
  const past = prints({ token: TOKEN, expirationTimestamp: '2020-01-01T00:00:00Z' });
  await askWithPlugin(`echo >> ${folder}/asked; ${past}`);
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('\n\n');
});

test('a token that the server no longer takes is asked for anew', async () => {
  const first = prints({ token: 'taken-back' });
  const then = prints({ token: TOKEN });
  expect(
    await askWithPlugin(`test -e ${folder}/asked && ${then} || ${first}; echo >> ${folder}/asked`),
  ).toEqual([[], []]);
  expect(masked).toEqual(['taken-back', TOKEN]);
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('\n\n');
});

test('it is told that nobody can type, and of the cluster where it wants to know', async () => {
  const tell = `printf %s "$KUBERNETES_EXEC_INFO" > ${folder}/told; ${prints({ token: TOKEN })}`;
  await askWithPlugin(tell, { provideClusterInfo: true, env: [{ name: 'OTHER', value: 'x' }] });
  expect(JSON.parse(await readFile(join(folder, 'told'), 'utf8'))).toEqual({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: { server: standIn.address, 'insecure-skip-tls-verify': true },
    },
  });
});

test.each([
  [
    'is not there',
    '',
    { command: 'no-such-plugin' },
    /no-such-plugin of the user tester could not be run \(ENOENT\)/,
  ],
  ['fails', `echo ${TOKEN} >&2; exit 1`, {}, /sh of the user tester failed; what it said may hold a secret/],
  ['prints no JSON', `echo ${TOKEN}`, {}, /printed no JSON/],
  ['prints something else', 'echo "{}"', {}, /printed no ExecCredential with a status/],
  ['wants somebody there', '', { interactiveMode: 'Always' }, /wants somebody to type/],
  ['has no command', '', { command: '' }, /has no command/],
])('a plugin that %s is named, and what it said is not', async (_, script, more, message) => {
  const error = await askWithPlugin(script, more).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: expect.stringMatching(message), fix: expect.any(String) });
  expect(JSON.stringify(error) + String(error)).not.toContain(TOKEN);
});

test('a plugin that waits for somebody is not waited for', async () => {
  const waits = askWithPlugin('read line', {}, { ...BOUNDS, answerMs: 50 });
  await expect(waits).rejects.toThrow(/printed nothing in time/);
});

test('a file of a token beside the kubeconfig is read rather than a token in it', async () => {
  await writeFile(join(folder, 'token'), `${TOKEN}\n`);
  expect(await ask({ tokenFile: 'token', token: 'old' })).toEqual([[], []]);
  expect(masked).toEqual([TOKEN]);
  await expect(ask({ tokenFile: 'none' })).rejects.toThrow(/user tester could not be had \(ENOENT\)/);
});

test('in a pod the service account asks, with its certificate and its namespace', async () => {
  const fixtures = new URL('../../../evaluate-gate/metrics-files/mlflow/fixtures/', import.meta.url);
  const read = (name: string) => readFile(new URL(name, fixtures));
  const cert = await read('loopback-certificate.pem');
  const asked: (string | undefined)[] = [];
  const server = createServer({ cert, key: await read('loopback-key.pem') }, (request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.end('{"items": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const account = join(folder, 'serviceaccount');
  await mkdir(account);
  await writeFile(join(account, 'token'), TOKEN);
  await writeFile(join(account, 'ca.crt'), cert);
  await writeFile(join(account, 'namespace'), NAMESPACE);
  const env = {
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
  };
  const cluster = await findCluster(env, undefined, mask, account);
  const api = new ApiServer({ ...cluster, signal: new AbortController().signal, mask, bounds: BOUNDS });
  expect(await api.list('ConfigMap')).toEqual([]);
  expect(asked).toEqual([`/api/v1/namespaces/${NAMESPACE}/configmaps Bearer ${TOKEN}`]);
  expect(masked).toEqual([TOKEN]);
  await api.close();
  await new Promise((resolve) => server.close(resolve));

  await rm(join(account, 'token'));
  await expect(findCluster(env, undefined, mask, account)).rejects.toThrow(/Nothing says where/);
});
