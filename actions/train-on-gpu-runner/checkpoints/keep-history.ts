import { messageOf } from '../../../shared/errors.ts';
import { writeHistory } from './travelling-history.ts';

/** Making and writing the file takes at most this share of the time. */
const SHARE = 0.002;
const EVERY_MS = 1_000;

/**
 * Keeps the file of metrics in the checkpoint folder up to date, for whoever finds the folder when this process is
 * gone: the next attempt, `post`, or the cache.
 * @returns ends it, with the file up to date.
 */
export function keepHistory({
  folder,
  bytes,
  everyMs = EVERY_MS,
  onProblem,
}: {
  folder: string;
  bytes: () => Uint8Array;
  everyMs?: number;
  /** Told once that it cannot be written: the metrics of this attempt may be missing from the record of the next. */
  onProblem: (message: string) => void;
}): { stop: () => Promise<void> } {
  let written: Uint8Array = new Uint8Array();
  let isBroken = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    const content = bytes();
    if (Buffer.compare(content, written) === 0) return;
    written = content;
    await writeHistory(folder, content).catch((error: unknown) => {
      if (!isBroken) onProblem(messageOf(error));
      isBroken = true;
    });
  };
  let running: Promise<void> = Promise.resolve();
  const plan = (ms: number): void => {
    timer = setTimeout(() => {
      const begun = performance.now();
      running = write().finally(() => {
        if (!isStopped) plan(Math.max(everyMs, (performance.now() - begun) / SHARE));
      });
    }, ms);
    timer.unref();
  };
  plan(everyMs);
  return {
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearTimeout(timer);
      await running;
      await write();
    },
  };
}
