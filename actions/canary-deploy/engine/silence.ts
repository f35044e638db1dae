/**
 * A challenger of which nothing is seen any more: its servers may have died with their metrics, or nobody asked it.
 * Told from the looks alone, so that a record can be replayed.
 */
import type { ArmLook, Look } from '../../../shared/records/deployment.ts';
import { formatNumber } from '../../../shared/report/numbers.ts';
import type { RolloutState } from './engine.ts';
import type { Plan } from './plan.ts';

/** Silence that chance explains with more than this probability is no sign of anything. */
const IMPROBABLE = 0.001;
/** To roll back for it, since each of many looks may begin a silence. */
const HARDLY_POSSIBLE = 1e-6;
/** With all traffic at the challenger, so many silent looks in a row: as long as a source that fails is waited for. */
const LOOKS_OF_HARM = 5;

/**
 * Why nothing may go on after the last look: the challenger had no requests at the last looks, although its share of
 * them, or what it had before, makes that improbable. Undefined otherwise.
 */
export function findSilence(plan: Plan, state: RolloutState): string | undefined {
  const { before, silent } = trailingSilence(state);
  if (silent.length === 0) return undefined;
  const chance = plan.isAlone ? chanceAlone(before, silent) : chanceBesideChampion(silent);
  if (chance > Math.log(IMPROBABLE)) return undefined;
  const at = silent.length === 1 ? 'the last look' : `the last ${silent.length} looks`;
  const compared = plan.isAlone
    ? `${describeBefore(before)} before`
    : `beside ${formatNumber(total(silent, 'champion'))} of the champion`;
  return `the challenger had no requests at ${at}, ${compared}`;
}

/**
 * Why silence rolls the challenger back: it has all traffic, and there is no sign of it at several looks in a row though
 * there was before. Only where the source cannot tell that nobody asked; undefined otherwise.
 */
export function findDeadlySilence(plan: Plan, state: RolloutState): string | undefined {
  if (!plan.isAlone) return undefined;
  const { before, silent } = trailingSilence(state);
  if (silent.length < LOOKS_OF_HARM || chanceAlone(before, silent) > Math.log(HARDLY_POSSIBLE))
    return undefined;
  return `there is no sign of the challenger, which has all traffic: it had no requests at ${silent.length} looks in a row, ${describeBefore(before)} before.`;
}

/** The looks since the challenger was last heard of, and those before; the champion speaks for it before its first step. */
function trailingSilence({ looks }: RolloutState): { before: Look[]; silent: Look[] } {
  const heard = looks.findLastIndex((look) => look.step < 0 || given(look.challenger) > 0);
  return { before: looks.slice(0, heard + 1), silent: looks.slice(heard + 1) };
}

/** Requests of an arm: those given to it, or those that ended where only they are seen. */
function given({ assigned, requests }: ArmLook): number {
  return assigned ?? requests;
}

/**
 * Log probability that none of so many requests went to the challenger. Of one that was copied its answer is as likely
 * to be seen as the champion's.
 */
function chanceBesideChampion(silent: readonly Look[]): number {
  return silent.reduce((sum, { champion, mirrored, weight }) => {
    return sum + given(champion) * Math.log1p(mirrored ? -0.5 : -weight / 100);
  }, 0);
}

/** Log probability that all requests fell into the looks before, had they come as often since. */
function chanceAlone(before: readonly Look[], silent: readonly Look[]): number {
  const seesOnlyWhatEnded = silent.every(({ challenger }) => challenger.assigned === null);
  if (!seesOnlyWhatEnded || before.length === 0) return 0;
  return requestsBefore(before) * Math.log(before.length / (before.length + silent.length));
}

const total = (looks: readonly Look[], arm: 'champion' | 'challenger'): number =>
  looks.reduce((sum, { [arm]: counts }) => sum + given(counts), 0);

/** Of whoever had all the traffic. */
function requestsBefore(looks: readonly Look[]): number {
  const isFirst = ({ step }: Look) => step < 0;
  return (
    total(looks.filter(isFirst), 'champion') +
    total(
      looks.filter((look) => !isFirst(look)),
      'challenger',
    )
  );
}

function describeBefore(before: readonly Look[]): string {
  const { length } = before;
  return `${formatNumber(requestsBefore(before))} at the ${length === 1 ? 'one look' : `${length} looks`}`;
}
