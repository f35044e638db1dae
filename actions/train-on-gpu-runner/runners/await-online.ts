/** Waits until the machine's runner has come to GitHub, and says why where it does not. */

import type { Machine, Machines } from '../../../shared/aws/machines.ts';
import { messageOf, UserError } from '../../../shared/errors.ts';
import type { RunnerEffects } from './effects.ts';

const PAUSE_MILLISECONDS = 10_000;
const TAIL_LINES = 15;
const TAIL_CHARACTERS = 2000;
const FIX =
  'Look whether the machine reaches GitHub (subnet with a route out, security group), and whether the image starts; its console says more.';

/**
 * @param secret what must not be shown of the console.
 * @throws UserError when the machine ended, the runner was removed, or the time is over.
 */
export async function awaitOnline(
  {
    machine,
    runnerId,
    withinMs,
    secret,
  }: { machine: Machine; runnerId: number; withinMs: number; secret: string },
  effects: RunnerEffects,
): Promise<void> {
  const deadline = effects.now().getTime() + withinMs;
  for (;;) {
    const seen = await lookOnce(machine, runnerId, effects);
    if (seen === 'online') return;
    if (seen === 'removed') {
      throw new UserError('Somebody removed the runner at GitHub before its machine was up.', {
        fix: 'Run the job again; look for another workflow that removes runners that are offline.',
      });
    }
    if (seen === 'ended') {
      const why = (await effects.machines.look(machine.id).catch(() => undefined))?.stateReason;
      const told = `The machine ${machine.id} ended before its runner came to GitHub${why ? `: ${why}` : '.'}`;
      throw new UserError(`${told}${await consoleTail(effects.machines, machine.id, secret)}`, { fix: FIX });
    }
    if (effects.now().getTime() >= deadline) {
      const trouble = typeof seen === 'object' ? ` (${seen.trouble})` : '';
      const told = `The runner on ${machine.id} did not come to GitHub within ${Math.round(withinMs / 60_000)} minutes${trouble}.`;
      throw new UserError(`${told}${await consoleTail(effects.machines, machine.id, secret)}`, { fix: FIX });
    }
    await effects.wait(PAUSE_MILLISECONDS);
  }
}

/** Trouble is why it cannot be told now. */
async function lookOnce(
  machine: Machine,
  runnerId: number,
  { github, machines }: RunnerEffects,
): Promise<'online' | 'removed' | 'ended' | 'not yet' | { trouble: string }> {
  try {
    const runner = await github.find(runnerId);
    if (!runner) return 'removed';
    if (runner.online || runner.busy) return 'online';
    const state = (await machines.look(machine.id))?.state;
    return state === 'terminated' || state === 'shutting-down' ? 'ended' : 'not yet';
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    // Anything else may pass; the time is bounded.
    return { trouble: messageOf(error) };
  }
}

/** The last lines, for inside an error; empty where there are none. What cannot be read must not hide the error. */
async function consoleTail(machines: Machines, id: string, secret: string): Promise<string> {
  const text = await machines.printed(id).catch(() => '');
  const lines = text
    .replaceAll(secret, '***')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const tail = lines.slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARACTERS);
  return tail === '' ? '' : `\nLast lines of its console:\n${tail}`;
}
