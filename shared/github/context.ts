/** Where a run stands on GitHub: repository, commit, event, and the pull request it belongs to. */
import { readFile } from 'node:fs/promises';
import type { Octokit } from '@octokit/rest';
import * as z from 'zod';

export interface GitHubContext {
  owner: string;
  repo: string;
  /** The commit that check runs belong to: a pull request's head, not the merge commit that was checked out. */
  headSha: string;
  runUrl: string | undefined;
  eventName: string;
  event: WorkflowEvent;
}

export interface PullRequest {
  number: number;
  headSha: string;
  /** From another repository: tokens of its runs may only read. */
  fork: boolean;
  open: boolean;
}

const commitSchema = z.string().regex(/^[0-9a-f]{40,64}$/);

const pullRequestSchema = z.object({
  number: z.number().int(),
  state: z.string().optional(),
  head: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ sha: commitSchema }).optional().catch(undefined),
});

/** The parts of an event that matter here; an event file holds much more. */
const eventSchema = z.object({
  pull_request: pullRequestSchema.optional().catch(undefined),
  merge_group: z.object({ base_sha: commitSchema }).optional().catch(undefined),
  issue: z
    .object({ number: z.number().int(), state: z.string().optional(), pull_request: z.unknown().optional() })
    .optional()
    .catch(undefined),
  workflow_run: z
    .object({
      head_sha: z.string(),
      head_branch: z.string().nullish(),
      head_repository: z.object({ full_name: z.string(), owner: z.object({ login: z.string() }) }).nullish(),
      pull_requests: z.array(z.object({ number: z.number().int() })).default([]),
    })
    .optional()
    .catch(undefined),
  inputs: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
type WorkflowEvent = z.infer<typeof eventSchema>;

/** Reads the runner's environment and event file; undefined when this is no GitHub workflow. */
export async function readContext(env: NodeJS.ProcessEnv): Promise<GitHubContext | undefined> {
  const [owner, repo, ...rest] = (env.GITHUB_REPOSITORY ?? '').split('/');
  if (!owner || !repo || rest.length > 0 || !env.GITHUB_SHA) return undefined;
  const event = await readEvent(env.GITHUB_EVENT_PATH);
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  return {
    owner,
    repo,
    headSha: event.pull_request?.head.sha ?? event.workflow_run?.head_sha ?? env.GITHUB_SHA,
    runUrl: env.GITHUB_RUN_ID ? `${server}/${owner}/${repo}/actions/runs/${env.GITHUB_RUN_ID}` : undefined,
    eventName: env.GITHUB_EVENT_NAME ?? '',
    event,
  };
}

async function readEvent(path: string | undefined): Promise<WorkflowEvent> {
  const text = path ? await readFile(path, 'utf8').catch(() => '') : '';
  try {
    return eventSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * The pull request of a run: from the event, from the run that this one follows, from the input `pull-request` of
 * a run started by hand, or the open one that contains the commit. Undefined when there is none, or when its head
 * has moved on since the run that this one follows.
 */
export async function findPullRequest(
  client: Octokit,
  context: GitHubContext,
): Promise<PullRequest | undefined> {
  const { event, owner, repo } = context;
  const here = `${owner}/${repo}`;
  if (event.pull_request) {
    const { number, head, state } = event.pull_request;
    return { number, headSha: head.sha, fork: isFork(head.repo?.full_name, here), open: state !== 'closed' };
  }
  if (event.issue?.pull_request) return getPullRequest(client, context, event.issue.number);
  if (event.workflow_run) return findByWorkflowRun(client, context, event.workflow_run);
  const asked = askedPullRequest(event);
  if (asked !== undefined) return getPullRequest(client, context, asked);
  return findByCommit(client, context, context.headSha);
}

/** The input `pull-request` of a run that a person started. */
export function askedPullRequest({ inputs }: WorkflowEvent): number | undefined {
  const asked = Number(inputs?.['pull-request'] || Number.NaN);
  return Number.isInteger(asked) && asked > 0 ? asked : undefined;
}

/** Names are compared without case, as GitHub does; a head whose repository is gone was a fork. */
function isFork(headRepository: string | undefined, here: string): boolean {
  return headRepository?.toLowerCase() !== here.toLowerCase();
}

async function getPullRequest(
  client: Octokit,
  { owner, repo }: GitHubContext,
  number: number,
): Promise<PullRequest> {
  const { data } = await client.rest.pulls.get({ owner, repo, pull_number: number });
  return {
    number,
    headSha: data.head.sha,
    fork: isFork(data.head.repo?.full_name, `${owner}/${repo}`),
    open: data.state === 'open',
  };
}

/** `workflow_run.pull_requests` is empty for forks, so those are found by head branch, repository and commit. */
async function findByWorkflowRun(
  client: Octokit,
  context: GitHubContext,
  run: NonNullable<WorkflowEvent['workflow_run']>,
): Promise<PullRequest | undefined> {
  const { owner, repo } = context;
  for (const { number } of run.pull_requests) {
    const found = await getPullRequest(client, context, number);
    if (found.headSha === run.head_sha) return found;
  }
  const head = run.head_repository;
  if (!head || !run.head_branch) return undefined;
  const candidates = await client.paginate(client.rest.pulls.list, {
    owner,
    repo,
    state: 'open',
    head: `${head.owner.login}:${run.head_branch}`,
    per_page: 100,
  });
  const found = candidates.find((candidate) => {
    const sameRepository = candidate.head.repo?.full_name.toLowerCase() === head.full_name.toLowerCase();
    return candidate.head.sha === run.head_sha && sameRepository;
  });
  if (!found) return undefined;
  return {
    number: found.number,
    headSha: run.head_sha,
    fork: isFork(head.full_name, `${owner}/${repo}`),
    open: true,
  };
}

async function findByCommit(
  client: Octokit,
  { owner, repo }: GitHubContext,
  sha: string,
): Promise<PullRequest | undefined> {
  const associated = await client.paginate(client.rest.repos.listPullRequestsAssociatedWithCommit, {
    owner,
    repo,
    commit_sha: sha,
    per_page: 100,
  });
  const found = associated.find((candidate) => candidate.state === 'open' && candidate.head.sha === sha);
  if (!found) return undefined;
  const fork = isFork(found.head.repo?.full_name, `${owner}/${repo}`);
  return { number: found.number, headSha: sha, fork, open: true };
}
