/** One issue per model for its drift: opened, kept up to date, closed on recovery and reopened, never a second. */
import type { Octokit } from '@octokit/rest';
import { UserError } from '../errors.ts';
import { escapeMarkdown, type Markdown } from '../report/markdown.ts';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { readContext } from './context.ts';
import { findAuthor } from './issue-comment.ts';

export interface IssueOptions {
  env: NodeJS.ProcessEnv;
  token: string | undefined;
  /** The model's name. */
  name: string;
  /** `drifting` opens or updates the issue; `recovered` closes it where one is open. */
  state: 'drifting' | 'recovered';
  /** Plain text. */
  title: string;
  body: Markdown;
  fetch?: typeof fetch;
  signal?: AbortSignal;
  progress?: (message: string) => void;
}

export interface SyncedIssue {
  outcome: 'opened' | 'updated' | 'reopened' | 'closed' | 'unchanged' | 'none';
  number?: number;
  url?: string;
  /** Why nothing could be done, where this is no GitHub workflow. */
  warning?: string;
}

interface OwnIssue {
  number: number;
  url: string;
  title: string;
  body: string;
  open: boolean;
}

const BODY_LIMIT = 65_536;

function issueMarker(name: string): string {
  return `<!-- mlops-actions:drift-issue ${name} -->`;
}

/**
 * Brings the model's drift issue to the given state.
 * @throws UserError when GitHub refuses, since an issue was asked for.
 */
export async function syncIssue(options: IssueOptions): Promise<SyncedIssue> {
  const context = await readContext(options.env);
  if (!context) return { outcome: 'none', warning: 'No issue was written: this is no GitHub workflow.' };
  if (!options.token) {
    throw new UserError('The drift issue was not written: there is no token.', {
      where: { key: 'github-token' },
      fix: 'Leave the input github-token at its default, or give a token that may write issues.',
    });
  }
  try {
    const client = await createClient({ ...options, token: options.token });
    return await sync({ client, owner: context.owner, repo: context.repo }, options);
  } catch (error) {
    if (httpStatus(error) === undefined) throw error;
    throw new UserError(`The drift issue was not written: GitHub answered ${describeFailure(error)}.`, {
      fix: isDenied(error) ? 'Add "permissions: issues: write" to the job.' : 'Run the job again later.',
      cause: error,
    });
  }
}

interface Repository {
  client: Octokit;
  owner: string;
  repo: string;
}

async function sync(repository: Repository, options: IssueOptions): Promise<SyncedIssue> {
  const { client, owner, repo } = repository;
  const author = await findAuthor(client, undefined);
  const marker = issueMarker(options.name);
  const wanted = {
    title: escapeTitle(options.title),
    body: `${marker}\n${options.body.text}`.slice(0, BODY_LIMIT),
    open: options.state === 'drifting',
  };
  let [issue, ...others] = await listOwnIssues(repository, author, marker);
  let outcome: SyncedIssue['outcome'] | undefined;
  if (!issue) {
    if (!wanted.open) return { outcome: 'none' };
    const { data } = await client.rest.issues.create({ owner, repo, title: wanted.title, body: wanted.body });
    outcome = 'opened';
    [issue, ...others] = await listOwnIssues(repository, author, marker);
    issue ??= { number: data.number, url: data.html_url, ...wanted };
  }
  for (const other of others) await closeDuplicate(repository, other, issue.number);
  const same = issue.title === wanted.title && issue.body.trimEnd() === wanted.body.trimEnd();
  if (issue.open !== wanted.open || (wanted.open && !same)) {
    await client.rest.issues.update({
      owner,
      repo,
      issue_number: issue.number,
      title: wanted.title,
      body: wanted.body,
      ...(wanted.open ? { state: 'open' } : { state: 'closed', state_reason: 'completed' }),
    });
    outcome ??= wanted.open ? (issue.open ? 'updated' : 'reopened') : 'closed';
  }
  return { outcome: outcome ?? 'unchanged', number: issue.number, url: issue.url };
}

/** Titles are plain text on GitHub, except that mentions in them are shown as links. */
function escapeTitle(title: string): string {
  return title.replace(/\s+/g, ' ').replace(/@/g, '@\u200b').trim().slice(0, 250);
}

/** All issues of this model by this author, open and closed, the oldest first: the first is the one that stays. */
async function listOwnIssues({ client, owner, repo }: Repository, author: string, marker: string) {
  const all = await client.paginate(client.rest.issues.listForRepo, {
    owner,
    repo,
    state: 'all',
    per_page: 100,
  });
  return all
    .filter((issue) => !issue.pull_request && issue.user?.login === author && issue.body?.startsWith(marker))
    .map(
      (issue): OwnIssue => ({
        number: issue.number,
        url: issue.html_url,
        title: issue.title,
        body: issue.body ?? '',
        open: issue.state === 'open',
      }),
    )
    .sort((a, b) => a.number - b.number);
}

/** An issue cannot be deleted with a workflow's token: it loses its marker and is closed. */
async function closeDuplicate({ client, owner, repo }: Repository, duplicate: OwnIssue, original: number) {
  await client.rest.issues.update({
    owner,
    repo,
    issue_number: duplicate.number,
    body: `${escapeMarkdown('Opened at the same moment as the issue that stays:')} #${original}`,
    state: 'closed',
    state_reason: 'not_planned',
  });
}
