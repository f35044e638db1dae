import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * Stands in for GitHub: takes the check runs, comments and issues that the actions write and keeps them in a
 * folder, so that the demo needs no account and a person can still read what would have been posted. It knows the
 * few requests that the actions make and answers 404 to all others.
 */
export interface StandIn {
  url: string;
  repository: string;
  token: string;
  /** The event of a pull request, or without a number of the main branch, as a runner hands it over. */
  event(pullRequest?: number): { file: string; name: string; sha: string };
  /** Files of the comments, by number of the pull request. */
  commentFile(number: number): string;
  issues(): { number: number; title: string; state: string; file: string }[];
  close(): Promise<void>;
}

interface Comment {
  id: number;
  issue: number;
  body: string;
}
interface Issue {
  number: number;
  title: string;
  body: string;
  state: string;
}
interface CheckRun {
  id: number;
  name: string;
  head_sha: string;
  output: unknown;
}
interface Content {
  lastId: number;
  checkRuns: CheckRun[];
  comments: Comment[];
  issues: Issue[];
}

const REPOSITORY = 'your-org/flight-delays';
const USER = { login: 'github-actions[bot]', type: 'Bot' };
const APP = { id: 15368, slug: 'github-actions' };
/** The commit that every pull request wants to be merged into. */
const BASE = createHash('sha1').update('main').digest('hex');
/** Issues and pull requests share their numbers on GitHub. */
const FIRST_ISSUE = 5;

/**
 * @param folder keeps what was posted from run to run, so that a second run finds its own comments and issue.
 * @param checkout the repository's files, which the base branch of every pull request has too.
 */
export async function startStandIn(folder: string, checkout: string): Promise<StandIn> {
  mkdirSync(folder, { recursive: true });
  const store = join(folder, 'state.json');
  const content: Content = existsSync(store)
    ? JSON.parse(readFileSync(store, 'utf8'))
    : { lastId: 0, checkRuns: [], comments: [], issues: [] };
  const commentFile = (number: number) => join(folder, `comment-on-pull-request-${number}.md`);
  const issueFile = (number: number) => join(folder, `issue-${number}.md`);
  const keep = () => {
    writeFileSync(store, JSON.stringify(content));
    for (const { issue, body } of content.comments) writeFileSync(commentFile(issue), body);
    for (const { number, title, body, state } of content.issues) {
      writeFileSync(issueFile(number), `# ${title}\n\n${state}\n\n${body}`);
    }
  };

  const server = createServer((request, response) => {
    readJson(request)
      .then((body) => {
        const [method, url] = [request.method ?? 'GET', request.url ?? '/'];
        return fileOfBase(checkout, method, url) ?? answer(content, method, url, body);
      })
      .then(({ status, json }) => {
        if (request.method !== 'GET') keep();
        response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
        response.end(json === undefined ? '' : JSON.stringify(json));
      })
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repository: REPOSITORY,
    token: 'a-token-of-the-stand-in',
    event: (number) => {
      const sha = createHash('sha1')
        .update(`pull request ${number ?? 'none'}`)
        .digest('hex');
      const file = join(folder, `event-${number ?? 'main'}.json`);
      const head = { sha, repo: { full_name: REPOSITORY } };
      const pullRequest = { number, state: 'open', head, base: { sha: BASE } };
      writeFileSync(file, JSON.stringify(number ? { pull_request: pullRequest } : {}));
      return { file, name: number ? 'pull_request' : 'push', sha };
    },
    commentFile,
    issues: () => content.issues.map((issue) => ({ ...issue, file: issueFile(issue.number) })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The answer to a question for a file of the base branch, such as the policy that judges; undefined for any other. */
function fileOfBase(checkout: string, method: string, url: string): Answer | undefined {
  const { pathname, searchParams } = new URL(url, 'http://github.invalid');
  const [, path] = pathname.split(`/repos/${REPOSITORY}/contents/`);
  if (method !== 'GET' || path === undefined || searchParams.get('ref') !== BASE) return undefined;
  const file = join(checkout, decodeURIComponent(path));
  if (!existsSync(file)) return { status: 404, json: { message: 'Not Found' } };
  const content = readFileSync(file, 'base64');
  return { status: 200, json: { type: 'file', path, encoding: 'base64', content } };
}

interface Answer {
  status: number;
  json?: unknown;
}

function answer(content: Content, method: string, url: string, body: Record<string, unknown>): Answer {
  const path = new URL(url, 'http://github.invalid').pathname.replace(`/repos/${REPOSITORY}`, '');
  const [, kind, first, second] = path.split('/');
  const number = Number(first === 'comments' ? second : first);
  const route = `${method} ${path.replace(/\/[0-9a-f]{40}(?=\/|$)/, '/SHA').replace(/\/\d+(?=\/|$)/, '/N')}`;
  const found = content.comments.find((comment) => comment.id === number);
  switch (route) {
    case 'POST /check-runs':
      // GitHub keeps the older ones too; only the newest of a name counts for anyone.
      content.checkRuns = content.checkRuns.filter(
        (run) => run.name !== body.name || run.head_sha !== body.head_sha,
      );
      content.checkRuns.push({ id: ++content.lastId, ...body } as CheckRun);
      return { status: 201, json: checkRun(content.checkRuns.at(-1)!) };
    case 'GET /commits/SHA/check-runs': {
      const runs = content.checkRuns.filter((run) => run.head_sha === first).map(checkRun);
      return { status: 200, json: { total_count: runs.length, check_runs: runs } };
    }
    case 'GET /issues/N/comments':
      return {
        status: 200,
        json: content.comments.filter((comment) => comment.issue === number).map(comment),
      };
    case 'POST /issues/N/comments':
      content.comments.push({ id: ++content.lastId, issue: number, body: String(body.body) });
      return { status: 201, json: comment(content.comments.at(-1)!) };
    case 'PATCH /issues/comments/N':
      if (!found) break;
      found.body = String(body.body);
      return { status: 200, json: comment(found) };
    case 'GET /issues':
      return { status: 200, json: content.issues.map(issue) };
    case 'POST /issues': {
      const made = {
        number: FIRST_ISSUE + content.issues.length,
        title: '',
        body: '',
        state: 'open',
        ...body,
      };
      content.issues.push(made);
      return { status: 201, json: issue(made) };
    }
    case 'PATCH /issues/N': {
      const changed = content.issues.find((candidate) => candidate.number === number);
      if (!changed) break;
      Object.assign(changed, body);
      return { status: 200, json: issue(changed) };
    }
    case 'GET /user':
      return { status: 403, json: { message: 'Resource not accessible by integration' } };
    default:
      if (kind === 'commits' && second === 'pulls') return { status: 200, json: [] };
  }
  return { status: 404, json: { message: 'Not Found' } };
}

const page = `https://github.com/${REPOSITORY}`;
const comment = ({ id, issue: number, body }: Comment) => ({
  id,
  body,
  user: USER,
  html_url: `${page}/pull/${number}#issuecomment-${id}`,
});
const issue = (one: Issue) => ({ ...one, user: USER, html_url: `${page}/issues/${one.number}` });
const checkRun = (run: CheckRun) => ({ ...run, app: APP, html_url: `${page}/runs/${run.id}` });

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
}
