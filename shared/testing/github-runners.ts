/**
 * GitHub's self-hosted runners and workflow runs, which the emulator lacks: made just in time, online when a machine
 * connects, busy while they run their one job, and gone when it is done. A busy one cannot be removed.
 */
import { randomBytes } from 'node:crypto';
import type { RestEndpointMethodTypes } from '@octokit/rest';

type Actions = RestEndpointMethodTypes['actions'];
export type StoredRunner = Actions['getSelfHostedRunnerForRepo']['response']['data'];
type Application = Actions['listRunnerApplicationsForRepo']['response']['data'][number];
type JitConfiguration = Actions['generateRunnerJitconfigForRepo']['response']['data'];

interface Answer {
  status: number;
  json?: unknown;
  /** Of the page after this one. */
  link?: string;
}

const MOST_LABELS = 100;
const LONGEST_NAME = 64;

export class RunnerStore {
  readonly runners: StoredRunner[] = [];
  readonly runs = new Map<string, { status: 'in_progress' | 'completed'; attempt: number }>();
  /** What runners.configuration was given to whom: a machine connects with it. */
  readonly configurations = new Map<string, number>();
  downloads: Application[] = ['x64', 'arm64'].map((architecture) => ({
    ...{ os: 'linux', architecture, filename: `actions-runner-linux-${architecture}.tar.gz` },
    download_url: `https://github.test/actions-runner-linux-${architecture}.tar.gz`,
    sha256_checksum: 'a'.repeat(64),
  }));
  private lastId = 20;

  /** Answers a request about runners and runs; undefined when it is about something else. */
  answer(method: string, url: URL, body: unknown): Answer | undefined {
    const match = /^\/repos\/[^/]+\/[^/]+\/actions\/(runners|runs)(?:\/([^/]+))?$/.exec(url.pathname);
    if (!match) return undefined;
    const [, what, which] = match;
    if (what === 'runs') return this.run(which ?? '');
    if (method === 'POST' && which === 'generate-jitconfig')
      return this.create(body as Actions['generateRunnerJitconfigForRepo']['parameters']);
    if (method === 'GET' && which === 'downloads') return { status: 200, json: this.downloads };
    if (method === 'GET' && which === undefined) return this.list(url);
    const runner = this.runners.find(({ id }) => id === Number(which));
    if (!runner) return { status: 404, json: { message: 'Not Found' } };
    if (method === 'GET') return { status: 200, json: runner };
    if (method !== 'DELETE') return undefined;
    if (runner.busy) {
      const message = `Bad request - Runner "${runner.name}" is still running a job"`;
      return { status: 422, json: { message } };
    }
    this.remove(runner);
    return { status: 204 };
  }

  /** In the place of the network. */
  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    const answer = this.answer(init?.method ?? 'GET', url, body) ?? {
      status: 404,
      json: { message: 'Not Found' },
    };
    const headers = { 'content-type': 'application/json', ...(answer.link && { link: answer.link }) };
    const text = answer.json === undefined ? null : JSON.stringify(answer.json);
    // Octokit pages on from the address that answered.
    return Object.defineProperty(new Response(text, { status: answer.status, headers }), 'url', {
      value: url.href,
    });
  };

  named(name: string): StoredRunner | undefined {
    return this.runners.find((runner) => runner.name === name);
  }

  /** A machine comes to GitHub with the configuration that it was given. @returns whether GitHub still knows it. */
  connect(configuration: string): boolean {
    const runner = this.runners.find(({ id }) => id === this.configurations.get(configuration));
    if (runner) runner.status = 'online';
    return runner !== undefined;
  }

  takeJob(runner: StoredRunner): void {
    if (runner.status === 'online') runner.busy = true;
  }

  /** Its one job is done, so that GitHub removes it. */
  finishJob(runner: StoredRunner): void {
    runner.busy = false;
    this.remove(runner);
  }

  private remove(runner: StoredRunner): void {
    this.runners.splice(this.runners.indexOf(runner), 1);
  }

  private create(given: Actions['generateRunnerJitconfigForRepo']['parameters']): Answer {
    const { name, labels, runner_group_id } = given;
    const isWrong =
      name.length > LONGEST_NAME || labels.length < 1 || labels.length > MOST_LABELS || !runner_group_id;
    if (isWrong) return { status: 422, json: { message: 'Validation Failed' } };
    if (this.named(name))
      return {
        status: 409,
        json: { message: `Already exists - A runner with the name ${name} already exists.` },
      };
    const runner: StoredRunner = {
      ...{ id: ++this.lastId, runner_group_id, name, os: 'unknown', status: 'offline', busy: false },
      labels: labels.map((label, index) => ({ id: index + 1, name: label, type: 'custom' })),
    };
    this.runners.push(runner);
    const encoded_jit_config = randomBytes(600).toString('base64');
    this.configurations.set(encoded_jit_config, runner.id);
    const json: JitConfiguration = { runner: { ...runner }, encoded_jit_config };
    return { status: 201, json };
  }

  private list(url: URL): Answer {
    const { searchParams } = url;
    const name = searchParams.get('name');
    const found = this.runners.filter((runner) => name === null || runner.name === name);
    const size = Number(searchParams.get('per_page') ?? 30);
    const page = Number(searchParams.get('page') ?? 1);
    const json: Actions['listSelfHostedRunnersForRepo']['response']['data'] = {
      total_count: found.length,
      runners: found.slice((page - 1) * size, page * size),
    };
    if (page * size >= found.length) return { status: 200, json };
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    return { status: 200, json, link: `<${next}>; rel="next"` };
  }

  private run(id: string): Answer {
    const run = this.runs.get(id);
    if (!run) return { status: 404, json: { message: 'Not Found' } };
    return { status: 200, json: { id: Number(id), status: run.status, run_attempt: run.attempt } };
  }
}
