/**
 * Launches a machine for one job. The name is decided and saved before anything is made; the runner is made at GitHub
 * before the machine; the machine has its tags and its timers from the start. So whatever breaks off, and wherever,
 * `reap` finds what is left.
 */

import type { Machine } from '../../../shared/aws/machines.ts';
import { messageOf, UserError } from '../../../shared/errors.ts';
import { awaitOnline } from './await-online.ts';
import type { RunnerEffects } from './effects.ts';
import { endLaunch } from './end-machine.ts';
import { type LaunchingJob, launchToken, MACHINE_TAG, machineTags, runnerLabels } from './names.ts';
import { launchFirst, type MarketOrder, nameOffer, offersOf, type Refusal } from './offers.ts';
import { machineScript } from './user-data.ts';

export interface RunnerRequest extends LaunchingJob {
  /** `runnerName` of this job. */
  runner: string;
  instanceTypes: readonly string[];
  market: MarketOrder;
  /** `ami-…` */
  image: string;
  subnets: readonly string[];
  securityGroups: readonly string[];
  instanceProfile: string | undefined;
  /** Beside its name. */
  labels: readonly string[];
  group: number;
  /** After so long the machine ends itself. */
  lifetimeMs: number;
  /** After so long without a job it ends itself. */
  idleMs: number;
  /** So long its runner may take to come to GitHub. */
  registrationMs: number;
  /** Undefined: as the image has it. */
  volumeGiB: number | undefined;
}

/** What `post` needs in order to end a launch that did not come to its end. */
export interface LaunchState {
  runner: string;
  runnerId: number | null;
  machineId: string | null;
  finished: boolean;
}

export interface LaunchedRunner {
  runner: string;
  runnerId: number;
  labels: string[];
  machine: Machine;
  endsBy: Date;
  refusals: Refusal[];
}

const MINUTE = 60_000;

/**
 * @param saveState called before each step that leaves something behind.
 * @throws UserError when there is no such image, no machine to be had, or no runner that comes online; what was made is
 * ended then.
 */
export async function launchRunner(
  request: RunnerRequest,
  effects: RunnerEffects,
  saveState: (state: LaunchState) => void,
): Promise<LaunchedRunner> {
  const { github, machines, log } = effects;
  const { runner, idleMs, registrationMs } = request;
  const offers = offersOf(request.instanceTypes, request.subnets, request.market);
  const image = await machines.image(checkedImage(request.image));
  const download = await github.download(image.architecture);
  if ((await machines.find({ [MACHINE_TAG]: runner })).length > 0) throw alreadyLaunched(runner);

  let state: LaunchState = { runner, runnerId: null, machineId: null, finished: false };
  const save = (change: Partial<LaunchState>) => {
    state = { ...state, ...change };
    saveState(state);
  };
  save({});
  try {
    const labels = runnerLabels(request, runner, request.labels);
    const { id, configuration } = await github.create({ name: runner, labels, group: request.group });
    log.mask(configuration);
    save({ runnerId: id });
    const begin = effects.now().getTime();
    const endsBy = new Date(begin + request.lifetimeMs);
    const onlineBy = new Date(begin + registrationMs);
    const jobBy = new Date(begin + registrationMs + idleMs);
    const script = machineScript({
      ...{ download, configuration },
      lifetimeMinutes: request.lifetimeMs / MINUTE,
      idleMinutes: idleMs / MINUTE,
    });
    const found = await launchFirst(
      machines,
      offers,
      (offer) => ({
        ...offer,
        ...{ token: launchToken(runner, id, offer), image, userData: script, volumeGiB: request.volumeGiB },
        ...{ securityGroups: request.securityGroups, instanceProfile: request.instanceProfile },
        tags: machineTags({ ...request, runnerId: id, endsBy, onlineBy, jobBy }),
      }),
      (refusal) => log.info(`AWS has no ${nameOffer(refusal)} now (${refusal.code})`),
    );
    const { machine, offer, refusals } = found;
    save({ machineId: machine.id });
    log.info(`Launched ${machine.id}, ${nameOffer(offer)}; it ends by ${endsBy.toISOString()} at the latest`);
    await awaitOnline({ machine, runnerId: id, withinMs: registrationMs, secret: configuration }, effects);
    save({ finished: true });
    log.info(`The runner ${runner} waits for its job`);
    return { runner, runnerId: id, labels, machine, endsBy, refusals };
  } catch (error) {
    await endUnfinishedLaunch(state, effects);
    throw error;
  }
}

/**
 * Ends what a launch left, in `post` or after its failure; never throws: the failure that led here is what counts, and
 * what stays is found by `reap` and by the machine's own timers.
 */
export async function endUnfinishedLaunch(
  state: LaunchState,
  { afterwards, log }: Pick<RunnerEffects, 'afterwards' | 'log'>,
): Promise<void> {
  if (state.finished) return;
  const { runner, runnerId, machineId } = state;
  try {
    const known = { runnerId: runnerId ?? undefined, machineId: machineId ?? undefined };
    const { ended, left } = await endLaunch(runner, known, await afterwards());
    for (const id of ended) log.info(`Ended ${id}`);
    for (const text of left) log.warning(`${text}. It ends itself, and operation: reap looks after it.`);
  } catch (error) {
    log.warning(
      `What the launch of ${runner} left could not be ended now: ${messageOf(error)}. A machine of it ends itself, and operation: reap finds it.`,
    );
  }
}

function checkedImage(image: string): string {
  if (/^ami-[0-9a-f]{8,17}$/.test(image)) return image;
  throw new UserError(
    image ? `${image} is not the number of a machine image.` : 'No machine image is given.',
    {
      where: { key: 'machine-image' },
      fix: 'Give the ami-… of an image with drivers in this region, e.g. a Deep Learning AMI; docs/gpu-runners.md says how to look it up.',
    },
  );
}

const alreadyLaunched = (runner: string): UserError =>
  new UserError(`This step has launched a machine for ${runner} already, and it has not ended.`, {
    fix: 'Launch one runner in a step; jobs of a matrix launch theirs in steps of their own jobs.',
  });
