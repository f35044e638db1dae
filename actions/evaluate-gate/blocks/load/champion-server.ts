/** The champion's own server, where its version packages one. */
import { join } from 'node:path';
import { preparePythonEnvironment } from '../../../../shared/programs/python-environment.ts';
import { readPackagedModel } from '../../../../shared/registries/packaged-model.ts';
import type { Deps } from '../../../../shared/runtime/definition.ts';
import { findVersion } from '../../subject.ts';
import type { ServableModel } from './served-models.ts';

/** Brings the champion here with its environment. @returns why it cannot be served, where it cannot. */
export async function servableChampion(
  uri: string,
  token: string | undefined,
  deps: Deps,
): Promise<ServableModel | { why: string }> {
  const { registry, version } = await findVersion(uri, 'baseline', token, deps);
  if (!version) return { why: `the registry has no ${uri}` };
  const packaged = await readPackagedModel(registry, version, join(deps.temporaryFolder, 'served-champion'));
  if (packaged.serveCommand === undefined) return { why: 'the champion packages no serve-command' };
  const environment =
    packaged.requirements === undefined
      ? undefined
      : await preparePythonEnvironment({
          requirements: packaged.requirements,
          cacheFolder: deps.cacheFolder,
          progress: deps.log.progress,
          signal: deps.signal,
          env: deps.env,
        });
  return {
    title: 'champion',
    serveCommand: packaged.serveCommand,
    modelFolder: packaged.modelFolder,
    codeFolder: packaged.codeFolder,
    bin: environment?.bin,
  };
}
