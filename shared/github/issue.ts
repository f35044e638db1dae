/** One issue per model for its drift: opened, kept up to date, closed on recovery and reopened, never a second. */
import type { Octokit } from '@octokit/rest';
import { UserError } from '../errors.ts';
import { escapeMarkdown } from '../report/markdown.ts';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { readContext } from './context.ts';
import { type BodyPart, fitBody, ISSUE_BODY_LIMIT } from './issue-body.ts';
import { findAuthor } from './issue-comment.ts';

export interface IssueAccess {
  env: NodeJS.ProcessEnv;
  token: string | undefined;
  /** The model's name. */
  name: string;
  fetch?: typeof fetch;
  signal?: AbortSignal;
  progress?: (message: string) => void;
}

export interface WantedIssue {
  /**
   * `drifting` opens or updates the issue; `recovered` closes it where one is open; `unclear` leaves it open or closed
   * as it is. An issue that exists is brought up to date in each case.
   */
  state: 'drifting' | 'recovered' | 'unclear';
  /** Plain text. */
  title: string;
  body: readonly BodyPart[];
  /** What the next check reads again: an HTML comment of one line, which is never left out. */
  hidden?: string;
}

export interface SyncedIssue {
  outcome: 'opened' | 'updated' | 'reopened' | 'closed' | 'unchanged' | 'none';
  number?: number;
  url?: string;
}

export interface DriftIssue {
  /** The body as it was found; undefined where the model has had no issue yet. */
  readonly previousBody: string | undefined;
  /** Brings it to the given state. @throws UserError when GitHub refuses. */
  sync(wanted: WantedIssue): Promise<SyncedIssue>;
}

interface OwnIssue {
  number: number;
  url: string;
  title: string;
  body: string;
  open: boolean;
}

interface Place {
  client: Octokit;
  owner: string;
  repo: string;
  author: string;
  marker: string;
}

/**
 * Finds the model's issue, open or closed. Only one that this token's own account wrote counts.
 * @returns undefined where this is no GitHub workflow.
 * @throws UserError when GitHub refuses, since an issue was asked for.
 */
export async function findDriftIssue(access: IssueAccess): Promise<DriftIssue | undefined> {
  const context = await readContext(access.env);
  if (!context) return undefined;
  const { token, name } = access;
  if (!token) {
    throw new UserError('The drift issue was not written: there is no token.', {
      where: { key: 'github-token' },
      fix: 'Leave the input github-token at its default, or give a token that may write issues.',
    });
  }
  return explained('read', async () => {
    const client = await createClient({ ...access, token });
    const author = await findAuthor(client, undefined);
    const marker = `<!-- mlops-actions:drift-issue ${name} -->`;
    const place = { client, owner: context.owner, repo: context.repo, author, marker };
    const found = await listOwnIssues(place);
    return {
      previousBody: found[0]?.body,
      sync: (wanted) => explained('written', () => sync(place, found, wanted)),
    };
  });
}

async function explained<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (httpStatus(error) === undefined) throw error;
    throw new UserError(`The drift issue was not ${what}: GitHub answered ${describeFailure(error)}.`, {
      fix: isDenied(error) ? 'Add "permissions: issues: write" to the job.' : 'Run the job again later.',
      cause: error,
    });
  }
}

async function sync(place: Place, found: readonly OwnIssue[], wanted: WantedIssue): Promise<SyncedIssue> {
  const { client, owner, repo, marker } = place;
  const head = [marker, ...(wanted.hidden === undefined ? [] : [wanted.hidden])].join('\n');
  const title = escapeTitle(wanted.title);
  const body = `${head}\n${fitBody(wanted.body, ISSUE_BODY_LIMIT - head.length - 1)}`;
  let [issue, ...others] = found;
  let outcome: SyncedIssue['outcome'] | undefined;
  if (!issue) {
    if (wanted.state !== 'drifting') return { outcome: 'none' };
    const { data } = await client.rest.issues.create({ owner, repo, title, body });
    outcome = 'opened';
    [issue, ...others] = await listOwnIssues(place);
    issue ??= { number: data.number, url: data.html_url, title, body, open: true };
  }
  for (const other of others) await closeDuplicate(place, other, issue.number);
  const open = wanted.state === 'unclear' ? issue.open : wanted.state === 'drifting';
  const same = issue.title === title && normalized(issue.body) === normalized(body);
  if (issue.open !== open || !same) {
    const state = open ? ({ state: 'open' } as const) : CLOSED;
    const changed = issue.open === open ? {} : state;
    await client.rest.issues.update({ owner, repo, issue_number: issue.number, title, body, ...changed });
    outcome ??= issue.open === open ? 'updated' : open ? 'reopened' : 'closed';
  }
  return { outcome: outcome ?? 'unchanged', number: issue.number, url: issue.url };
}

const CLOSED = { state: 'closed', state_reason: 'completed' } as const;

/** GitHub may return line ends and the last newline in its own way. */
function normalized(text: string): string {
  return text.replace(/\r\n/g, '\n').trimEnd();
}

/** Titles are plain text on GitHub, except that mentions in them are shown as links. */
function escapeTitle(title: string): string {
  return title.replace(/\s+/g, ' ').replace(/@/g, '@\u200b').trim().slice(0, 250);
}

/** All issues of this model by this author, open and closed, the oldest first: the first is the one that stays. */
async function listOwnIssues({ client, owner, repo, author, marker }: Place): Promise<OwnIssue[]> {
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
async function closeDuplicate({ client, owner, repo }: Place, duplicate: OwnIssue, original: number) {
  await client.rest.issues.update({
    owner,
    repo,
    issue_number: duplicate.number,
    body: `${escapeMarkdown('Opened at the same moment as the issue that stays:')} #${original}`,
    state: 'closed',
    state_reason: 'not_planned',
  });
}
