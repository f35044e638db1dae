/** Canaries in every variable that holds a secret: none is in anything that register-model writes or sends to keep. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeRunner, type FakeRunner } from '../../shared/testing/fake-runner.ts';
import { type LoopbackServer, readBody, startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { startMlflowServer } from '../../shared/testing/mlflow-server.ts';
import { startOciServer } from '../../shared/testing/oci-server.ts';
import { startFakeAws } from '../sagemaker/fake.ts';
import { type BundleRun, runBundle } from './spawn-bundle.ts';

const canary = (name: string) => `canary/${name}+7f3a=`;
const VARIABLES = [
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'COSIGN_PASSWORD',
  'GITHUB_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
];
const secrets = Object.fromEntries(VARIABLES.map((name) => [name, canary(name)]));
const DOCKER_PASSWORD = canary('docker');
const INPUT_TOKEN = canary('github-token');

/** A secret as it may be written: as it is, as Base64, in a URL, and as part of basic authentication. */
function shapesOf(secret: string): string[] {
  const basic = ['ann', 'mlflow-user'].map((user) => Buffer.from(`${user}:${secret}`).toString('base64'));
  return [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret), ...basic];
}

let runner: FakeRunner;
let privateKey: string;
let servers: { close(): Promise<void> }[];

beforeEach(async () => {
  servers = [];
  runner = await createFakeRunner();
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  privateKey = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await mkdir(join(runner.workspace, 'model'));
  await writeFile(join(runner.workspace, 'model/model.bin'), 'weights');
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await runner.close();
});

async function register(registry: string, env: Record<string, string>): Promise<BundleRun> {
  // Outside the runner's folder: what the user wrote there is not what the action writes.
  const config = join(runner.folder, 'docker-config');
  await mkdir(config, { recursive: true });
  const host = /^oci:\/\/([^/]+)/.exec(registry)?.[1] ?? 'none.test';
  const auth = Buffer.from(`ann:${DOCKER_PASSWORD}`).toString('base64');
  await writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  const inputs = {
    name: 'churn',
    model: 'model',
    registry,
    aliases: 'champion',
    'signing-key': 'env://SIGNING_KEY',
    'github-token': INPUT_TOKEN,
    comment: 'never',
  };
  return runBundle(runner, 'register-model', inputs, {
    env: { ...secrets, SIGNING_KEY: privateKey, DOCKER_CONFIG: config, ...env },
  });
}

/** Everything that was written, but for what the runner hides: the masks themselves, and the user's own files. */
async function everythingWritten(run: BundleRun): Promise<string> {
  const log = run.log.replace(/^::add-mask::.*$/gm, '');
  const parts = [log, JSON.stringify(run.outputs), run.summary];
  for (const entry of await readdir(runner.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.endsWith('docker-config')) continue;
    parts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
  return parts.join('\n');
}

function expectNoSecret(text: string): void {
  const lines = privateKey.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
  for (const secret of [...Object.values(secrets), DOCKER_PASSWORD, INPUT_TOKEN]) {
    for (const shape of shapesOf(secret)) expect(text.includes(shape), shape).toBe(false);
  }
  for (const line of lines) expect(text.includes(line), line).toBe(false);
}

/** A server that refuses everything and repeats what it was sent, as a careless one does. */
async function startEcho(): Promise<LoopbackServer> {
  const server = await startLoopbackServer(async (request, response) => {
    const body = (await readBody(request)).toString('latin1').slice(0, 2000);
    const { authorization } = request.headers;
    if (!authorization) {
      response.writeHead(401, {
        'www-authenticate': 'Basic realm="echo"',
        'content-type': 'application/json',
      });
      response.end('{}');
      return;
    }
    const decoded = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString('utf8');
    const message = `refused: ${authorization} ${decoded} ${JSON.stringify(request.headers)} ${body}`;
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        errors: [{ code: 'DENIED', message }],
        error_code: 'DENIED',
        message,
        __type: 'Denied',
      }),
    );
  });
  servers.push(server);
  return server;
}

describe('a registration that goes well', () => {
  test('in a container registry, and nothing is kept there either', async () => {
    const account = { username: 'ann', password: DOCKER_PASSWORD };
    const server = await startOciServer({ auth: { kind: 'token', ...account } });
    servers.push(server);
    const run = await register(`oci://${server.host}/team`, {});
    expect(run.exitCode, run.log).toBe(0);
    const kept = [...server.manifests.values()].map(({ bytes }) => bytes);
    expectNoSecret(await everythingWritten(run));
    expectNoSecret(Buffer.concat([...kept, ...server.blobs.values()]).toString('latin1'));
  });

  test('on a tracking server', async () => {
    const authorization = `Basic ${Buffer.from(`mlflow-user:${secrets.MLFLOW_TRACKING_PASSWORD}`).toString('base64')}`;
    const server = await startMlflowServer({ authorization });
    servers.push(server);
    const run = await register(`mlflow:${server.url}`, {
      MLFLOW_TRACKING_USERNAME: 'mlflow-user',
      MLFLOW_TRACKING_TOKEN: '',
    });
    expect(run.exitCode, run.log).toBe(0);
    expectNoSecret(await everythingWritten(run));
    const { models, experiments, runs, artifacts } = server;
    const kept = [models, experiments, runs].map((map) => JSON.stringify([...map.values()]));
    expectNoSecret([...kept, ...[...artifacts.values()].map((bytes) => bytes.toString('latin1'))].join('\n'));
  });

  test('in SageMaker', async () => {
    const aws = await startFakeAws();
    servers.push(aws);
    const { AWS_SECRET_ACCESS_KEY: _given, AWS_SESSION_TOKEN: _token, ...env } = aws.env;
    const run = await register('sagemaker:', env);
    expect(run.exitCode, run.log).toBe(0);
    expect(aws.mistakes).toEqual([]);
    expectNoSecret(await everythingWritten(run));
    expectNoSecret(JSON.stringify(aws.state));
  });
});

describe('a registration that is refused by a server that repeats what it was sent', () => {
  test.each([
    ['a container registry', (url: string) => ({ registry: url.replace('http:', 'oci:'), env: {} })],
    [
      'a tracking server with a password',
      (url: string) => ({
        registry: `mlflow:${url}`,
        env: { MLFLOW_TRACKING_USERNAME: 'mlflow-user', MLFLOW_TRACKING_TOKEN: '' },
      }),
    ],
    ['a tracking server with a token', (url: string) => ({ registry: `mlflow:${url}`, env: {} })],
    [
      'AWS',
      (url: string) => ({
        registry: 'sagemaker:',
        env: {
          AWS_ENDPOINT_URL: url,
          AWS_REGION: 'eu-west-1',
          AWS_ACCESS_KEY_ID: 'AKIATEST',
          AWS_MAX_ATTEMPTS: '1',
        },
      }),
    ],
  ])('%s', async (_title, make) => {
    const echo = await startEcho();
    const { registry, env } = make(echo.url);
    const run = await register(registry, env as Record<string, string>);
    expect(run.exitCode, run.log).toBe(2);
    expectNoSecret(await everythingWritten(run));
  });
});
