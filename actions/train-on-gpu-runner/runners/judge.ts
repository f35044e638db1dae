/** Whether a machine that nobody stopped is to be ended: pure, from what GitHub, AWS and its tags say. */
import type { Machine } from '../../../shared/aws/machines.ts';
import type { Runner } from '../../../shared/github/self-hosted-runners.ts';
import { readTags } from './names.ts';

export interface Known {
  machine: Pick<Machine, 'launchedAt' | 'tags'>;
  /** Undefined: GitHub has none of this name. */
  runner: Runner | undefined;
  /** The newest attempt of the run that launched it; undefined where GitHub does not tell. */
  run: { attempt: number; ended: boolean } | undefined;
  now: Date;
}

export interface Judgement {
  end: boolean;
  busy: boolean;
  /** Continues "it is ended, since …" or "it is left, since …". */
  why: string;
  /** Somebody should look at it. */
  attention?: boolean;
}

const MINUTE = 60_000;
/** So long a machine may take from its launch until its runner is online, where its tags do not say it. */
export const REGISTRATION_GRACE_MS = 15 * MINUTE;
/** The machine's own timers come first. */
export const TIMER_GRACE_MS = 5 * MINUTE;

export function judge({ machine, runner, run, now }: Known): Judgement {
  const { endsBy, onlineBy, jobBy, attempt } = readTags(machine.tags);
  const since = (date: Date) => now.getTime() - date.getTime();
  const isPast = endsBy !== null && since(endsBy) > TIMER_GRACE_MS;
  if (runner?.busy) {
    const over = isPast ? `, though it should have ended by ${endsBy.toISOString()}` : '';
    return { end: false, busy: true, why: `its job is running${over}`, ...(isPast && { attention: true }) };
  }
  const end = (why: string): Judgement => ({ end: true, busy: false, why });
  const leave = (why: string): Judgement => ({ end: false, busy: false, why });
  if (!runner) return end('GitHub has no runner of its name: its job is done, or its launch broke off');
  if (isPast) return end(`it should have ended by ${endsBy.toISOString()}`);
  if (run && (run.ended || run.attempt > attempt)) return end('the run that launched it is over');
  if (!runner.online) {
    const late = onlineBy
      ? since(onlineBy) - TIMER_GRACE_MS
      : since(machine.launchedAt) - REGISTRATION_GRACE_MS;
    return late > 0 ? end('its runner is offline, or never came to GitHub') : leave('it is still starting');
  }
  if (jobBy !== null && since(jobBy) > TIMER_GRACE_MS) return end('no job came to it in its time');
  return leave('it waits for its job');
}
