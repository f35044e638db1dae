import { UserError } from '../../errors.ts';

/** Of tags that this adapter writes; users may not set them. */
export const OWN_PREFIX = 'mlops.';
export const DIGEST_TAG = 'mlops.digest';
export const PARENT_TAG = 'mlops.parent';
export const IMAGE_TAG = 'mlops.image';
/** Of a run: where the bytes lie when they do not lie with the run. */
export const ARTIFACTS_TAG = 'mlops.artifacts';
/** Of a version: which job created it. */
export const JOB_TAG = 'mlops.job';

/** Characters; MLflow 2 takes no longer values, and some of its databases no longer columns. */
export const LONGEST_VALUE = 5000;
const LONGEST_KEY = 250;

/**
 * Tags of the user's own, as MLflow's tags.
 * @throws UserError for a key or value that MLflow refuses or that is ours.
 */
export function userTags(tags: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(tags).map(([key, value]) => {
    const shown = JSON.stringify(key);
    if (key.startsWith(OWN_PREFIX)) {
      throw new UserError(`The tag ${shown} is one of those that register-model itself keeps in MLflow.`, {
        where: { key: 'tags' },
        fix: `Choose a key that does not begin with ${OWN_PREFIX}`,
      });
    }
    if (!/^[\w.\-/: ]+$/.test(key) || key.length > LONGEST_KEY || /(^|\/)(\.{1,2})?(\/|$)/.test(key)) {
      throw new UserError(`The tag ${shown} has a key that MLflow does not take.`, {
        where: { key: 'tags' },
        fix: `Use letters, digits, and _ . - / : and blanks, at most ${LONGEST_KEY} of them.`,
      });
    }
    if (value.length > LONGEST_VALUE) {
      throw new UserError(`The tag ${shown} has ${value.length} characters, more than MLflow takes.`, {
        where: { key: 'tags' },
        fix: `Shorten it to ${LONGEST_VALUE}.`,
      });
    }
    return { key, value };
  });
}

/** Cut to what MLflow takes, with a sign that something is missing. */
export function shortened(text: string, limit = LONGEST_VALUE): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
