/** Which inputs a workflow takes when it is started by `workflow_dispatch`: GitHub refuses any other. */
import type { Octokit } from '@octokit/rest';
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { parseYamlDocument } from '../records/document.ts';
import { httpStatus } from './client.ts';

const inputSchema = z
  .looseObject({ required: z.boolean().optional(), default: z.unknown().optional() })
  .nullish();
const triggersSchema = z.union([
  z.string(),
  z.array(z.string()),
  z.looseObject({
    workflow_dispatch: z
      .looseObject({ inputs: z.record(z.string(), inputSchema).nullish() })
      .nullish()
      .optional(),
  }),
]);
const workflowSchema = z.looseObject({ on: triggersSchema });

export interface DeclaredInputs {
  names: string[];
  /** Those without which GitHub does not start it. */
  required: string[];
}

/** Where the workflow is: `file` lies in `.github/workflows`; `ref` is a branch or tag. */
export interface WorkflowPlace {
  owner: string;
  repo: string;
  file: string;
  ref: string;
}

/** Reads the workflow at its ref. @throws UserError where there is none, or it cannot be started so. */
export async function readDeclaredInputs(
  client: Octokit,
  { owner, repo, file, ref }: WorkflowPlace,
): Promise<DeclaredInputs> {
  const path = `.github/workflows/${file}`;
  const text = await readText(client, { owner, repo, path, ref });
  if (text === undefined) {
    throw new UserError(`There is no workflow ${path} at ${ref} that this token can see.`, {
      where: { file: path },
      fix: 'Correct its name or the ref after @, and give the job "permissions: contents: read".',
    });
  }
  return declaredInputs(text, path);
}

async function readText(
  client: Octokit,
  place: { owner: string; repo: string; path: string; ref: string },
): Promise<string | undefined> {
  try {
    const { data } = await client.rest.repos.getContent(place);
    if (Array.isArray(data) || data.type !== 'file' || data.encoding !== 'base64') return undefined;
    return Buffer.from(data.content, 'base64').toString('utf8');
  } catch (error) {
    if (httpStatus(error) === 404) return undefined;
    throw error;
  }
}

/** From the text of a workflow. @throws UserError where `workflow_dispatch` is not among its triggers. */
export async function declaredInputs(text: string, path: string): Promise<DeclaredInputs> {
  const { on } = (await parseYamlDocument(text, path, workflowSchema)).value;
  const named = typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on);
  if (!named.includes('workflow_dispatch')) {
    throw new UserError(`The workflow ${path} cannot be started by name: it has no workflow_dispatch.`, {
      where: { file: path, key: 'on' },
      fix: 'Add workflow_dispatch under "on:", with the inputs that it needs.',
    });
  }
  const inputs =
    (typeof on === 'object' && !Array.isArray(on) ? on.workflow_dispatch?.inputs : undefined) ?? {};
  return {
    names: Object.keys(inputs),
    required: Object.keys(inputs).filter(
      (name) => inputs[name]?.required === true && inputs[name].default === undefined,
    ),
  };
}
