import { UserError } from '../../../shared/errors.ts';
import { shortNumber } from '../engine/wording.ts';
import type { Split } from './target.ts';

/** Somebody else changed how requests are split while a rollout was under way. It is left as it is found. */
export class SplitChanged extends UserError {
  /** As it is now; null where that is no split that a rollout could set. */
  readonly found: Split | null;

  /** @param object what splits the requests, for people. @param found as it is now, or a sentence on what is wrong with it. */
  constructor(object: string, found: Split | string, wanted: Split) {
    const now =
      typeof found === 'string' ? found : `It gives the challenger ${sharesOf(found)} of the requests.`;
    super(
      `Somebody else changed the ${object} during the rollout, and it is left so. ${now} The rollout had set ${sharesOf(wanted)}.`,
      {
        where: { key: 'kubernetes-resource' },
        fix: 'Use operation: abort to give all traffic to the champion or operation: promote to give it to the challenger, or set it as it was and use operation: continue. Without any of these operation: reconcile takes the rollout back after three hours.',
      },
    );
    this.found = typeof found === 'string' ? null : found;
  }
}

const sharesOf = ({ weight, mirror }: Split): string => (mirror ? 'copies' : `${shortNumber(weight)} %`);
