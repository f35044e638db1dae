/**
 * `checkpoint-upload: before-going-on`: as soon as a new checkpoint is complete the command stands still until it is in
 * the store. So of a machine that is lost no more is lost with it than was trained since its last checkpoint.
 */
import { type FSWatcher, watch } from 'node:fs';
import { messageOf } from '../../../shared/errors.ts';
import type { Copier, Look, LookOptions } from './copier.ts';
import { isOwnName } from './folder-note.ts';
import type { HeldCommand } from './held-command.ts';
import { CLOCK_TICK_MS } from './readiness.ts';
import { isLogName, isTemporaryName } from './temporary-names.ts';

export interface SendWhileHeldOptions {
  folder: string;
  command: Pick<HeldCommand, 'hold' | 'release' | 'isHeld' | 'isOver' | 'seconds'>;
  copier: Pick<Copier, 'peek' | 'hasChanged'>;
  /** One look at the folder, with what it finds sent. It never throws. */
  look: (how: LookOptions) => Promise<Look | Error>;
  /** Tells a person of what was found. */
  tell: (found: Look) => void;
  /** One thing at a time, of all that is done with the folder. */
  inTurn: (work: () => Promise<void>) => Promise<void>;
  place: string;
  warn: (message: string) => void;
  wait: (milliseconds: number) => Promise<unknown>;
  retryMs: number;
}

export interface SendWhileHeld {
  /** Looks at the folder, whatever the system has told. */
  look(): Promise<void>;
  stop(): void;
}

/** Looking takes at most this share of the time while files are being written. */
const LOOKING_SHARE = 0.1;

export function sendWhileHeld(options: SendWhileHeldOptions): SendWhileHeld {
  const { folder, command, copier, inTurn, warn, wait, place } = options;
  /** The store took nothing while the command stood still: until it does, training goes on. */
  let isAway = false;
  let isStopped = false;
  const said = new Set<string>();
  const warnOnce = (message: string): void => {
    if (!said.has(message)) warn(message);
    said.add(message);
  };

  const attempt = async (): Promise<void> => {
    try {
      if (isStopped) return;
      if (isAway) {
        command.release();
        const found = await options.look({});
        if (!(found instanceof Error) && found.state === 'copied') isAway = false;
        return;
      }
      const begun = performance.now();
      const found = await copier.peek();
      gapMs = (performance.now() - begun) * (1 / LOOKING_SHARE - 1);
      if (found === 'ready') await sendHeld();
      else options.tell(found);
    } catch (error) {
      warnOnce(`The checkpoint folder could not be looked at: ${messageOf(error)}.`);
    } finally {
      command.release();
    }
  };

  const sendHeld = async (): Promise<void> => {
    const isHeld = await command.hold().catch((error: unknown) => {
      warnOnce(`${messageOf(error)} It goes on while its checkpoints are sent.`);
      return false;
    });
    const before = command.seconds;
    let found = await options.look({ isUrgent: true, isHeld });
    while (found instanceof Error && command.isHeld) {
      await wait(options.retryMs);
      found = await options.look({ isUrgent: true, isHeld });
    }
    if (!(found instanceof Error) && found.state === 'copied' && command.isHeld) await settle(before);
    if (!isHeld || command.isHeld || command.isOver) return;
    const why = found instanceof Error ? `: ${messageOf(found)}` : ' yet';
    const seconds = Math.round(command.seconds - before);
    isAway = found instanceof Error;
    warn(
      `The command stood still for ${seconds} s, and its checkpoint was not in ${place}${why}. More than one interval may be lost.`,
    );
  };

  /** @param before seconds for which the command had stood still when it was held. */
  const settle = async (before: number): Promise<void> => {
    if (await copier.hasChanged())
      warnOnce(
        'Checkpoints change while the command stands still: a part of it runs where it cannot be held, as in a container. More than one interval may be lost.',
      );
    // A file that is written again within one tick of the clock would look as if it had not been.
    await wait(Math.max(0, CLOCK_TICK_MS - 1000 * (command.seconds - before)));
  };

  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let gapMs = 0;
  /** What was told of while a look was under way. */
  let again: 'named' | 'changed' | undefined;
  const run = (): Promise<void> => {
    if (running) return running;
    clearTimeout(timer);
    timer = undefined;
    running = inTurn(attempt).finally(() => {
      const next = again;
      [running, again] = [undefined, undefined];
      if (next) onChange(next);
    });
    return running;
  };

  const onChange = (what: 'named' | 'changed'): void => {
    if (isStopped) return;
    // While it is held only what happened before can still be told of.
    if (running) again = what === 'named' && !command.isHeld ? what : (again ?? 'changed');
    else if (what === 'changed') timer ??= setTimeout(run, gapMs).unref();
    else {
      // What gets its name now is mostly complete: the command is held at once, and goes on if it is not.
      if (!isAway) command.hold().catch(() => undefined);
      void run();
    }
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { persistent: false }, (event, name) => {
      if (name !== null && (isTemporaryName(name) || isOwnName(name) || isLogName(name))) return;
      onChange(event === 'rename' ? 'named' : 'changed');
    });
    // The folder is looked at every now and then, too.
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher = undefined;
  }

  return {
    look: () => run(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
      watcher?.close();
      command.release();
    },
  };
}
