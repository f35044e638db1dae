/** Starting another workflow: by `repository_dispatch` (the retrain that drift asks for) or by name. */
import type { Octokit } from '@octokit/rest';
import { UserError } from '../errors.ts';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { type GitHubContext, readContext } from './context.ts';
import { readDeclaredInputs } from './declared-inputs.ts';

/** The event type that the example `retrain.yml` listens to. */
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

interface DispatchedWorkflow extends Dispatched {
  /** Branch or tag that it was started at. */
  ref?: string;
  /** Names of the values that the workflow declares no input for, so that they were not sent. */
  notTaken?: string[];
}

/**
 * Starts a workflow by its file name, with those of the values that it declares as inputs: GitHub refuses others.
 * Today's GitHub answers 200 with the run, older servers 204 with nothing.
 * @param options.workflow name of a file in `.github/workflows`.
 * @param options.ref branch or tag; the repository's default branch where it is left out.
 * @throws UserError when the workflow cannot be started so, or GitHub refuses
 */
export async function dispatchWorkflow(
  options: DispatchOptions & { workflow: string; ref?: string; values: Record<string, string> },
): Promise<DispatchedWorkflow> {
  const { workflow, values } = options;
  return dispatch(options, 'actions: write', async (client, { owner, repo }) => {
    const ref = options.ref ?? (await client.rest.repos.get({ owner, repo })).data.default_branch;
    const { names, required } = await readDeclaredInputs(client, { owner, repo, file: workflow, ref });
    const unknown = required.filter((name) => !(name in values));
    if (unknown.length > 0) {
      throw new UserError(
        `The workflow ${workflow} requires ${unknown.join(', ')}, which is not known here.`,
        {
          where: { file: `.github/workflows/${workflow}`, key: 'on.workflow_dispatch.inputs' },
          fix: `Give it a default. What is known: ${Object.keys(values).join(', ')}.`,
        },
      );
    }
    const inputs = Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
    const data = await start(client, { owner, repo, workflow_id: workflow, ref, inputs });
    const runUrl = data && typeof data === 'object' && 'html_url' in data ? data.html_url : undefined;
    return {
      outcome: 'dispatched',
      ref,
      notTaken: Object.keys(values).filter((name) => !names.includes(name)),
      ...(typeof runUrl === 'string' && { runUrl }),
    };
  });
}

/** Asks for the address of the run, which older servers take for a mistake. */
async function start(
  client: Octokit,
  request: { owner: string; repo: string; workflow_id: string; ref: string; inputs: Record<string, string> },
): Promise<unknown> {
  try {
    return (await client.rest.actions.createWorkflowDispatch({ ...request, return_run_details: true })).data;
  } catch (error) {
    if (httpStatus(error) !== 422 || !String(error).includes('return_run_details')) throw error;
    return (await client.rest.actions.createWorkflowDispatch(request)).data;
  }
}

async function dispatch<Result extends Dispatched>(
  options: DispatchOptions,
  permission: string,
  send: (client: Octokit, context: GitHubContext) => Promise<Result>,
): Promise<Result | Dispatched> {
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
    const refused = httpStatus(error) === 422 ? 'Mend what GitHub names.' : 'Run the job again later.';
    throw new UserError(`Nothing was dispatched: GitHub answered ${describeFailure(error)}.`, {
      fix: denied ? `Add "permissions: ${permission}" to the job.` : refused,
      cause: error,
    });
  }
}
