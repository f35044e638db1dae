/** What of the blocks can only be checked once the whole policy is known: errors at their place, before any work. */
import { UserError } from '../../../shared/errors.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { LIMIT_KINDS } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { parseDuration } from '../../../shared/runtime/fields.ts';

/** One process of this kind sends no faster and still keeps the times. */
const MOST_PER_SECOND = 2_000;
const MOST_REQUESTS = 1_000_000;

type Locate = PositionedDocument<GatePolicy>['locate'];

/** @throws UserError with the place in the policy. */
export function requireSoundBlocks({ value: policy, locate }: PositionedDocument<GatePolicy>): void {
  requireSoundLoad(policy, locate);
  requireChurnOfLabels(policy, locate);
  requireNoChangeOfComparisons(policy, locate);
}

function requireSoundLoad({ latency }: GatePolicy, locate: Locate): void {
  if (!latency) return;
  const { load } = latency;
  const at = (key: keyof typeof load) => locate(['latency', 'load', key]);
  const duration = durationOf(load.duration, at('duration'));
  durationOf(load.warm_up, at('warm_up'));
  if (load.requests_per_second > MOST_PER_SECOND) {
    throw new UserError(
      `At most ${MOST_PER_SECOND} requests a second are sent from here, not ${load.requests_per_second}.`,
      {
        where: at('requests_per_second'),
        fix: 'Measure such a load with a machine of its own and give its file as the input latency.',
      },
    );
  }
  const requests = (duration / 1000) * load.requests_per_second;
  if (requests < 1 || requests > MOST_REQUESTS) {
    throw new UserError(
      `${load.duration} at ${load.requests_per_second} requests a second are ${requests < 1 ? 'no request' : 'more than a million requests'}.`,
      { where: at('duration'), fix: 'Change duration or requests_per_second.' },
    );
  }
}

/** In milliseconds. */
function durationOf(text: string, where: ReturnType<Locate>): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new UserError(`${(cause as Error).message}.`, { where, cause });
  }
}

function requireChurnOfLabels({ task, churn }: GatePolicy, locate: Locate): void {
  if (!churn) return;
  if (task !== 'binary' && task !== 'multiclass' && task !== 'multilabel') {
    throw new UserError(
      `How many decisions flip is a question to labels, and the policy's task is ${task}.`,
      {
        where: locate(['churn']),
        fix: 'Take churn out of the policy.',
      },
    );
  }
  for (const name of ['positive_to_negative_rate', 'negative_to_positive_rate'] as const) {
    if (task === 'binary' || !churn[name]) continue;
    throw new UserError(`${name} speaks of two labels, and the policy's task is ${task}.`, {
      where: locate(['churn', name]),
      fix: 'Limit symmetric_flip_rate instead.',
    });
  }
}

/** What is a comparison of two models already has no champion of its own, so a limit on its change judges nothing. */
function requireNoChangeOfComparisons(policy: GatePolicy, locate: Locate): void {
  for (const block of ['churn', 'explainability'] as const) {
    for (const [name, limits] of Object.entries(policy[block] ?? {})) {
      const kind = LIMIT_KINDS.find((candidate) => candidate.endsWith('_change') && candidate in limits);
      if (kind === undefined) continue;
      throw new UserError(`${name} compares the two models itself, so it has no change.`, {
        where: locate([block, name, kind]),
        fix: 'Give it lower_bound or upper_bound.',
      });
    }
  }
}
