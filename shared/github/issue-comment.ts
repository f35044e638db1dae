/** The one comment of a model on a pull request: found by a hidden marker and its author, over all pages. */
import type { Octokit } from '@octokit/rest';
import { httpStatus, isDenied } from './client.ts';
import type { GitHubContext } from './context.ts';

export interface OwnComment {
  id: number;
  body: string;
  url: string;
}

/** The hidden first line of a model's comment. Names are lower-case letters, digits and hyphens. */
export function commentMarker(name: string): string {
  return `<!-- mlops-actions:comment ${name} -->`;
}

/**
 * The login that writes with this token. A workflow's own token may not ask who it is, so there the answer comes
 * from the app of a check run that it wrote, or is that of GitHub's own app.
 */
export async function findAuthor(client: Octokit, appSlug: string | undefined): Promise<string> {
  try {
    return (await client.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    if (!isDenied(error) && httpStatus(error) !== 404) throw error;
    return `${appSlug ?? 'github-actions'}[bot]`;
  }
}

export interface CommentPlace extends Pick<GitHubContext, 'owner' | 'repo'> {
  client: Octokit;
  pullRequest: number;
  author: string;
  name: string;
}

/** All comments of this model by this author, the oldest first: the first is the one that stays. */
export async function listOwnComments(place: CommentPlace): Promise<OwnComment[]> {
  const { client, owner, repo, pullRequest } = place;
  const all = await client.paginate(client.rest.issues.listComments, {
    owner,
    repo,
    issue_number: pullRequest,
    per_page: 100,
  });
  return all
    .filter(
      (comment) =>
        comment.user?.login === place.author && comment.body?.startsWith(commentMarker(place.name)),
    )
    .map((comment) => ({ id: comment.id, body: comment.body ?? '', url: comment.html_url }))
    .sort((a, b) => a.id - b.id);
}

/**
 * Makes the model's comment say `body`, and deletes every other than the oldest.
 * @returns the comment's address, and whether it settled: false when another job's comment took its place before
 * it could be brought up to date, so that the caller has to write again.
 */
export async function writeComment(
  place: CommentPlace,
  body: string,
): Promise<{ url: string; settled: boolean }> {
  const { client, owner, repo, pullRequest } = place;
  const text = `${commentMarker(place.name)}\n${body}`;
  const [existing, ...others] = await listOwnComments(place);
  for (const other of others) await deleteComment(place, other.id);
  if (existing) {
    // GitHub may return line ends and the last newline in its own way.
    if (normalized(existing.body) === normalized(text)) return { url: existing.url, settled: true };
    try {
      await client.rest.issues.updateComment({ owner, repo, comment_id: existing.id, body: text });
      return { url: existing.url, settled: true };
    } catch (error) {
      if (httpStatus(error) !== 404) throw error;
      return { url: existing.url, settled: false };
    }
  }
  const created = await client.rest.issues.createComment({
    owner,
    repo,
    issue_number: pullRequest,
    body: text,
  });
  const [oldest] = await listOwnComments(place);
  if (oldest && oldest.id < created.data.id) {
    await deleteComment(place, created.data.id);
    return { url: oldest.url, settled: false };
  }
  return { url: created.data.html_url, settled: true };
}

function normalized(text: string): string {
  return text.replace(/\r\n/g, '\n').trimEnd();
}

async function deleteComment({ client, owner, repo }: CommentPlace, id: number): Promise<void> {
  try {
    await client.rest.issues.deleteComment({ owner, repo, comment_id: id });
  } catch (error) {
    if (httpStatus(error) !== 404) throw error;
  }
}
