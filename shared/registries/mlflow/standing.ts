/**
 * How a version stands: the tags `mlops.approval` and `mlops.stage`, which people see and set in MLflow's pages, and
 * `mlops.standing`, which says who set them by a job, and counts only as long as nobody has set others since.
 */
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { APPROVALS, type Approval, type Standing } from '../registry-interface.ts';
import type { Tag } from './api.ts';
import { LONGEST_VALUE } from './tags.ts';

const APPROVAL_TAG = 'mlops.approval';
const STAGE_TAG = 'mlops.stage';
const STANDING_TAG = 'mlops.standing';

const text = z.string().optional();
const reasons = z.object({ approval: text, stage: text, by: text, at: text, runUrl: text, reason: text });

/** @throws UserError for an approval that is none of the words: it decides what may be deployed. */
export function standingOf(tags: Record<string, string>, where: string): Standing {
  const approval = approvalOf(tags[APPROVAL_TAG], where);
  const stage = tags[STAGE_TAG]?.trim() || undefined;
  const said = saidBy(tags[STANDING_TAG]);
  const { by, at, runUrl, reason } = said && said.approval === approval && said.stage === stage ? said : {};
  const standing = { approval, stage, by, at, runUrl, reason };
  return Object.fromEntries(Object.entries(standing).filter(([, value]) => value !== undefined));
}

/**
 * The tags that make a standing of another, in the order in which they must be set: whoever reads in between sees
 * the old standing, or the new one. Empty when nothing new is said.
 * @throws UserError when the words are longer than a tag.
 */
export function standingTags(present: Standing, change: Standing): Tag[] {
  const { approval = present.approval, stage = present.stage } = change;
  if (approval === present.approval && stage === present.stage) return [];
  const { by, at, runUrl, reason } = change;
  const value = JSON.stringify({ approval, stage, by, at, runUrl, reason });
  for (const words of [value, stage ?? '']) {
    if (words.length <= LONGEST_VALUE) continue;
    throw new UserError(`The reason is longer than a tag of MLflow, which has ${LONGEST_VALUE} characters.`, {
      fix: 'Shorten it, and link to what is longer.',
    });
  }
  return [
    { key: STANDING_TAG, value },
    ...(stage !== undefined && stage !== present.stage ? [{ key: STAGE_TAG, value: stage }] : []),
    ...(approval !== undefined && approval !== present.approval
      ? [{ key: APPROVAL_TAG, value: approval }]
      : []),
  ];
}

function approvalOf(tag: string | undefined, where: string): Approval | undefined {
  // A person types it.
  const word = tag?.trim().toLowerCase() ?? '';
  if (word === '') return undefined;
  const approval = APPROVALS.find((known) => known === word);
  if (approval) return approval;
  throw new UserError(`The tag ${APPROVAL_TAG} of ${where} is ${JSON.stringify(tag)}.`, {
    fix: `Set it to one of ${APPROVALS.join(', ')} in MLflow, or remove it.`,
  });
}

function saidBy(tag: string | undefined): z.infer<typeof reasons> | undefined {
  try {
    return reasons.parse(JSON.parse(tag ?? ''));
  } catch {
    return undefined;
  }
}
