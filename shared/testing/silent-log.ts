/** A log that nobody reads; a test or bench that listens to some of it replaces those parts. */
import type { Log } from '../runtime/definition.ts';

const nothing = (): void => undefined;

export const silentLog: Log = {
  info: nothing,
  debug: nothing,
  warning: nothing,
  error: nothing,
  notice: nothing,
  progress: nothing,
  group: (_, work) => work(),
  mask: nothing,
};
