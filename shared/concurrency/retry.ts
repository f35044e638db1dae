import type { UserError } from '../errors.ts';

/** What the clients of servers do about failures that may pass: try again, each time after a longer pause. */

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 30_000;

/** A failure that may pass. */
export class PassingError extends Error {
  /** What is thrown when it did not pass. */
  readonly final: UserError;
  /** What the server asked for, when it did. */
  readonly pauseMilliseconds: number | undefined;

  constructor(final: UserError, pauseMilliseconds?: number) {
    super(final.message);
    this.final = final;
    this.pauseMilliseconds = pauseMilliseconds;
  }
}

export interface RetryOptions {
  /** How often the work is tried in all, at least 1. */
  attempts: number;
  wait: (milliseconds: number) => Promise<void>;
  signal?: AbortSignal;
}

/** Repeats work as a whole while it ends in a {@link PassingError}. @throws its `final` when none of them passed. */
export async function retrying<Result>(work: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      await pauseAfter(error, attempt, options);
    }
  }
}

/** Waits before the next attempt. @throws what cannot pass, or did not in the last attempt. */
export async function pauseAfter(
  error: unknown,
  attempt: number,
  { attempts, wait, signal }: RetryOptions,
): Promise<void> {
  if (!(error instanceof PassingError)) throw error;
  if (attempt >= attempts) throw error.final;
  signal?.throwIfAborted();
  // Of many jobs that failed at once not all come back at once.
  const pause = FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1) * (0.5 + Math.random());
  await wait(Math.min(error.pauseMilliseconds ?? pause, LONGEST_PAUSE_MILLISECONDS));
}

/** The pause that a `Retry-After` header asks for in seconds; undefined for none, and for a date. */
export function pauseAsked(header: string | null | undefined): number | undefined {
  const seconds = Number(header || Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
