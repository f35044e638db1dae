import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../shared/errors.ts';
import { Copier, type CopierOptions, type Look, type LookOptions } from './copier.ts';
import type { HeldCommand } from './held-command.ts';
import { sendWhileHeld } from './send-while-held.ts';
import type { CheckpointStore } from './store.ts';

export interface CheckpointSyncOptions extends Partial<Omit<CopierOptions, 'folder' | 'store'>> {
  folder: string;
  store: Pick<CheckpointStore, 'publish' | 'place'>;
  log: { info: (message: string) => void; warning: (message: string) => void };
  /** The folder holds what came from the store, of this step; left out when it did not come from there. */
  restored?: { step: number | null };
  /** Told once when another attempt at the same work has begun: what this one trains is lost. */
  onSuperseded?: () => void;
  /** The command, where it is to stand still while a checkpoint is sent. */
  command?: HeldCommand | undefined;
  /** Milliseconds between two looks at the folder. */
  lookMs?: number;
  wait?: (milliseconds: number) => Promise<unknown>;
}

export interface FlushOutcome {
  state: 'stored' | 'not-complete' | 'failed' | 'out-of-time' | 'superseded';
  /** Of the newest checkpoint in the store, where it is known. */
  step: number | null;
  /** Why the newest files are not in the store. */
  reason: string | undefined;
}

export interface CheckpointSync {
  /**
   * Brings what is complete in the folder to the store now.
   * @param how.ended how the command ended; left out while it runs. A killed one may leave half a file.
   * @param how.withinMs after which it gives up; a failed try is repeated until then.
   */
  flush(how: { ended?: 'by-itself' | 'killed'; withinMs: number }): Promise<FlushOutcome>;
  /** Ends the looking; a copy that is under way is waited for. */
  stop(withinMs?: number): Promise<void>;
}

const DEFAULTS = { everyMs: 30_000, settleMs: 3_000, brokenMs: 60_000, lookMs: 2_000 };
/** Where the command waits for its checkpoints, those that nobody tells of are to be found soon. */
const HELD_LOOK_MS = 500;
const RETRY_MS = 500;
const STOP_MS = 5_000;
/** Without a copy for so long although there is something to copy, a person is told. */
const PATIENCE_MS = 300_000;

/**
 * Copies checkpoints to the store while the command writes them. A copy that fails is a warning, and is tried again: it
 * is never the end of the training.
 */
export async function startCheckpointSync(options: CheckpointSyncOptions): Promise<CheckpointSync> {
  const { folder, store, onSuperseded, command, wait = delay, log } = options;
  const { lookMs = command ? HELD_LOOK_MS : DEFAULTS.lookMs } = options;
  const now = options.now ?? (() => performance.now());
  // What stands still while the command does is no sign that it is complete.
  const clock = command ? () => command.clock() : now;
  const copier = new Copier({ ...DEFAULTS, ...definedOf(options), folder, store, now: clock });
  if (options.restored) await copier.isAsStored(options.restored.step);
  const told = newTeller(options, now);
  let step = options.restored?.step ?? null;
  let isSuperseded = false;
  let underWay: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = underWay.then(work);
    underWay = next;
    return next;
  };

  /** Never throws. */
  const look = async (how: LookOptions): Promise<Look | Error> => {
    if (isSuperseded) return { state: 'superseded' };
    try {
      const found = await copier.look(how);
      if (found.state === 'copied' || found.state === 'nothing-new') step = found.step;
      told(found, copier.leftOut);
      if (found.state === 'superseded') {
        isSuperseded = true;
        held?.stop();
        onSuperseded?.();
      }
      return found;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      told(failure, []);
      return failure;
    }
  };
  const held = command
    ? sendWhileHeld({
        ...{ folder, command, copier, look, inTurn, wait, place: store.place, warn: log.warning },
        ...{ tell: (found: Look) => told(found, copier.leftOut), retryMs: RETRY_MS },
      })
    : undefined;

  let isBusy = false;
  const timer = setInterval(() => {
    // A copy that takes longer than the time between two looks is not followed by a heap of others.
    if (isBusy) return;
    isBusy = true;
    (held ? held.look() : inTurn(() => look({}))).finally(() => {
      isBusy = false;
    });
  }, lookMs);
  timer.unref();

  return {
    async flush({ ended, withinMs }) {
      const at = now();
      const end = ended ? { how: ended, at: clock() } : undefined;
      const outcome = (state: FlushOutcome['state'], reason?: string): FlushOutcome => ({
        state,
        step,
        reason,
      });
      const work = async (): Promise<FlushOutcome> => {
        for (;;) {
          const found = await inTurn(() => look({ end, isUrgent: true }));
          if (!(found instanceof Error)) {
            if (found.state === 'not-complete') return outcome('not-complete', found.reason);
            return outcome(found.state === 'superseded' ? 'superseded' : 'stored');
          }
          if (now() - at + RETRY_MS > withinMs) return outcome('failed', messageOf(found));
          await wait(RETRY_MS);
        }
      };
      return within(work(), withinMs, () =>
        outcome('out-of-time', `it took longer than ${withinMs / 1000} s`),
      );
    },
    async stop(withinMs = STOP_MS) {
      clearInterval(timer);
      held?.stop();
      await within(underWay, withinMs, () => undefined);
      copier.stop();
    },
  };
}

