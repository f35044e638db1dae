import { join } from 'node:path';
import { UserError } from '../../../../shared/errors.ts';
import { startServer } from '../../../../shared/programs/packaged-model.ts';
import { preparePythonEnvironment } from '../../../../shared/programs/python-environment.ts';
import { digestPrefix } from '../../../../shared/records/folder.ts';
import { readPackagedModel } from '../../../../shared/registries/packaged-model.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import type { DeployedModel } from '../target.ts';
import type { Launch } from './model-servers.ts';

export interface LaunchOptions {
  /** The registry that a model's URI names. */
  openRegistry: (model: DeployedModel) => Promise<Registry>;
  cacheFolder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress: (message: string) => void;
  /** Rejects where the files must not be loaded; they hold the digest. */
  checkFiles: (model: DeployedModel, folder: string) => Promise<void>;
}

/** Where a version lies that is served on this machine. */
export function packagedFolder(servingDir: string, digest: string): string {
  return join(servingDir, 'models', digestPrefix(digest));
}

/** A `Launch` that runs what the version packages: its serve-command, in its code, in its own environment. */
export function launchPackagedModel(options: LaunchOptions): Launch {
  const { cacheFolder, env, signal, progress } = options;
  return async (model, { port, servingDir, beforeStart }) => {
    const registry = await options.openRegistry(model);
    const short = digestPrefix(model.digest);
    const packaged = await readPackagedModel(registry, model, packagedFolder(servingDir, model.digest));
    if (!packaged.serveCommand) {
      throw new UserError(
        `The version ${model.uri} packages no serve-command, so it cannot be served here.`,
        {
          where: { key: 'serve-command' },
          fix: 'Register the model with code, requirements and serve-command.',
        },
      );
    }
    await options.checkFiles(model, packaged.modelFolder);
    const python = packaged.requirements
      ? await preparePythonEnvironment({
          requirements: packaged.requirements,
          cacheFolder,
          env,
          signal,
          progress,
        })
      : undefined;
    progress(`Starting the server of ${model.digest} on port ${port}.`);
    await startServer({
      command: packaged.serveCommand,
      modelDir: packaged.modelFolder,
      port,
      cwd: packaged.codeFolder,
      // What carries the runner's mark is ended with the job, and this is to go on.
      env: { ...env, RUNNER_TRACKING_ID: undefined },
      bin: python?.bin,
      logFile: join(servingDir, 'logs', `${short}.log`),
      detached: true,
      signal,
      beforeStart,
    });
  };
}
