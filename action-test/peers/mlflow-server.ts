/** A real MLflow tracking server on loopback: runs, registered models, and artifacts through its proxy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

/** The interpreter of an environment with MLflow 3 and its server. */
export const mlflowPython = process.env.MLOPS_TEST_MLFLOW;

/** A test that fails where tests may not be skipped. */
export function requireMlflow(): void {
  if (mlflowPython || process.env.CI !== 'true') return;
  test('MLflow is there', () => expect.fail('MLOPS_TEST_MLFLOW names no interpreter with MLflow'));
}

export interface MlflowOptions {
  /** The interpreter whose MLflow is started. */
  python?: string | undefined;
  /** Holds the database `m.db` and `artifacts`, and stays; without it they are in a folder that goes with the server. */
  folder?: string;
  /** Asked of everyone who asks the server, by MLflow's own basic-auth application; the password has 12 characters or more. */
  account?: { username: string; password: string };
  /** How it is started: without job runners and the command line, which halves the time and needs MLflow 3; or as people do. */
  start?: 'application' | 'command';
}

export interface MlflowServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  folder: string;
  /** Of the MLflow that answers. */
  version: string;
  /** What a client of it needs in its environment: the address, the account, no telemetry. */
  env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

const START_MILLISECONDS = 120_000;

/** @throws Error with the server's last lines when it does not become ready. */
export async function startMlflow(options: MlflowOptions = {}): Promise<MlflowServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mlflow-')));
  await mkdir(join(folder, 'artifacts'), { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = await open(join(folder, 'server.log'), 'w');
  const [words, env] = await (options.start === 'command' ? byCommand : asApplication)(folder, port, options);
  const child = spawn(options.python ?? mlflowPython!, ['-m', ...words], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...environment(), ...env },
  });
  await log.close();
  const close = async () => {
    await endGroup(child);
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  };
  const authorization = options.account && basic(options.account);
  try {
    const version = await vi.waitFor(() => askVersion(url, child, authorization), {
      timeout: START_MILLISECONDS,
      interval: 50,
    });
    return { url, folder, version, env: { ...environment(), ...clientVariables(url, options) }, close };
  } catch (error) {
    const lines = (await readFile(join(folder, 'server.log'), 'utf8')).split('\n').slice(-20).join('\n');
    await close();
    throw new Error(`MLflow did not start: ${(error as Error).message}\n${lines}`);
  }
}

/** Nothing of the account under which the tests run, and no message to MLflow's makers. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  MLFLOW_DISABLE_TELEMETRY: 'true',
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
});

function clientVariables(url: string, { account }: MlflowOptions): NodeJS.ProcessEnv {
  return {
    MLFLOW_TRACKING_URI: url,
    ...(account && {
      MLFLOW_TRACKING_USERNAME: account.username,
      MLFLOW_TRACKING_PASSWORD: account.password,
    }),
  };
}

type Start = (folder: string, port: number, options: MlflowOptions) => Promise<[string[], NodeJS.ProcessEnv]>;

/** The variables are MLflow's own between its command line and its application: of the version that is pinned. */
const asApplication: Start = async (folder, port, { account }) => {
  const database = `sqlite:///${join(folder, 'm.db')}`;
  const application = account
    ? ['--factory', 'mlflow.server.auth:create_app']
    : ['mlflow.server.fastapi_app:app'];
  return [
    ['uvicorn', '--host', '127.0.0.1', '--port', String(port), ...application],
    {
      _MLFLOW_SGI_NAME: 'uvicorn',
      _MLFLOW_SERVER_FILE_STORE: database,
      _MLFLOW_SERVER_REGISTRY_STORE: database,
      _MLFLOW_SERVER_ARTIFACT_ROOT: 'mlflow-artifacts:/',
      _MLFLOW_SERVER_ARTIFACT_DESTINATION: join(folder, 'artifacts'),
      _MLFLOW_SERVER_SERVE_ARTIFACTS: 'true',
      ...(account && (await accounts(folder, account))),
    },
  ];
};

const byCommand: Start = async (folder, port, { account }) => [
  [
    ...['mlflow', 'server', '--workers', '1', '--host', '127.0.0.1', '--port', String(port)],
    ...['--backend-store-uri', `sqlite:///${join(folder, 'm.db')}`],
    ...['--artifacts-destination', join(folder, 'artifacts'), '--serve-artifacts'],
    ...(account ? ['--app-name', 'basic-auth'] : []),
  ],
  account ? await accounts(folder, account) : {},
];

async function accounts(
  folder: string,
  { username, password }: { username: string; password: string },
): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, 'accounts.ini');
  const lines = [
    '[mlflow]',
    'default_permission = READ',
    `database_uri = sqlite:///${join(folder, 'accounts.db')}`,
    `admin_username = ${username}`,
    `admin_password = ${password}`,
    'authorization_function = mlflow.server.auth:authenticate_request_basic_auth',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return { MLFLOW_AUTH_CONFIG_PATH: path, MLFLOW_FLASK_SERVER_SECRET_KEY: 'of a test' };
}

const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

async function askVersion(url: string, child: ChildProcess, authorization?: string): Promise<string> {
  if (child.exitCode !== null) return Promise.reject(new Error(`it ended with ${child.exitCode}`));
  const headers = authorization ? { authorization } : undefined;
  const health = await fetch(`${url}/health`);
  if ((await health.text()) !== 'OK') throw new Error(`/health answers ${health.status}`);
  const version = await fetch(`${url}/version`, { ...(headers && { headers }) });
  if (!version.ok) throw new Error(`/version answers ${version.status}`);
  return version.text();
}

/** MLflow's own children outlive a signal to their parent alone. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