/** Of shells: 128 and the number of the signal that ended the command in them. SIGINT may be handled, and mostly is. */
const KILLED_CODES = new Set([4, 6, 7, 8, 9, 11, 15].map((signal) => 128 + signal));

/** Whether a command may have been in the middle of a file when it ended. */
export function howEnded(exit: { exitCode: number; exitSignal: string | null }): 'by-itself' | 'killed' {
  const isSignal = exit.exitSignal !== null && exit.exitSignal !== 'SIGINT';
  return isSignal || KILLED_CODES.has(exit.exitCode) ? 'killed' : 'by-itself';
}

/** The last copy of a training that has ended; a person is told where its newest files are not in the store. */
export async function sendLast(
  sync: CheckpointSync,
  how: Parameters<CheckpointSync['flush']>[0],
  { place, log }: { place: string; log: Pick<CheckpointSyncOptions['log'], 'warning'> },
): Promise<void> {
  const { state, reason } = await sync.flush(how);
  if (state === 'failed' || state === 'out-of-time')
    log.warning(`The last checkpoint is not in ${place}: ${reason}.`);
}

/** Says what a person would want to know, once each. */
function newTeller(
  { log, store }: Pick<CheckpointSyncOptions, 'log' | 'store'>,
  now: () => number,
): (found: Look | Error, leftOut: readonly string[]) => void {
  let failures = 0;
  let waitingSince: number | undefined;
  const said = new Set<string>();
  const once = (key: string, message: string): void => {
    if (said.has(key)) return;
    said.add(key);
    log.warning(message);
  };
  return (found, leftOut) => {
    for (const file of leftOut) once(file, `Checkpoints: ${file} is not kept.`);
    if (found instanceof Error) {
      failures += 1;
      if (failures === 1)
        log.warning(
          `A checkpoint could not be sent to ${store.place}: ${messageOf(found)}. It is tried again.`,
        );
      return;
    }
    if (found.state === 'superseded')
      once('superseded', 'Another run trains the same now: checkpoints of this one are not kept any more.');
    if (found.state === 'copied') {
      const at = found.step === null ? '' : ` of step ${found.step}`;
      log.info(
        `The checkpoint${at} is in ${store.place}${failures > 0 ? `, after ${failures} failures` : ''}.`,
      );
      if (found.problem) once(found.problem, `Old checkpoints were not removed: ${found.problem}.`);
      failures = 0;
    }
    if (found.state !== 'not-complete') {
      waitingSince = undefined;
      return;
    }
    waitingSince ??= now();
    if (now() - waitingSince > PATIENCE_MS)
      once(
        'waiting',
        `No checkpoint could be kept for ${PATIENCE_MS / 60_000} minutes: ${found.reason}. Let the command write to a temporary name and rename, or write less often.`,
      );
  };
}

function definedOf(options: CheckpointSyncOptions): Partial<CopierOptions> {
  const { everyMs, settleMs, brokenMs, history } = options;
  const given = Object.entries({ everyMs, settleMs, brokenMs, history }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}

async function within<Result>(work: Promise<Result>, ms: number, late: () => Result): Promise<Result> {
  const timer = new AbortController();
  const limit = delay(ms, undefined, { signal: timer.signal }).then(late, late);
  try {
    return await Promise.race([work, limit]);
  } finally {
    timer.abort();
  }
}
