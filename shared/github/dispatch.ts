/** Starting another workflow: by `repository_dispatch` (the retrain that drift asks for) or by name. */
import type { Octokit } from '@octokit/rest';
import { UserError } from '../errors.ts';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { type GitHubContext, readContext } from './context.ts';

/** The event type that `scheduled-retrain.yml` listens to. */
export const RETRAIN_EVENT = 'mlops-retrain';

const MOST_PAYLOAD_KEYS = 10;
const MOST_PAYLOAD_CHARACTERS = 65_535;

interface DispatchOptions {
  env: NodeJS.ProcessEnv;
  token: string | undefined;
  fetch?: typeof fetch;
  signal?: AbortSignal;
  progress?: (message: string) => void;
}

export interface Dispatched {
  outcome: 'dispatched' | 'none';
  /** The started run, where the server says so. */
  runUrl?: string;
  /** Why nothing could be done, where this is no GitHub workflow. */
  warning?: string;
}

/**
 * Sends a `repository_dispatch` event.
 * @param options.payload at most 10 top-level keys and 65,535 characters.
 * @throws {RangeError} a payload that GitHub would refuse
 * @throws UserError when GitHub refuses
 */
export async function dispatchRepository(
  options: DispatchOptions & { eventType?: string; payload: Record<string, unknown> },
): Promise<Dispatched> {
  const keys = Object.keys(options.payload).length;
  if (keys > MOST_PAYLOAD_KEYS) throw new RangeError(`a dispatch payload has at most 10 keys, not ${keys}`);
  const { length } = JSON.stringify(options.payload);
  if (length > MOST_PAYLOAD_CHARACTERS) {
    throw new RangeError(`a dispatch payload has at most 65,535 characters, not ${length}`);
  }
  return dispatch(options, 'contents: write', async (client, { owner, repo }) => {
    await client.rest.repos.createDispatchEvent({
      owner,
      repo,
      event_type: options.eventType ?? RETRAIN_EVENT,
      client_payload: options.payload,
    });
    return { outcome: 'dispatched' };
  });
}

/**
 * Starts a workflow by its file name. Today's GitHub answers 200 with the run, older servers 204 with nothing.
 * @throws UserError when GitHub refuses
 */
export async function dispatchWorkflow(
  options: DispatchOptions & { workflow: string; ref: string; inputs?: Record<string, string> },
): Promise<Dispatched> {
  return dispatch(options, 'actions: write', async (client, { owner, repo }) => {
    const response = await client.rest.actions.createWorkflowDispatch({
      owner,
      repo,
      workflow_id: options.workflow,
      ref: options.ref,
      inputs: options.inputs ?? {},
    });
    const data: unknown = response.data;
    const runUrl = data && typeof data === 'object' && 'html_url' in data ? data.html_url : undefined;
    return typeof runUrl === 'string' ? { outcome: 'dispatched', runUrl } : { outcome: 'dispatched' };
  });
}

async function dispatch(
  options: DispatchOptions,
  permission: string,
  send: (client: Octokit, context: GitHubContext) => Promise<Dispatched>,
): Promise<Dispatched> {
  const context = await readContext(options.env);
  if (!context) return { outcome: 'none', warning: 'Nothing was dispatched: this is no GitHub workflow.' };
  if (!options.token) {
    throw new UserError('Nothing was dispatched: there is no token.', {
      where: { key: 'github-token' },
      fix: `Leave the input github-token at its default, with "permissions: ${permission}".`,
    });
  }
  try {
    return await send(await createClient({ ...options, token: options.token }), context);
  } catch (error) {
    if (httpStatus(error) === undefined) throw error;
    const denied = isDenied(error) || httpStatus(error) === 404;
    throw new UserError(`Nothing was dispatched: GitHub answered ${describeFailure(error)}.`, {
      fix: denied ? `Add "permissions: ${permission}" to the job.` : 'Run the job again later.',
      cause: error,
    });
  }
}
