/** Check runs that nobody concludes any more: their process was killed, or their machine was lost. */
import type { Octokit } from '@octokit/rest';
import { createClient, describeFailure } from './client.ts';

/** What has to be kept of a check run, so that another process can conclude it. */
export interface BegunCheckRun {
  owner: string;
  repo: string;
  id: number;
}

/** By its external id GitHub tells which attempt of a run began a check run. Undefined outside of a workflow's run. */
export function attemptId(externalId: string, env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt = '1' } = env;
  return run ? `${externalId}/${run}/${attempt}` : undefined;
}

/** Concludes one, unless its report has done so. Never fails. */
export async function concludeLeftCheckRun(
  { owner, repo, id }: BegunCheckRun,
  options: {
    env: NodeJS.ProcessEnv;
    token: string | undefined;
    warn: (message: string) => void;
    fetch?: typeof fetch;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { token } = options;
  if (!token) return;
  try {
    const client = await createClient({ ...options, token });
    const { data } = await client.rest.checks.get({ owner, repo, check_run_id: id });
    if (data.status !== 'completed') await conclude(client, { owner, repo, id });
  } catch (error) {
    options.warn(`The check run of the training still says that it runs: ${describeFailure(error)}.`);
  }
}

/**
 * Concludes those of earlier attempts at the same run: GitHub begins an attempt only when the one before has ended, so
 * that none of them is at work any more. Those of other runs may be.
 * @param externalId without the attempt.
 */
export async function concludeEarlierAttempts(
  client: Octokit,
  place: { owner: string; repo: string; headSha: string; name: string; externalId: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { owner, repo, headSha, name, externalId } = place;
  const own = attemptId(externalId, env);
  const attempt = Number(env.GITHUB_RUN_ATTEMPT ?? 1);
  if (own === undefined || !(attempt > 1)) return;
  const run = own.slice(0, own.lastIndexOf('/') + 1);
  const begun = await client.paginate(client.rest.checks.listForRef, {
    ...{ owner, repo, ref: headSha, check_name: name, status: 'in_progress', filter: 'all', per_page: 100 },
  });
  for (const { id, external_id: known } of begun) {
    if (known?.startsWith(run) && Number(known.slice(run.length)) < attempt)
      await conclude(client, { owner, repo, id });
  }
}

async function conclude(client: Octokit, { owner, repo, id }: BegunCheckRun): Promise<void> {
  await client.rest.checks.update({
    ...{ owner, repo, check_run_id: id },
    ...{ status: 'completed', conclusion: 'cancelled' },
  });
}
