import { UserError } from '../errors.ts';

/** A reason must fit into a field of every store, and that is known before anything is stored. */
export const LONGEST_REASON = 2000;

/** @param key the input as action.yml names it. @throws UserError when the reason is longer than all stores keep. */
export function refuseLongReason(key: 'reason' | 'override-reason', reason: string | undefined): void {
  const { length } = reason ?? '';
  if (length <= LONGEST_REASON) return;
  throw new UserError(`The input ${key} has ${length} characters; ${LONGEST_REASON} are kept at most.`, {
    where: { key },
    fix: 'Shorten it, and link to what is longer.',
  });
}
