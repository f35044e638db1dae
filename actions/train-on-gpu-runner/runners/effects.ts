/**
 * Machines that are made for one job of a workflow, on EC2: launched, stopped, and found again when nobody stopped them.
 *
 * Two rules hold everywhere. A machine is known by tags that it gets in the request which launches it, so that there is
 * no moment at which it exists and cannot be found. And a machine is ended only after GitHub has removed its runner, or
 * said that there is none: GitHub refuses to remove a runner that is running a job, and gives a removed one no job, so
 * that no moment is left in which a job can begin on a machine that is about to be ended.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machines } from '../../../shared/aws/machines.ts';
import type { RunnerService } from '../../../shared/github/self-hosted-runners.ts';
import type { Deps, Log } from '../../../shared/runtime/definition.ts';

export interface Services {
  github: RunnerService;
  machines: Machines;
}

export interface RunnerEffects extends Services {
  log: Pick<Log, 'info' | 'warning' | 'mask'>;
  now: () => Date;
  /** Milliseconds; ends with an error when the run is cancelled. */
  wait: (milliseconds: number) => Promise<void>;
  /** `owner/name`. */
  repository: string;
  /** The same services for what must still be done after the run was cancelled. */
  afterwards: () => Promise<Services>;
}

/** GitHub leaves ten seconds between the first signal and the last. */
const AFTERWARDS_MILLISECONDS = 9000;

/** The real services. @param token with administration of the repository. @throws UserError where it is missing. */
export async function connectRunners(
  deps: Pick<Deps<unknown>, 'log' | 'env' | 'signal' | 'now'>,
  token: string | undefined,
): Promise<RunnerEffects> {
  if (token) deps.log.mask(token);
  const repository = deps.env.GITHUB_REPOSITORY ?? '';
  const connect = async (signal: AbortSignal): Promise<Services> => {
    const [{ Ec2Machines }, { openRunnerService }] = await Promise.all([
      import('../../../shared/aws/machines.ts'),
      import('../../../shared/github/self-hosted-runners.ts'),
    ]);
    const { env, log } = deps;
    return {
      github: await openRunnerService(repository, { token, env, signal, progress: log.info }),
      machines: new Ec2Machines({ env, signal }),
    };
  };
  return {
    ...(await connect(deps.signal)),
    ...{ log: deps.log, now: deps.now, repository },
    wait: async (milliseconds) => void (await sleep(milliseconds, undefined, { signal: deps.signal })),
    afterwards: () =>
      connect(deps.signal.aborted ? AbortSignal.timeout(AFTERWARDS_MILLISECONDS) : deps.signal),
  };
}
