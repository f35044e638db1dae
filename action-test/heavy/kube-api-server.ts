/** A real kube-apiserver over a real etcd, both on loopback, for whoever asks as its administrator. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

export const hasEtcd = spawnSync('etcd', ['--version']).error === undefined;
const START_MILLISECONDS = 120_000;
const ADMIN = 'admin-token-of-this-test';
/** Of the account to which the test gives a Role. */
export const TESTER = 'tester-token-of-this-test';

export interface KubeApiServer {
  /** @throws when the answer is no success. */
  ask(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** Of the account `tester`. @param user how it shows who it is; by a token when left out. */
  kubeconfig(namespace: string, user?: object): string;
  readonly port: number;
  /** The file of its certificate. */
  readonly certificate: string;
  close(): Promise<void>;
}

export async function startKubeApiServer(program: string): Promise<KubeApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-'));
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of children.toReversed()) await endGroup(child);
    await rm(folder, { recursive: true, force: true });
  };
  const start = (command: string, options: string[]) =>
    children.push(spawn(command, options, { cwd: folder, detached: true, stdio: 'ignore' }));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const etcd = `http://127.0.0.1:${client}`;
  start('etcd', [
    `--data-dir=${join(folder, 'etcd')}`,
    ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
    ...[`--listen-peer-urls=http://127.0.0.1:${peer}`, '--unsafe-no-fsync'],
  ]);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'account.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(join(folder, 'tokens.csv'), `${ADMIN},admin,1,"system:masters"\n${TESTER},tester,2\n`);
  start(program, [
    ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', `--secure-port=${secure}`],
    ...[`--cert-dir=${join(folder, 'certificates')}`, '--token-auth-file=tokens.csv'],
    ...['--authorization-mode=RBAC', '--disable-admission-plugins=ServiceAccount'],
    ...['--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.0.0.0/24'],
    ...['--service-account-issuer=https://kube.test', '--service-account-key-file=account.key'],
    '--service-account-signing-key-file=account.key',
  ]);
  const address = `https://127.0.0.1:${secure}`;
  const ask: KubeApiServer['ask'] = (method, path, body) =>
    askAs(ADMIN, new URL(path, address), method, body);
  try {
    await vi.waitFor(() => ask('GET', '/api/v1/namespaces/default'), {
      timeout: START_MILLISECONDS,
      interval: 200,
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ ask, close, port: secure, certificate: join(folder, 'certificates/apiserver.crt') },
    kubeconfig: (namespace, user = { token: TESTER }) => kubeconfigOf(address, namespace, user),
  };
}

function askAs(token: string, url: URL, method: string, body?: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = request(url, { method, headers, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.once('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text) as Record<string, unknown>);
        else reject(new Error(`${method} ${url.pathname}: ${response.statusCode} ${text}`));
      });
    });
    asked.once('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

const kubeconfigOf = (server: string, namespace: string, user: object): string =>
  JSON.stringify({
    clusters: [{ name: 'real', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'tester', user }],
    contexts: [{ name: 'test', context: { cluster: 'real', user: 'tester', namespace } }],
    'current-context': 'test',
  });

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
