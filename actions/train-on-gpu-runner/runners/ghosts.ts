import { messageOf } from '../../../shared/errors.ts';
import type { Runner, RunnerService } from '../../../shared/github/self-hosted-runners.ts';
import type { GpuRunner } from '../../../shared/records/gpu-runner.ts';

/** Removes a runner that has no machine; one that has a job all the same stays. */
export async function removeGhost(
  { id, name }: Runner,
  why: string,
  github: Pick<RunnerService, 'remove'>,
): Promise<GpuRunner['ghosts'][number]> {
  try {
    const result = await github.remove(id);
    return result === 'busy'
      ? { name, removed: false, why: 'GitHub says that it is running a job' }
      : { name, removed: true, why };
  } catch (error) {
    return { name, removed: false, why: `GitHub did not remove it: ${messageOf(error)}` };
  }
}
