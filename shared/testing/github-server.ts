/**
 * GitHub for tests: the `emulate` server behind a small proxy that adds what it lacks (dispatches, deployments, the pull
 * requests of a commit, the length limits), refuses or delays what a test asks for, and keeps a log of all requests.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createEmulator } from 'emulate';
import { DeploymentStore } from './github-deployments.ts';
import { readBody, sendJson, startLoopbackServer } from './loopback-server.ts';

export interface LoggedRequest {
  method: string;
  /** Path without the query. */
  path: string;
  body: unknown;
  status: number;
}

export interface GitHubServerOptions {
  owner?: string;
  repo?: string;
  /** Answers instead of GitHub, as a missing permission would. */
  refuse?: (method: string, path: string) => { status: number; message: string } | undefined;
  /** Answers a reading request with this JSON instead of what the emulator says. */
  answer?: (method: string, path: string) => unknown;
  /** Answers a reading request with these bytes, as GitHub sends an artifact. */
  bytes?: (method: string, path: string) => Uint8Array | undefined;
  /** Milliseconds to wait before a request is passed on. */
  delay?: (method: string, path: string) => number;
}

export interface GitHubServer {
  /** For GITHUB_API_URL. */
  url: string;
  owner: string;
  repo: string;
  token: string;
  requests: LoggedRequest[];
  dispatches: { path: string; body: unknown }[];
  deployments: DeploymentStore;
  /** May be replaced between requests. */
  options: GitHubServerOptions;
  /** A request of the test's own; throws on a status of 400 and more. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Opens a pull request from a new branch with a commit of its own. */
  openPullRequest(branch: string): Promise<{ number: number; headSha: string }>;
  /** Environment of a job, for `readContext`. */
  environment(values: { sha: string; eventPath?: string; eventName?: string }): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

const LENGTH_LIMIT = 65_536;

export async function startGitHubServer(options: GitHubServerOptions = {}): Promise<GitHubServer> {
  const owner = options.owner ?? 'octocat';
  const repo = options.repo ?? 'flights';
  const token = 'an-unlikely-token';
  const requests: LoggedRequest[] = [];
  const dispatches: GitHubServer['dispatches'] = [];
  const deployments = new DeploymentStore();
  /** The emulator's address in its own answers, which must lead back through the proxy, and the one to reach it. */
  let advertised = '';
  let upstream = '';

  const proxy = await startLoopbackServer(async (request, response) => {
    const method = request.method ?? 'GET';
    const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://github.test');
    const bytes = await readBody(request);
    const body: unknown = bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
    const entry: LoggedRequest = { method, path: pathname, body, status: 0 };
    requests.push(entry);
    const answer = (status: number, json?: unknown) => {
      entry.status = status;
      sendJson(response, status, json);
    };
    const pause = server.options.delay?.(method, pathname) ?? 0;
    if (pause > 0) await sleep(pause);
    const refused = server.options.refuse?.(method, pathname);
    if (refused) return answer(refused.status, { message: refused.message });
    const replaced = server.options.answer?.(method, pathname);
    if (replaced !== undefined) return answer(200, replaced);
    const file = server.options.bytes?.(method, pathname);
    if (file) {
      entry.status = 200;
      response.writeHead(200, { 'content-type': 'application/zip', 'content-length': file.length });
      return void response.end(file);
    }
    const tooLong = lengthError(pathname, body);
    if (tooLong) return answer(422, { message: tooLong });
    if (method === 'POST' && /\/dispatches$/.test(pathname)) {
      dispatches.push({ path: pathname, body });
      return answer(204);
    }
    const deployed = deployments.answer(method, pathname, searchParams, body);
    if (deployed) return answer(deployed.status, deployed.json);
    const ofCommit = /^\/repos\/([^/]+\/[^/]+)\/commits\/([0-9a-f]{40})\/pulls$/.exec(pathname);
    if (ofCommit)
      return answer(200, await pullsOfCommit(`${upstream}/repos/${ofCommit[1]}/pulls`, ofCommit[2]!));
    const passed = await fetch(`${upstream}${pathname}${search}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      ...(bytes.length > 0 ? { body: bytes } : {}),
    });
    entry.status = passed.status;
    const text = (await passed.text()).replaceAll(advertised, proxy.url);
    const link = passed.headers.get('link')?.replaceAll(advertised, proxy.url);
    response.writeHead(passed.status, {
      'content-type': passed.headers.get('content-type') ?? 'application/json',
      ...(link ? { link } : {}),
    });
    response.end(text);
  });

  const pullsOfCommit = async (url: string, sha: string): Promise<unknown[]> => {
    const answer = await fetch(`${url}?state=all&per_page=100`, {
      headers: { authorization: `token ${token}` },
    });
    const pulls = (await answer.json()) as { head: { sha: string } }[];
    return pulls.filter((pull) => pull.head.sha === sha);
  };

  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { [token]: { login: owner, scopes: ['repo', 'workflow'] } },
      github: { users: [{ login: owner }], repos: [{ owner, name: repo, auto_init: true }] },
    },
  });
  advertised = emulator.url.replace(/\/$/, '');
  upstream = advertised.replace('localhost', '127.0.0.1');

  const server: GitHubServer = {
    url: proxy.url,
    owner,
    repo,
    token,
    requests,
    dispatches,
    deployments,
    options,
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const answer = await fetch(`${proxy.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    async openPullRequest(branch) {
      const base = await server.api<{ object: { sha: string } }>(
        'GET',
        `/repos/${owner}/${repo}/git/ref/heads/main`,
      );
      const { sha } = base.object;
      await server.api('POST', `/repos/${owner}/${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha });
      await server.api('PUT', `/repos/${owner}/${repo}/contents/${branch}.txt`, {
        message: `a change on ${branch}`,
        content: Buffer.from(branch).toString('base64'),
        branch,
      });
      const pull = await server.api<{ number: number; head: { sha: string } }>(
        'POST',
        `/repos/${owner}/${repo}/pulls`,
        {
          title: branch,
          head: branch,
          base: 'main',
        },
      );
      return { number: pull.number, headSha: pull.head.sha };
    },
    environment: ({ sha, eventPath, eventName }) => ({
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: proxy.url,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: `${owner}/${repo}`,
      GITHUB_SHA: sha,
      GITHUB_RUN_ID: '17',
      ...(eventPath ? { GITHUB_EVENT_PATH: eventPath } : {}),
      GITHUB_EVENT_NAME: eventName ?? 'push',
    }),
    async close() {
      await proxy.close();
      await emulator.close();
    },
  };
  return server;
}

/** The lengths that GitHub refuses and the emulator takes. */
function lengthError(path: string, body: unknown): string | undefined {
  if (body === null || typeof body !== 'object') return undefined;
  const isText = 'body' in body && typeof body.body === 'string' && /\/(comments|issues)(\/\d+)?$/.test(path);
  if (isText && (body.body as string).length > LENGTH_LIMIT)
    return 'Body is too long (maximum is 65536 characters)';
  if (!('output' in body) || body.output === null || typeof body.output !== 'object') return undefined;
  const long = Object.values(body.output).some(
    (text) => typeof text === 'string' && text.length >= LENGTH_LIMIT,
  );
  return long ? 'Output is too long (maximum is 65535 characters)' : undefined;
}
