import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';
import type { OperationResult, RunRequest } from './operations/operation.ts';

/** What GitHub's pages are told of this run. Nothing here throws: what GitHub refuses is a warning. */
export interface FollowedDeployment {
  conclude(result: OperationResult, endpoint: string | null): Promise<void>;
  broke(reason: string): Promise<void>;
}

/** How many milliseconds a run that was cancelled may still spend on GitHub. */
const WHEN_CANCELLED_MS = 2_000;
const OTHERWISE_MS = 60_000;

/** Begins a GitHub deployment where the input environment asks for one; undefined without it. */
export async function followDeployment(
  { environment, name, githubToken }: Given,
  { env, log, signal }: Deps,
  request: RunRequest | undefined,
): Promise<FollowedDeployment | undefined> {
  if (!environment) return undefined;
  const { GitHubDeployments, describeRefusal } = await import('../../shared/github/deployments.ts');
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.warning(describeRefusal(error));
      return undefined;
    }
  };
  const open = () =>
    GitHubDeployments.open({
      ...{ environment, name, token: githubToken, env, progress: log.progress },
      signal: AbortSignal.timeout(signal.aborted ? WHEN_CANCELLED_MS : OTHERWISE_MS),
    });
  const digest = request?.gate.allowed ? request.model.digest : undefined;
  if (digest) await attempt(async () => (await open()).begin(digest));
  return {
    broke: async (reason) => {
      if (digest) await attempt(async () => (await open()).set(digest, 'error', reason));
    },
    conclude: async (result, endpoint) => {
      await attempt(async () => settle(await open(), result, endpoint));
    },
  };
}

type Deployments = Awaited<
  ReturnType<typeof import('../../shared/github/deployments.ts')['GitHubDeployments']['open']>
>;

async function settle(
  deployments: Deployments,
  result: OperationResult,
  endpoint: string | null,
): Promise<void> {
  const { outcome, serving, challenger, verdict, reason } = result;
  if (outcome === 'refused') return;
  if (outcome === 'stopped') return deployments.keepOnly([]);
  const isUndecided = outcome === 'rolling' || outcome === 'paused' || outcome === 'held';
  if (isUndecided && challenger) {
    return deployments.set(challenger.digest, outcome === 'rolling' ? 'in_progress' : 'queued', reason);
  }
  if (challenger && serving !== challenger.digest) {
    const state = verdict === 'error' ? 'error' : verdict === 'fail' ? 'failure' : 'inactive';
    await deployments.set(challenger.digest, state, reason);
  }
  if (serving && serving === challenger?.digest) await deployments.set(serving, 'success', reason, endpoint);
  await deployments.keepOnly(serving ? [serving] : []);
}
