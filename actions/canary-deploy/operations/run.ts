import { UserError } from '../../../shared/errors.ts';
import { canonicalJson } from '../../../shared/records/canonical-json.ts';
import type { DeploymentEvent } from '../../../shared/records/deployment.ts';
import type { Version } from '../../../shared/registries/registry.ts';
import { smokeCheck } from '../before/smoke-check.ts';
import type { Progress } from '../progress.ts';
import type { Check, DeployedModel, TargetState } from '../targets/target.ts';
import { bringUp } from './bring-up.ts';
import { settleInterrupted } from './interrupted.ts';
import { type OperationResult, plainResult, type RunRequest, type Situation } from './operation.ts';
import { rollOut } from './roll-out.ts';

/** Requests of the traffic file that a model answers before it gets any traffic. */
const SMOKE_REQUESTS = 5;

/** `operation: run`: brings a model to all traffic, or leaves the champion there. */
export async function run(situation: Situation, request: RunRequest): Promise<OperationResult> {
  const { model, aliased, alias } = request;
  const refused = !request.gate.allowed && aliased?.digest !== model.digest;
  if (refused) return refuse(request, situation.now());

  let found = await situation.target.read();
  const leftover = await settleInterrupted(situation, found, {
    model,
    sameRules: (progress) => sameRules(progress, request),
  });
  if (leftover.resume)
    return rollOut(situation, request, { champion: found.champion!, resume: leftover.resume });
  if (leftover.settled) {
    situation.info(leftover.settled);
    found = await situation.target.read();
  }
  const registry = await situation.registryOf(model);
  const aliasedNow = await registry.resolve(alias);
  const settled: DeploymentEvent[] = leftover.settled
    ? [{ at: situation.now().toISOString(), kind: 'warning', weight: 0, reason: leftover.settled }]
    : [];
  const check: Check = (challenger) =>
    smokeCheck(challenger, request.traffic?.bodies.slice(0, SMOKE_REQUESTS) ?? []);
  const result = await deploy(situation, request, { found, aliased: aliasedNow, check });
  return { ...result, events: [...settled, ...result.events] };
}

async function deploy(
  situation: Situation,
  request: RunRequest,
  context: { found: TargetState; aliased: Version | undefined; check: Check },
): Promise<OperationResult> {
  const { model, alias } = request;
  const { found, aliased, check } = context;
  const serving = found.champion;
  if (aliased && aliased.digest !== model.digest) {
    const champion = { digest: aliased.digest, uri: aliased.uri };
    if (serving && serving.digest !== champion.digest) throw disagreement(alias, champion, serving);
    if (!serving) {
      situation.info(`The champion ${champion.digest} does not serve yet: it is started first.`);
      await situation.target.prepare(champion, 60_000, check);
      await situation.target.promote();
    }
    return rollOut(situation, request, { champion, check });
  }
  // The alias names the model already, or nothing at all.
  if (serving?.digest === model.digest && aliased) {
    const reason = `${model.digest} is the champion and serves already; nothing was to be done.`;
    return plainResult({
      ...common(request, serving),
      outcome: 'promoted',
      verdict: 'pass',
      reason,
      serving: model.digest,
      alias: { name: alias, moved: false },
    });
  }
  if (serving && !aliased && serving.digest !== model.digest) {
    return rollOut(situation, request, { champion: serving, check });
  }
  return bringUp(situation, request, { champion: serving, aliased, check });
}

function common(request: RunRequest, champion: DeployedModel | null) {
  return {
    subject: request.model.digest,
    challenger: request.model,
    champion,
    overrideReason: request.overrideReason,
  };
}

function sameRules(progress: Progress, request: RunRequest): boolean {
  return (
    progress.alias === request.alias && canonicalJson(progress.rollout) === canonicalJson(request.rollout)
  );
}

function refuse(request: RunRequest, at: Date): OperationResult {
  const reason = `The model was not deployed: ${request.gate.reason}.`;
  return plainResult({
    ...common(request, null),
    outcome: 'refused',
    verdict: 'fail',
    reason,
    events: [{ at: at.toISOString(), kind: 'refuse', weight: 0, reason }],
  });
}

function disagreement(alias: string, champion: DeployedModel, serving: DeployedModel): UserError {
  return new UserError(`The alias ${alias} names ${champion.digest}, but ${serving.digest} serves.`, {
    where: { key: 'alias' },
    fix: `Run once with the model @${alias}, so that the champion serves; then roll out the challenger.`,
  });
}
