import { resolve } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import type { Situation } from '../operations/operation.ts';
import { refuseForeignInputs } from './foreign-inputs.ts';
import type { LaunchOptions } from './local/launch-packaged-model.ts';
import type { Target } from './target.ts';

/** Opens the target that the inputs name; each is loaded when it is asked for. */
export async function openTarget(
  given: Given,
  deps: Pick<Deps, 'env' | 'cacheFolder' | 'signal' | 'log' | 'now'>,
  registryOf: Situation['registryOf'],
  checkFiles: LaunchOptions['checkFiles'],
): Promise<Target> {
  const { target } = given;
  refuseForeignInputs(given);
  switch (target) {
    case 'local': {
      const [{ openLocalTarget }, { RouterProcess }, { findRouterFile }] = await Promise.all([
        import('./local/open.ts'),
        import('./local/router-process.ts'),
        import('./local/router-file.ts'),
      ]);
      const { env } = deps;
      const routerFile = findRouterFile();
      return openLocalTarget({
        ...(await serversHere(given, deps, registryOf, checkFiles)),
        port: given.operation === 'run' ? given.port : undefined,
        stickyHeader: given.operation === 'run' ? (given.stickyHeader ?? null) : undefined,
        makeRouter: (folder, port) => new RouterProcess({ folder, port, routerFile, env }),
      });
    }
    case 'sagemaker': {
      const { openSageMakerTarget } = await import('./sagemaker/open.ts');
      const { env, signal, now, log } = deps;
      return openSageMakerTarget(given, { env, signal, now, progress: log.progress });
    }
    case 'kubernetes': {
      const { openKubernetesTarget } = await import('./kubernetes/open.ts');
      return openKubernetesTarget(given, { ...deps, registryOf });
    }
    case 'haproxy': {
      const { openHaproxyTarget } = await import('./haproxy/haproxy-target.ts');
      if (given.traffic)
        needed(
          given.haproxyAddress,
          'haproxy-address',
          'the address of its frontend, to which traffic is sent',
        );
      return openHaproxyTarget({
        ...(await serversHere(given, deps, registryOf, checkFiles)),
        socket: needed(given.haproxySocket, 'haproxy-socket', 'the path of its stats socket, or host:port'),
        backend: needed(given.haproxyBackend, 'haproxy-backend', 'the name of the backend with two servers'),
        address: given.haproxyAddress ?? null,
      });
    }
  }
}

/** What both targets have that start model servers on this machine. */
async function serversHere(
  { servingDir }: Given,
  { env, cacheFolder, signal, log }: Pick<Deps, 'env' | 'cacheFolder' | 'signal' | 'log'>,
  registryOf: Situation['registryOf'],
  checkFiles: LaunchOptions['checkFiles'],
) {
  const { launchPackagedModel } = await import('./local/launch-packaged-model.ts');
  const launch = launchPackagedModel({
    ...{ openRegistry: registryOf, cacheFolder, env, signal, progress: log.info, checkFiles },
  });
  return { servingDir: resolve(servingDir), progress: log.info, launch, signal };
}

function needed(value: string | undefined, key: string, what: string): string {
  if (value) return value;
  throw new UserError(`The input ${key} is needed by this target.`, {
    where: { key },
    fix: `Give ${what}.`,
  });
}
