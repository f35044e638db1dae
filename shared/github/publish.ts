/**
 * A section's way into the one comment of its model. GitHub cannot compare and swap a comment, so each section
 * lives in its own check run and the comment is a pure function of the list of them: whoever writes last has seen
 * every section written before its last look, and every later one is followed by its own author's write.
 */
import type { Octokit } from '@octokit/rest';
import { COMMENT_LIMIT, renderComment } from '../report/comment.ts';
import type { ReportSection } from '../report/section.ts';
import { listSections, type WrittenCheckRun, writeCheckRun } from './check-run.ts';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { findPullRequest, type GitHubContext, type PullRequest, readContext } from './context.ts';
import { type CommentPlace, commentMarker, findAuthor, writeComment } from './issue-comment.ts';
import { mergeIntoComment } from './publish-without-checks.ts';

export interface PublishOptions {
  section: ReportSection;
  env: NodeJS.ProcessEnv;
  /** Empty or missing: nothing can be written, and that is said. */
  token: string | undefined;
  fetch?: typeof fetch;
  signal?: AbortSignal;
  progress?: (message: string) => void;
  /** Waits before looking again; only used where check runs may not be written. */
  wait?: (milliseconds: number) => Promise<void>;
}

export interface Published {
  commentUrl?: string;
  checkRunUrl?: string;
  /** One sentence for the log: what could not be written and which permission is missing. */
  warning?: string;
}

/** More rounds than jobs that could plausibly write to one commit at once. */
const MOST_ROUNDS = 60;

/**
 * Writes the section's check run and brings the pull request's comment up to date. Outside a GitHub workflow it
 * does nothing; what GitHub refuses is a warning, since the step summary already holds the report.
 */
export async function publishSection(options: PublishOptions): Promise<Published> {
  const context = await readContext(options.env);
  if (!context) return {};
  if (!options.token) return { warning: 'No comment was written: the input github-token is empty.' };
  try {
    const client = await createClient({ ...options, token: options.token });
    return await publish(client, context, options);
  } catch (error) {
    if (httpStatus(error) === undefined) throw error;
    return { warning: `No comment was written: GitHub answered ${describeFailure(error)}.` };
  }
}

async function publish(client: Octokit, context: GitHubContext, options: PublishOptions): Promise<Published> {
  const { section } = options;
  const pullRequest = await findPullRequest(client, context);
  const headSha = pullRequest?.headSha ?? context.headSha;
  let checkRun: WrittenCheckRun | undefined;
  try {
    checkRun = await writeCheckRun(client, context, headSha, section);
  } catch (error) {
    if (!isDenied(error)) throw error;
    if (!pullRequest?.open) return { warning: deniedWarning('check run', pullRequest) };
  }
  const published: Published = checkRun?.url ? { checkRunUrl: checkRun.url } : {};
  if (!pullRequest?.open) return published;
  try {
    const place: CommentPlace = {
      client,
      owner: context.owner,
      repo: context.repo,
      pullRequest: pullRequest.number,
      author: await findAuthor(client, checkRun?.app?.slug),
      name: section.name,
    };
    const commentUrl = checkRun
      ? await writeFromCheckRuns(place, context, headSha, { checkRun, section })
      : await mergeIntoComment(place, section, { reportUrl: context.runUrl, wait: options.wait });
    return { ...published, commentUrl };
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { ...published, warning: deniedWarning('comment', pullRequest) };
  }
}

/** List, render, write if it differs, list again; done when nothing changed between the two looks. */
async function writeFromCheckRuns(
  place: CommentPlace,
  context: GitHubContext,
  headSha: string,
  own: { checkRun: WrittenCheckRun; section: ReportSection },
): Promise<string> {
  const limit = COMMENT_LIMIT - commentMarker(place.name).length - 1;
  const look = async () => {
    const sections = await listSections(place.client, context, headSha, own);
    return renderComment(sections, { reportUrl: context.runUrl, limit });
  };
  let body = await look();
  for (let round = 1; ; round += 1) {
    const { url, settled } = await writeComment(place, body);
    const now = await look();
    if ((now === body && settled) || round === MOST_ROUNDS) return url;
    body = now;
  }
}

function deniedWarning(what: 'comment' | 'check run', pullRequest: PullRequest | undefined): string {
  if (pullRequest?.fork) {
    return `No ${what} was written: a run for a fork's pull request may only read. The report is in the step summary.`;
  }
  const permission = what === 'comment' ? 'pull-requests: write' : 'checks: write';
  return `No ${what} was written: the token lacks a permission. Add "permissions: ${permission}" to the job.`;
}
