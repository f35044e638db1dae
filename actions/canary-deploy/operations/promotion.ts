import { describeObjection } from '../../../shared/records/model-version.ts';
import type { AliasChange } from '../../../shared/registries/registry-interface.ts';
import type { Progress } from '../progress.ts';
import { messageOf, type Situation } from './operation.ts';

export type Promoted = { promoted: true; aliasMoved: boolean } | { promoted: false; reason: string };

/**
 * Makes the challenger the champion: the intention is stored, then the alias moves (if it still names the
 * champion that was compared with), then the traffic. Any later run can finish it from whatever point it was
 * left at. When the alias cannot be moved, the champion keeps all traffic.
 */
export async function completePromotion(
  situation: Situation,
  progress: Progress,
  reason: string,
  operation: NonNullable<AliasChange['operation']> = 'promote',
): Promise<Promoted> {
  const { target } = situation;
  await target.saveProgress({ ...progress, phase: 'promoting' } satisfies Progress);
  const moved = await moveAlias(situation, progress, reason, operation);
  if (moved.problem !== undefined) {
    await target.restore();
    await target.saveProgress(undefined);
    return { promoted: false, reason: `the alias ${progress.alias} could not be moved: ${moved.problem}.` };
  }
  await target.promote();
  await target.saveProgress(undefined);
  return { promoted: true, aliasMoved: moved.moved };
}

async function moveAlias(
  situation: Situation,
  { alias, challenger, champion, overrideReason }: Progress,
  reason: string,
  operation: NonNullable<AliasChange['operation']>,
): Promise<{ moved: boolean; problem?: string }> {
  const registry = await situation.registryOf(challenger);
  const pointsTo = async () => (await registry.resolve(alias))?.digest;
  if ((await pointsTo()) === challenger.digest) return { moved: false };
  try {
    // A rollout takes long, and one that is held longer: people may have said something since it began.
    if (operation === 'promote' && overrideReason === null) {
      const objection = describeObjection(await registry.standing(challenger.digest));
      if (objection) return { moved: false, problem: objection };
    }
    await registry.moveAlias(alias, {
      to: challenger.digest,
      expected: champion?.digest ?? null,
      operation,
      reason,
      runUrl: situation.runUrl,
    });
    return { moved: true };
  } catch (error) {
    // The move may have taken effect before its answer was lost: what the registry says counts.
    if ((await pointsTo()) === challenger.digest) return { moved: true };
    return { moved: false, problem: messageOf(error) };
  }
}
