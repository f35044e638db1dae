/** What every run is given, made once at the edge from the environment and the common inputs. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { RecordFolder } from '../records/folder.ts';
import type { Deps } from './definition.ts';
import type { CommonInputs } from './inputs.ts';
import { useProxyOf } from './proxy.ts';
import { findSource } from './source.ts';

export type Edge = Pick<Deps<unknown>, 'log' | 'env' | 'signal' | 'now' | 'saveState'>;

/**
 * Masks the token, enters the working directory and makes the temporary folder.
 * @returns the dependencies, and `dispose`, which removes the temporary folder.
 */
export async function prepareDeps(
  inputs: CommonInputs,
  edge: Edge,
): Promise<{ deps: Deps<unknown>; dispose: () => Promise<void> }> {
  if (inputs.githubToken) edge.log.mask(inputs.githubToken);
  useProxyOf(edge.env);
  enterWorkingDirectory(inputs.workingDirectory);
  const temporaryFolder = await makeTemporaryFolder(edge.env);
  const deps: Deps<unknown> = {
    ...edge,
    source: await findSource(edge.env),
    records: new RecordFolder(inputs.records, inputs.name),
    temporaryFolder,
    cacheFolder: cacheFolder(edge.env),
  };
  return { deps, dispose: () => rm(temporaryFolder, { recursive: true, force: true }) };
}

function enterWorkingDirectory(folder: string): void {
  try {
    process.chdir(folder);
  } catch (cause) {
    throw new UserError(`The working directory ${folder} cannot be entered.`, {
      where: { key: 'working-directory' },
      fix: 'Give a folder that exists, relative to the root of the checkout.',
      cause,
    });
  }
}

async function makeTemporaryFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const parent = env.RUNNER_TEMP || tmpdir();
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'mlops-actions-'));
}

/** Where engines and environments are kept between runs. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  return env.RUNNER_TOOL_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-actions');
}
