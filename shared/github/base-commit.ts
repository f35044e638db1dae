/** The commit that a pull request, or an entry of a merge queue, wants to be merged into. */
import { type ClientOptions, createClient, describeFailure } from './client.ts';
import { askedPullRequest, type GitHubContext } from './context.ts';

/** `none`: the run is of no pull request. `unknown`: it is, and its base cannot be told, for the reason given. */
export type BaseCommit =
  | { status: 'found'; commit: string }
  | { status: 'none' }
  | { status: 'unknown'; why: string };

/**
 * Knows every event that says itself which pull request it is about: those of pull requests and their reviews, the
 * merge queue, comments on a pull request, and runs started by hand with an input `pull-request`. Of the last two
 * GitHub's API is asked for the base.
 */
export async function findBaseCommit(
  { owner, repo, event, eventName }: GitHubContext,
  options: Omit<ClientOptions, 'token'> & { token: string | undefined },
): Promise<BaseCommit> {
  if (event.pull_request || event.merge_group || /^(pull_request|merge_group)/.test(eventName)) {
    const commit = event.pull_request?.base?.sha ?? event.merge_group?.base_sha;
    return commit === undefined
      ? { status: 'unknown', why: `the event ${eventName} names no base commit` }
      : { status: 'found', commit };
  }
  const number = event.issue?.pull_request ? event.issue.number : askedPullRequest(event);
  if (number === undefined) return { status: 'none' };
  const { token } = options;
  if (!token) return { status: 'unknown', why: `pull request ${number} is meant, and github-token is empty` };
  try {
    const client = await createClient({ ...options, token });
    const { data } = await client.rest.pulls.get({ owner, repo, pull_number: number });
    return { status: 'found', commit: data.base.sha };
  } catch (error) {
    options.signal?.throwIfAborted();
    return {
      status: 'unknown',
      why: `pull request ${number} is meant, and GitHub answered ${describeFailure(error)}`,
    };
  }
}
