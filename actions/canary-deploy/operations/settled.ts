/** Results of operations that look after what other runs left. */
import { capitalized } from '../../../shared/capitalized.ts';
import { UserError } from '../../../shared/errors.ts';
import type { Progress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { type OperationResult, plainResult, type Situation } from './operation.ts';

/** No rollout is under way. @throws UserError when nothing serves and nothing ever did. */
export function nothingUnderWay(
  situation: Situation,
  {
    found,
    lastKnown,
    settled,
  }: { found: TargetState; lastKnown: DeployedModel | undefined; settled?: string },
): OperationResult {
  const model = found.champion ?? found.challenger ?? lastKnown;
  if (!model) {
    throw new UserError('Nothing serves here, and nothing ever did.', {
      where: { key: 'target' },
      fix: 'Check the inputs that say where the model serves.',
    });
  }
  const reason = settled ? capitalized(settled) : 'No rollout is under way; nothing was to be done.';
  return plainResult({
    outcome: 'settled',
    verdict: 'pass',
    reason,
    subject: model.digest,
    champion: found.champion,
    serving: found.champion?.digest ?? null,
    events: settled ? [{ at: situation.now().toISOString(), kind: 'rollback', weight: 0, reason }] : [],
  });
}

/** A rollout of somebody else's, in which nothing was changed. */
export function leftAlone({
  progress,
  found,
  why,
}: {
  progress: Progress;
  found: Pick<TargetState, 'champion'>;
  why: string;
}): OperationResult {
  const outcomes = { rolling: 'rolling', promoting: 'rolling', paused: 'paused', held: 'held' } as const;
  return plainResult({
    ...about(progress),
    outcome: outcomes[progress.phase],
    verdict: 'inconclusive',
    reason: `The rollout of ${progress.challenger.digest} was left alone: ${why}.`,
    serving: found.champion?.digest ?? null,
  });
}

/** What an earlier run had left half done is finished or undone now. */
export function settledResult(
  situation: Situation,
  end: { progress: Progress; promoted: boolean; said: string; serving: string | null; aliasMoved?: boolean },
): OperationResult {
  const { progress, promoted, said, serving, aliasMoved = false } = end;
  const reason = capitalized(said);
  const kind = promoted ? 'promote' : 'rollback';
  return plainResult({
    ...about(progress),
    outcome: 'settled',
    verdict: 'pass',
    reason,
    serving,
    alias: { name: progress.alias, moved: aliasMoved },
    events: [{ at: situation.now().toISOString(), kind, weight: promoted ? 100 : 0, reason }],
  });
}

/** The digest that serves once what was decided is finished or undone. */
export function servingAfter(promoted: boolean, progress: Progress, found: TargetState): string | null {
  return promoted ? progress.challenger.digest : (found.champion?.digest ?? null);
}

function about(progress: Progress) {
  return {
    subject: progress.challenger.digest,
    challenger: progress.challenger,
    champion: progress.champion,
    rollout: progress.rollout,
    state: progress.state,
    weights: progress.weights,
    overrideReason: progress.overrideReason,
    alias: { name: progress.alias, moved: false },
  };
}
