/** GitHub's deployments and their statuses, which the emulator lacks. */
interface Status {
  id: number;
  state: string;
  description: string;
  environment_url: string;
  log_url: string;
}

export interface StoredDeployment {
  id: number;
  ref: string;
  task: string;
  environment: string;
  payload: unknown;
  description: string;
  /** Newest first. */
  statuses: Status[];
}

const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];
const LONGEST_DESCRIPTION = 140;

export class DeploymentStore {
  /** Newest first. */
  readonly all: StoredDeployment[] = [];
  private lastId = 0;

  /** Answers a request about deployments; undefined when it is about something else. */
  answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: unknown,
  ): { status: number; json: unknown } | undefined {
    const match = /^\/repos\/[^/]+\/[^/]+\/deployments(?:\/(\d+)\/statuses)?$/.exec(path);
    if (!match) return undefined;
    const given = (body ?? {}) as Record<string, never>;
    if (match[1] === undefined)
      return method === 'POST' ? this.create(given) : { status: 200, json: this.list(query) };
    const deployment = this.all.find(({ id }) => id === Number(match[1]));
    if (!deployment) return { status: 404, json: { message: 'Not Found' } };
    if (method === 'GET')
      return { status: 200, json: deployment.statuses.slice(0, Number(query.get('per_page') ?? 30)) };
    return this.addStatus(deployment, given);
  }

  private create(body: Record<string, unknown>): { status: number; json: unknown } {
    if (!Array.isArray(body.required_contexts))
      return { status: 409, json: { message: 'Conflict: Commit status checks failed.' } };
    this.lastId += 1;
    const { ref, task = 'deploy', environment = 'production', payload = '', description = '' } = body;
    const deployment = {
      id: this.lastId,
      ref,
      task,
      environment,
      payload,
      description,
      statuses: [],
    } as unknown as StoredDeployment;
    this.all.unshift(deployment);
    return { status: 201, json: deployment };
  }

  private list(query: URLSearchParams): StoredDeployment[] {
    const asked = (one: StoredDeployment) =>
      (['task', 'environment', 'ref'] as const).every((key) => (query.get(key) ?? one[key]) === one[key]);
    return this.all.filter(asked).slice(0, Number(query.get('per_page') ?? 30));
  }

  private addStatus(
    deployment: StoredDeployment,
    body: Record<string, unknown>,
  ): { status: number; json: unknown } {
    const {
      state,
      description = '',
      environment_url = '',
      log_url = '',
      auto_inactive = true,
    } = body as Record<string, string> & {
      auto_inactive?: boolean;
    };
    if (!STATES.includes(state!)) return { status: 422, json: { message: `${state} is no state` } };
    if (description.length > LONGEST_DESCRIPTION)
      return { status: 422, json: { message: 'description is too long' } };
    this.lastId += 1;
    const status: Status = { id: this.lastId, state: state!, description, environment_url, log_url };
    deployment.statuses.unshift(status);
    if (state === 'success' && auto_inactive) this.endOthers(deployment);
    return { status: 201, json: status };
  }

  /** As GitHub does unless asked not to: whatever their task. */
  private endOthers({ id, environment }: StoredDeployment): void {
    for (const other of this.all) {
      if (other.id === id || other.environment !== environment) continue;
      other.statuses.unshift({
        id: ++this.lastId,
        state: 'inactive',
        description: '',
        environment_url: '',
        log_url: '',
      });
    }
  }
}
