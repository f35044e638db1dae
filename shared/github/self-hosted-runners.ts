/**
 * Runners of a repository that are made for one job each (just-in-time). A runner is made before the machine that it
 * will run on, and GitHub removes it when its job is done; it refuses to remove one that is running a job.
 */
import type { Octokit } from '@octokit/rest';
import { UserError } from '../errors.ts';
import { type ClientOptions, createClient, describeFailure, httpStatus } from './client.ts';

export interface Runner {
  id: number;
  name: string;
  online: boolean;
  busy: boolean;
  labels: string[];
}

export interface RunnerDownload {
  url: string;
  /** Lower-case hexadecimal. */
  sha256: string;
}

export interface RunnerService {
  /** The runner's program as this server of GitHub wants it. */
  download(architecture: 'x64' | 'arm64'): Promise<RunnerDownload>;
  /** Makes a runner; one of this name that never began, from an earlier try, is replaced. The configuration is a secret. */
  create(runner: { name: string; labels: readonly string[]; group: number }): Promise<{
    id: number;
    configuration: string;
  }>;
  /** All of the repository's. */
  list(): Promise<Runner[]>;
  /** Undefined where GitHub has no such runner: its job is done, or it was removed. */
  find(id: number): Promise<Runner | undefined>;
  /** After `removed` and `absent` it can get no job any more; `busy` is not removed. */
  remove(id: number): Promise<'removed' | 'absent' | 'busy'>;
  /** The newest attempt of a workflow run; undefined where GitHub shows no such run. */
  run(id: string): Promise<{ attempt: number; ended: boolean } | undefined>;
}

const TOKEN_FIX =
  'Give runner-token a fine-grained token or the token of a GitHub App with "Administration: read and write" and "Actions: read" on this repository; GITHUB_TOKEN can never have the first.';

/** @throws UserError where there is no token, or the repository is not named as owner/name. */
export async function openRunnerService(
  repository: string,
  options: Omit<ClientOptions, 'token'> & { token: string | undefined },
): Promise<RunnerService> {
  const { token } = options;
  if (!token) {
    throw new UserError('There is no token that may make and remove runners.', {
      ...{ where: { key: 'runner-token' }, fix: TOKEN_FIX },
    });
  }
  const [owner, repo, ...rest] = repository.split('/');
  if (!owner || !repo || rest.length > 0) {
    throw new UserError(`${repository || 'An empty text'} is not the name of a repository.`, {
      ...{
        where: { key: 'GITHUB_REPOSITORY' },
        fix: 'Run this in a GitHub workflow, or set it to owner/name.',
      },
    });
  }
  return new GitHubRunners(await createClient({ ...options, token }), { owner, repo });
}

class GitHubRunners implements RunnerService {
  private readonly client: Octokit;
  private readonly place: { owner: string; repo: string };

  constructor(client: Octokit, place: { owner: string; repo: string }) {
    this.client = client;
    this.place = place;
  }

  async download(architecture: 'x64' | 'arm64'): Promise<RunnerDownload> {
    const { data } = await this.ask('tell which program a runner needs', () =>
      this.client.rest.actions.listRunnerApplicationsForRepo(this.place),
    );
    const found = data.find((one) => one.os === 'linux' && one.architecture === architecture);
    const sha256 = found?.sha256_checksum?.toLowerCase();
    if (found && sha256 && /^[0-9a-f]{64}$/.test(sha256)) return { url: found.download_url, sha256 };
    throw new UserError(`GitHub names no runner for linux ${architecture} with a checksum.`, {
      fix: 'Update the GitHub Enterprise server.',
    });
  }

  async create({ name, labels, group }: { name: string; labels: readonly string[]; group: number }) {
    const make = () =>
      this.client.rest.actions.generateRunnerJitconfigForRepo({
        ...this.place,
        ...{ name, labels: [...labels], runner_group_id: group },
        // A name that exists stays: trying again would only take time.
        request: { retries: 0 },
      });
    const { data } = await this.ask(`make the runner ${name}`, () =>
      make().catch(async (error) => {
        const status = httpStatus(error);
        if (status === undefined || (status !== 409 && status < 500)) throw error;
        // After a server's error too: it may have made the runner and lost the answer.
        for (const one of (await this.all(name)).filter((other) => other.name === name)) {
          if (one.online || one.busy) throw nameInUse(name);
          await this.remove(one.id);
        }
        return make();
      }),
    );
    return { id: data.runner.id, configuration: data.encoded_jit_config };
  }

  async list(): Promise<Runner[]> {
    return this.ask('list the runners', () => this.all());
  }

  async find(id: number): Promise<Runner | undefined> {
    const ask = { ...this.place, runner_id: id };
    return this.ask('tell how a runner is', async () =>
      absentAsUndefined(
        this.client.rest.actions.getSelfHostedRunnerForRepo(ask).then(({ data }) => runnerOf(data)),
      ),
    );
  }

  async remove(id: number): Promise<'removed' | 'absent' | 'busy'> {
    return this.ask('remove a runner', async () => {
      try {
        await this.client.rest.actions.deleteSelfHostedRunnerFromRepo({ ...this.place, runner_id: id });
        return 'removed';
      } catch (error) {
        // "Bad request - Runner "…" is still running a job"
        if (httpStatus(error) === 422) return 'busy';
        if (await this.isAbsent(error, id)) return 'absent';
        throw error;
      }
    });
  }

  async run(id: string): Promise<{ attempt: number; ended: boolean } | undefined> {
    const ask = { ...this.place, run_id: Number(id) };
    return this.ask('tell whether a workflow run has ended', () =>
      absentAsUndefined(
        this.client.rest.actions.getWorkflowRun(ask).then(({ data }) => {
          return { attempt: data.run_attempt ?? 1, ended: data.status === 'completed' };
        }),
      ),
    );
  }

  /** GitHub answers 404 to a token that may not see a runner, too: only one that may see them knows it absent. */
  private async isAbsent(error: unknown, id: number): Promise<boolean> {
    return httpStatus(error) === 404 && !(await this.all()).some((one) => one.id === id);
  }

  private async all(name?: string): Promise<Runner[]> {
    const list = this.client.rest.actions.listSelfHostedRunnersForRepo;
    const found = await this.client.paginate(list, { ...this.place, per_page: 100, ...(name && { name }) });
    return found.map(runnerOf);
  }

  private async ask<Answer>(what: string, send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send();
    } catch (error) {
      const status = httpStatus(error);
      if (error instanceof UserError || status === undefined) throw error;
      const denied = status === 401 || status === 403 || status === 404;
      throw new UserError(
        denied
          ? `GitHub does not let this token ${what} (${describeFailure(error)}).`
          : `GitHub did not ${what}: ${describeFailure(error)}.`,
        {
          ...(denied && { where: { key: 'runner-token' } }),
          ...{ fix: denied ? TOKEN_FIX : 'Run again later, or mend what GitHub names.', cause: error },
        },
      );
    }
  }
}

const nameInUse = (name: string): UserError =>
  new UserError(`There is a runner ${name} at GitHub already, and it is in use.`, {
    fix: 'Launch one runner in a step; jobs of a matrix launch theirs in steps of their own jobs.',
  });

async function absentAsUndefined<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (httpStatus(error) === 404) return undefined;
    throw error;
  }
}

function runnerOf(data: {
  id: number;
  name: string;
  status: string;
  busy: boolean;
  labels: { name: string }[];
}): Runner {
  const { id, name, busy } = data;
  return { id, name, busy, online: data.status === 'online', labels: data.labels.map((label) => label.name) };
}
