import { UserError } from '../../errors.ts';
import { byAge } from '../attachment-age.ts';
import type { Descriptor } from '../manifest.ts';
import { APPROVALS, type Standing } from '../registry-interface.ts';

/**
 * How a version stands is the sum of the changes attached to it, oldest first: two jobs that change different
 * things at the same moment lose neither.
 */
export const STANDING_ROLE = 'standing';

const KEYS: Record<keyof Standing, string> = {
  approval: 'mlops-actions.approval',
  stage: 'mlops-actions.stage',
  by: 'mlops-actions.by',
  at: 'mlops-actions.at',
  runUrl: 'mlops-actions.run-url',
  reason: 'mlops-actions.reason',
};

/** A change as the annotations of its attachment. */
export function standingAnnotations(change: Standing): Record<string, string> {
  const known = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [KEYS[key as keyof Standing], value]));
}

/** @throws UserError for an approval that is none: it decides what may be deployed, so nothing is guessed. */
export function sumOfStandings(changes: Descriptor[]): Standing {
  const sum: Standing = {};
  for (const { annotations = {}, digest } of byAge(changes)) {
    // Who and why belong to one change and not to the next.
    for (const key of ['by', 'at', 'runUrl', 'reason'] as const) delete sum[key];
    for (const key of Object.keys(KEYS) as (keyof Standing)[]) {
      const value = annotations[KEYS[key]];
      if (value === undefined) continue;
      if (key !== 'approval') sum[key] = value;
      else sum.approval = approvalOf(value, digest);
    }
  }
  return sum;
}

function approvalOf(text: string, digest: string): NonNullable<Standing['approval']> {
  const approval = APPROVALS.find((word) => word === text);
  if (approval) return approval;
  throw new UserError(
    `${digest} in the registry gives a version the unknown approval ${JSON.stringify(text)}.`,
    {
      fix: `The words are ${APPROVALS.join(', ')}.`,
    },
  );
}

/** Whether a change says nothing new. */
export function isSaid(present: Standing, change: Standing): boolean {
  return (['approval', 'stage'] as const).every(
    (key) => change[key] === undefined || change[key] === present[key],
  );
}
