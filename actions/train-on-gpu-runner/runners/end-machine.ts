import type { Machine } from '../../../shared/aws/machines.ts';
import { messageOf } from '../../../shared/errors.ts';
import type { Services } from './effects.ts';
import { MACHINE_TAG, readTags } from './names.ts';

/** What became of a machine that was to be ended. */
export type Ending =
  | { state: 'ended' }
  | { state: 'left'; busy: true; why: string }
  | { state: 'failed'; busy: false | null; why: string };

/**
 * Ends a machine unless its runner runs a job. The runner is removed first, since GitHub refuses that while it has a
 * job, and gives it none afterwards; where GitHub cannot be asked, the machine stays.
 * @param runnerIds all numbers under which GitHub may know its runner.
 */
export async function endMachine(
  machine: Pick<Machine, 'id'>,
  runnerIds: readonly number[],
  { github, machines }: Services,
): Promise<Ending> {
  try {
    for (const id of new Set(runnerIds)) {
      if ((await github.remove(id)) === 'busy')
        return { state: 'left', busy: true, why: 'its runner is running a job' };
    }
  } catch (error) {
    return {
      state: 'failed',
      busy: null,
      why: `GitHub could not be asked about its runner: ${messageOf(error)}`,
    };
  }
  try {
    await machines.end(machine.id);
    return { state: 'ended' };
  } catch (error) {
    return { state: 'failed', busy: false, why: messageOf(error) };
  }
}

export interface Remains {
  ended: string[];
  /** What is still there and why, for people. */
  left: string[];
}

/**
 * Ends what a launch left that did not come to its end: the runner at GitHub, and every machine with its tag. What is
 * busy stays: then the launch did come to its end after all.
 */
export async function endLaunch(
  runner: string,
  known: { runnerId?: number | undefined; machineId?: string | undefined },
  services: Services,
): Promise<Remains> {
  const remains: Remains = { ended: [], left: [] };
  const ids = (await services.github.list()).filter((one) => one.name === runner).map(({ id }) => id);
  if (known.runnerId !== undefined) ids.push(known.runnerId);
  const machines: Pick<Machine, 'id' | 'tags'>[] = await services.machines.find({ [MACHINE_TAG]: runner });
  // EC2 may tell of a new machine only a little later.
  const { machineId } = known;
  if (machineId && !machines.some(({ id }) => id === machineId)) machines.push({ id: machineId, tags: {} });
  if (machines.length === 0) {
    for (const id of new Set(ids)) await services.github.remove(id);
  }
  for (const machine of machines) {
    const { runnerId: tagged } = readTags(machine.tags);
    const ending = await endMachine(machine, tagged === null ? ids : [...ids, tagged], services);
    if (ending.state === 'ended') remains.ended.push(machine.id);
    else remains.left.push(`${machine.id}: ${ending.why}`);
  }
  return remains;
}
