import { messageOf, UserError } from '../../../shared/errors.ts';
import type { Version } from '../../../shared/registries/registry.ts';
import type { Checks } from '../before/checks.ts';
import type { DeployedModel } from '../targets/target.ts';
import { revert } from './interrupted.ts';
import {
  firstProgress,
  type OperationResult,
  plainResult,
  QUIET_WINDOW_MS,
  type RunRequest,
  type Situation,
} from './operation.ts';
import { completePromotion } from './promotion.ts';

/**
 * Gives a model all traffic at once, after a check: the first model of its name, or the one that the alias names
 * already but that does not serve (a new machine, or the alias was moved by a person).
 */
export async function bringUp(
  situation: Situation,
  request: RunRequest,
  context: { champion: DeployedModel | null; aliased: Version | undefined; checks: Checks },
): Promise<OperationResult> {
  const { model, alias, overrideReason } = request;
  const { champion, aliased, checks } = context;
  const base = { subject: model.digest, challenger: model, champion, overrideReason, before: checks.results };
  const at = () => situation.now().toISOString();
  const progress = firstProgress(situation, {
    challenger: model,
    champion: aliased ? { digest: aliased.digest, uri: aliased.uri } : null,
    alias,
    rollout: null,
    overrideReason,
  });
  if (champion?.digest !== model.digest) {
    try {
      await situation.target.saveProgress(progress);
      await situation.target.prepare(model, QUIET_WINDOW_MS, checks.check);
    } catch (error) {
      await revert(situation, model);
      if (!(error instanceof UserError) || situation.signal.aborted) throw error;
      const undone = situation.target.undone?.() ?? [];
      const removed = undone.length > 0 ? ` Removed again: ${undone.join(', ')}.` : '';
      const reason = `The model was not given any traffic: ${messageOf(error)}.${removed}`;
      return plainResult({
        ...base,
        outcome: 'rolled-back',
        verdict: 'fail',
        reason,
        serving: champion?.digest ?? null,
        events: [...checks.events, { at: at(), kind: 'rollback', weight: 0, reason }],
      });
    }
  }
  const what = aliased
    ? `The champion serves with all traffic: the alias ${alias} names it already.`
    : 'First deployment: there was no champion to compare with, so the model serves with all traffic.';
  const result =
    champion?.digest === model.digest
      ? await crownServing(situation, model, alias)
      : await completePromotion(situation, progress, 'first deployment');
  const reason = result.promoted ? what : `The model was not deployed: ${result.reason}`;
  return plainResult({
    ...base,
    outcome: result.promoted ? 'promoted' : 'rolled-back',
    verdict: result.promoted ? 'pass' : 'fail',
    reason,
    serving: result.promoted ? model.digest : (champion?.digest ?? null),
    alias: { name: alias, moved: result.promoted && result.aliasMoved },
    events: [
      ...checks.events,
      { at: at(), kind: result.promoted ? 'serve' : 'rollback', weight: result.promoted ? 100 : 0, reason },
    ],
  });
}

/** The model serves, but the alias names nothing. */
async function crownServing(situation: Situation, model: DeployedModel, alias: string) {
  const registry = await situation.registryOf(model);
  await registry.moveAlias(alias, {
    to: model.digest,
    expected: null,
    operation: 'promote',
    runUrl: situation.runUrl,
  });
  return { promoted: true as const, aliasMoved: true };
}
