import { UserError } from '../errors.ts';
import { formatRegistry, type ModelLocation } from './model-uri.ts';

/**
 * Keeps a removal and an alias move of the same moment apart, in stores that cannot do either in one step. Each writes
 * first and looks then: the removal marks the version and reads the aliases, the move writes the alias and looks for a
 * mark. Whichever the store put down first, the other sees: a removal that finds an alias gives up, and a move that
 * finds a mark waits for what becomes of the version, and takes itself back when it is gone.
 */
export interface RemovalMark {
  /** Marks the version. Every removal has a mark of its own. @param at ISO 8601. */
  put(at: string): Promise<void>;
  /** When each mark that is there now was put. */
  all(): Promise<string[]>;
  /** Takes this removal's own mark away; that it is gone already is no error. */
  clear(): Promise<void>;
}

const LOOKS = 20;
const PAUSE_MILLISECONDS = 1000;
/** The mark of a removal that was cut off must not hold the version for ever. */
const FORGOTTEN_AFTER_MILLISECONDS = 3_600_000;

/**
 * Removes under a mark.
 * @param steps.refuse reads the aliases and throws when one points to the version. @param steps.remove takes the
 * version away, first what makes it one.
 */
export async function removeMarked(
  mark: RemovalMark,
  now: () => Date,
  steps: { refuse: () => Promise<void>; remove: () => Promise<void> },
): Promise<void> {
  await steps.refuse();
  await mark.put(now().toISOString());
  try {
    await steps.refuse();
    await steps.remove();
  } catch (error) {
    // What stopped the removal is what must be told.
    await mark.clear().catch(() => undefined);
    throw error;
  }
  await mark.clear();
}

/**
 * Whether a version stays to which an alias was just moved: false when a removal was faster, or does not end.
 * @param isThere asked when no removal is under way any more.
 */
export async function staysAfterMove(
  mark: Pick<RemovalMark, 'all'>,
  options: {
    now: () => Date;
    wait: (milliseconds: number) => Promise<void>;
    isThere: () => Promise<boolean>;
  },
): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await options.wait(PAUSE_MILLISECONDS);
    const now = options.now().getTime();
    const isMarked = (await mark.all()).some((at) => !(now - Date.parse(at) > FORGOTTEN_AFTER_MILLISECONDS));
    if (!isMarked) return options.isThere();
  }
  return false;
}

/** The error of a move that was taken back. */
export function removedMeanwhile(alias: string, digest: string, location?: ModelLocation): UserError {
  const where = location ? ` in ${formatRegistry(location)}/${location.name}` : '';
  return new UserError(
    `The alias ${alias} was not moved: another job removes the version ${digest}${where} at the same moment.`,
    {
      fix: 'Register the version again, or choose another. A removal that was cut off is forgotten after one hour.',
    },
  );
}
