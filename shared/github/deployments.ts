/**
 * GitHub's deployments of one model in one environment, kept true: at most one is active. GitHub's own `auto_inactive`
 * would end those of every other model in the environment too, so it is not used. What was deployed is in the
 * deployment's payload, so that a later run finds the one it goes on with.
 */
import type { Octokit } from '@octokit/rest';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { type GitHubContext, readContext } from './context.ts';

export type DeploymentState = 'in_progress' | 'queued' | 'success' | 'failure' | 'error' | 'inactive';

/** GitHub cuts nothing off, it refuses. */
const LONGEST_DESCRIPTION = 140;
/** Older ones were ended long ago. */
const LOOKED_AT = 20;
/** States in which a deployment still claims something. */
const OPEN: readonly string[] = ['pending', 'queued', 'in_progress', 'success'];

interface Options {
  environment: string;
  /** Of the model. */
  name: string;
  token: string | undefined;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress: (message: string) => void;
}

interface Known {
  id: number;
  digest: string | undefined;
  state: string;
}

/** Why no deployment is written. */
class NoDeployment extends Error {}

export class GitHubDeployments {
  private readonly client: Octokit;
  private readonly context: GitHubContext;
  private readonly options: Options;

  private constructor(client: Octokit, context: GitHubContext, options: Options) {
    this.client = client;
    this.context = context;
    this.options = options;
  }

  /** @throws where this is no GitHub workflow, or there is no token. */
  static async open(options: Options): Promise<GitHubDeployments> {
    const context = await readContext(options.env);
    if (!context) throw new NoDeployment('this is no GitHub workflow');
    if (!options.token) throw new NoDeployment('there is no token');
    return new GitHubDeployments(await createClient({ ...options, token: options.token }), context, options);
  }

  /** A deployment of this version is under way: the one that an earlier run began, or a new one. */
  async begin(digest: string): Promise<void> {
    await this.set(digest, 'in_progress', 'The challenger is brought up.');
  }

  /**
   * Sets the state of the newest open deployment of a version, and makes one where there is none. One that is to end
   * and was never begun is not made.
   * @param url where the model answers; left out when it is on the runner itself.
   */
  async set(digest: string, state: DeploymentState, reason: string, url?: string | null): Promise<void> {
    const found = (await this.known()).find((one) => one.digest === digest && OPEN.includes(one.state));
    if (!found && (state === 'failure' || state === 'error' || state === 'inactive')) return;
    const isSame = found?.state === state && state !== 'in_progress';
    if (!isSame) await this.setState(found?.id ?? (await this.create(digest)), state, reason, url);
  }

  /** All deployments but those of these versions become inactive, and of each version all but the newest. */
  async keepOnly(digests: readonly string[]): Promise<void> {
    const kept = new Set<string>();
    for (const { id, digest, state } of await this.known()) {
      if (!OPEN.includes(state)) continue;
      if (digest !== undefined && digests.includes(digest) && !kept.has(digest)) kept.add(digest);
      else await this.setState(id, 'inactive', 'Another version serves, or none.');
    }
  }

  /** Newest first. */
  private async known(): Promise<Known[]> {
    const { data } = await this.client.rest.repos.listDeployments({
      ...this.place(),
      environment: this.options.environment,
      task: this.task(),
      per_page: LOOKED_AT,
    });
    return Promise.all(
      data.map(async ({ id, payload }) => {
        const { data: statuses } = await this.client.rest.repos.listDeploymentStatuses({
          ...{ ...this.place(), deployment_id: id, per_page: 1 },
        });
        return { id, digest: digestOf(payload), state: statuses[0]?.state ?? 'pending' };
      }),
    );
  }

  private async create(digest: string): Promise<number> {
    const { data } = await this.client.rest.repos.createDeployment({
      ...this.place(),
      ref: this.context.headSha,
      task: this.task(),
      environment: this.options.environment,
      auto_merge: false,
      // The gate and the checks before traffic decide, not whether every check of the commit is green.
      required_contexts: [],
      description: `${this.options.name} ${digest.slice(0, 'sha256:'.length + 12)}`,
      payload: { name: this.options.name, digest },
    });
    if ('id' in data) return data.id;
    throw new NoDeployment(`GitHub says: ${data.message ?? 'nothing was made'}`);
  }

  private async setState(
    id: number,
    state: DeploymentState,
    reason: string,
    url?: string | null,
  ): Promise<void> {
    const { environment } = this.options;
    await this.client.rest.repos.createDeploymentStatus({
      ...this.place(),
      deployment_id: id,
      state,
      environment,
      auto_inactive: false,
      description:
        reason.length > LONGEST_DESCRIPTION ? `${reason.slice(0, LONGEST_DESCRIPTION - 1)}…` : reason,
      ...(this.context.runUrl && { log_url: this.context.runUrl }),
      ...(url && isPublic(url) && { environment_url: url }),
    });
  }

  private place() {
    return { owner: this.context.owner, repo: this.context.repo };
  }

  /** Tells the model's deployments from each other's, and from those that GitHub makes for a job's `environment:`. */
  private task(): string {
    return `mlops-actions:${this.options.name}`;
  }
}

/** GitHub gives a payload back as an object, or as the text that an older server keeps. */
function digestOf(payload: unknown): string | undefined {
  try {
    const read: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
    if (typeof read !== 'object' || read === null || !('digest' in read)) return undefined;
    return typeof read.digest === 'string' ? read.digest : undefined;
  } catch {
    return undefined;
  }
}

function isPublic(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return /^https?:$/.test(protocol) && !/^(localhost|127\..*|\[::1\])$/.test(hostname);
}

/** What a person can do about a deployment that could not be written. */
export function describeRefusal(error: unknown): string {
  const begin = 'The GitHub deployment could not be written';
  if (error instanceof NoDeployment) return `${begin}: ${error.message}.`;
  if (httpStatus(error) === undefined) return `${begin}: ${describeFailure(error)}.`;
  const fix = isDenied(error) ? ' Add "permissions: deployments: write" to the job.' : '';
  return `${begin}: GitHub answered ${describeFailure(error)}.${fix}`;
}
