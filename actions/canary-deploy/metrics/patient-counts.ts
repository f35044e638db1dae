import { messageOf } from '../../../shared/errors.ts';
import type { CountsSource } from './counts-source.ts';

/** So often in a row a source may fail before the rollout gives up: a monitoring that blinks is no fault of the model. */
const MOST_FAILURES = 4;

/** A source whose failures are no windows, until there were too many in a row. */
export function patientCounts(source: CountsSource, warn: (message: string) => void): CountsSource {
  let failures = 0;
  return {
    lastSequence: source.lastSequence,
    async windows(after, slowerThanMs) {
      try {
        const windows = await source.windows(after, slowerThanMs);
        failures = 0;
        return windows;
      } catch (error) {
        failures += 1;
        if (failures > MOST_FAILURES) throw error;
        warn(`The counts could not be read (${failures} of ${MOST_FAILURES} times): ${messageOf(error)}.`);
        return [];
      }
    },
  };
}
