import { messageOf } from '../../../shared/errors.ts';
import type { CountsSource } from './counts-source.ts';
import type { ReadFailures } from './read-failures.ts';

/** At so many looks in a row a source may fail before the rollout gives up: a monitoring that blinks is no fault of the model. */
export const MOST_FAILURES = 4;

export interface Patience {
  failures: ReadFailures;
  /** Length of a look. Milliseconds. */
  intervalMs: number;
  now: () => Date;
  warn: (message: string) => void;
}

/** A source whose failures are no windows, until it has failed at too many looks in a row, of this job and those before. */
export function patientCounts(
  source: CountsSource,
  { failures, intervalMs, now, warn }: Patience,
): CountsSource {
  return {
    lastSequence: source.lastSequence,
    async windows(after, slowerThanMs) {
      try {
        const windows = await source.windows(after, slowerThanMs);
        failures.forget();
        return windows;
      } catch (error) {
        const count = failures.count(now().getTime(), intervalMs);
        if (count > MOST_FAILURES) throw error;
        if (count > 0)
          warn(`The counts could not be read (${count} of ${MOST_FAILURES} times): ${messageOf(error)}.`);
        return [];
      }
    },
  };
}
