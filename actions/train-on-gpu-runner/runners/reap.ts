/**
 * Looks for what nobody stopped, for a workflow on a schedule: machines of this repository by their tags, and runners
 * without a machine. GitHub is asked which of them are busy; where it cannot be, nothing is ended.
 */
import { messageOf } from '../../../shared/errors.ts';
import type { Runner } from '../../../shared/github/self-hosted-runners.ts';
import type { RunnerEffects } from './effects.ts';
import { endMachine } from './end-machine.ts';
import { removeGhost } from './ghosts.ts';
import { judge } from './judge.ts';
import { readTags, runOfLabels } from './names.ts';
import { leaveAll, runnerIdsOf, type Swept, type SweptMachine } from './swept.ts';

type RunState = { attempt: number; ended: boolean } | undefined;

export async function reapRunners(effects: RunnerEffects): Promise<Swept> {
  const { github, machines, repository, now } = effects;
  // The machines before the runners: a runner is made before its machine, so one that is missing is gone for good.
  const found = await machines.find({ 'mlops:repository': repository });
  let runners: Runner[];
  try {
    runners = await github.list();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    return leaveAll(found, messageOf(error));
  }
  const runs = runLookup(effects);
  const swept: SweptMachine[] = [];
  for (const machine of found) {
    const { runner: name, run } = readTags(machine.tags);
    const runner = runners.find((one) => one.name === name);
    const judgement = judge({ machine, runner, run: await runs(run), now: now() });
    const { busy, why, attention = false } = judgement;
    if (!judgement.end) {
      swept.push({ machine, state: 'left', busy, why, attention });
      continue;
    }
    const ending = await endMachine(machine, runnerIdsOf(machine, runners), effects);
    if (ending.state === 'ended') swept.push({ machine, state: 'ended', busy: false, why });
    else swept.push({ machine, ...ending });
  }
  const withMachine = new Set(found.map(({ tags }) => readTags(tags).runner));
  const ghosts: Swept['ghosts'] = [];
  for (const runner of runners) {
    const made = runOfLabels(runner.labels);
    if (!made || runner.online || runner.busy || withMachine.has(runner.name)) continue;
    const run = await runs(made.run);
    // While its run goes on, its machine may be just about to be launched.
    if (!run || !(run.ended || run.attempt > made.attempt)) continue;
    ghosts.push(await removeGhost(runner, 'it is offline and has no machine, and its run is over', github));
  }
  return { machines: swept, ghosts, githubProblem: '' };
}

/** Each run is asked for once. What GitHub does not tell decides nothing. */
function runLookup({ github, log }: RunnerEffects): (id: string) => Promise<RunState> {
  const known = new Map<string, Promise<RunState>>();
  let isTold = false;
  return (id) => {
    if (!/^\d+$/.test(id)) return Promise.resolve(undefined);
    const answer =
      known.get(id) ??
      github.run(id).catch((error) => {
        if (error instanceof Error && error.name === 'AbortError') throw error;
        if (!isTold) log.warning(`${messageOf(error)}. Machines are kept until their time is over.`);
        isTold = true;
        return undefined;
      });
    known.set(id, answer);
    return answer;
  };
}
