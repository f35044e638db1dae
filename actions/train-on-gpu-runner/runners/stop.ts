/**
 * Ends the machines of this run, for a job with `if: always()` that needs the one which trains. A machine whose runner
 * is still running a job is waited for, and left if it goes on: then this job did not need the one that trains.
 */
import type { Machine } from '../../../shared/aws/machines.ts';
import { messageOf } from '../../../shared/errors.ts';
import type { Runner } from '../../../shared/github/self-hosted-runners.ts';
import type { RunnerEffects } from './effects.ts';
import { endMachine } from './end-machine.ts';
import { removeGhost } from './ghosts.ts';
import { nameLabel, readTags, runOfLabels } from './names.ts';
import { leaveAll, runnerIdsOf, type Swept, type SweptMachine } from './swept.ts';

const PAUSE_MILLISECONDS = 10_000;
/** GitHub may call a runner busy for a while after its job is over. */
const PATIENCE_MILLISECONDS = 120_000;

export interface StopRequest {
  run: string;
  /** Of the model: a run may train several. */
  name: string;
}

/** All attempts of the run; what has ended already is done. */
export async function stopRunner({ run, name }: StopRequest, effects: RunnerEffects): Promise<Swept> {
  const { github, machines, repository } = effects;
  const found = await machines.find({ 'mlops:repository': repository, 'mlops:run': run, 'mlops:name': name });
  let runners: Runner[];
  try {
    runners = await listWhenIdle(found, effects);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    return leaveAll(found, messageOf(error));
  }
  const swept: SweptMachine[] = [];
  for (const machine of found) {
    const ending = await endMachine(machine, runnerIdsOf(machine, runners), effects);
    if (ending.state === 'ended')
      swept.push({ machine, state: 'ended', busy: false, why: 'the run asked for it' });
    else if (ending.state === 'left') swept.push({ machine, ...ending, attention: true });
    else swept.push({ machine, ...ending });
  }
  const handled = new Set(found.map(({ tags }) => readTags(tags).runner));
  const ghosts: Swept['ghosts'] = [];
  for (const runner of runners) {
    const isOurs = runOfLabels(runner.labels)?.run === run && runner.labels.includes(nameLabel(name));
    if (!isOurs || runner.online || runner.busy || handled.has(runner.name)) continue;
    ghosts.push(await removeGhost(runner, 'its machine has ended, or was never launched', github));
  }
  return { machines: swept, ghosts, githubProblem: '' };
}

/** The runners, when none of these machines' is busy any more, or when it has been waited for long enough. */
async function listWhenIdle(
  found: readonly Machine[],
  { github, now, wait }: Pick<RunnerEffects, 'github' | 'now' | 'wait'>,
): Promise<Runner[]> {
  const names = new Set(found.map(({ tags }) => readTags(tags).runner));
  const deadline = now().getTime() + PATIENCE_MILLISECONDS;
  for (;;) {
    const runners = await github.list();
    if (!runners.some(({ name, busy }) => busy && names.has(name)) || now().getTime() >= deadline)
      return runners;
    await wait(PAUSE_MILLISECONDS);
  }
}
