import { UserError } from '../../../shared/errors.ts';
import { canonicalJson } from '../../../shared/records/canonical-json.ts';
import type { DeploymentEvent } from '../../../shared/records/deployment.ts';
import type { Version } from '../../../shared/registries/registry.ts';
import { makeChecks, NOTHING_BEFORE } from '../before/checks.ts';
import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { bringUp } from './bring-up.ts';
import { settleInterrupted } from './interrupted.ts';
import {
  type OperationResult,
  plainResult,
  QUIET_WINDOW_MS,
  type RunRequest,
  type Situation,
} from './operation.ts';
import { resumable } from './resumable.ts';
import { type RollOutRequest, rollOut } from './roll-out.ts';
import { leftAlone } from './settled.ts';

/** `operation: run`: brings a model to all traffic, or leaves the champion there. */
export async function run(situation: Situation, request: RunRequest): Promise<OperationResult> {
  const { model, aliased, alias } = request;
  const { allowed, unsafe = false } = request.gate;
  const isRefused = !allowed && (unsafe || aliased?.digest !== model.digest);
  if (isRefused) return refuse(request, situation.now());

  let found = await situation.target.read();
  if (!allowed && !isTheirs(model, found)) return refuse(request, situation.now(), found.champion);
  const leftover = await settleInterrupted(situation, found, {
    model,
    sameRules: (progress) => sameRules(progress, request),
  });
  if (leftover.paused) {
    const why = 'it waits for operation: continue';
    return leftAlone({ progress: leftover.paused, found, why });
  }
  let note = leftover.settled;
  if (leftover.resume) {
    const resume = await resumable(situation, leftover.resume, found);
    if (typeof resume !== 'string') {
      if ('outcome' in resume) return resume;
      return rollOut(situation, rollOutRequest(situation, request), {
        champion: resume.champion,
        resume,
        approved: false,
      });
    }
    note = resume;
  }
  if (note) {
    situation.info(note);
    found = await situation.target.read();
  }
  const registry = await situation.registryOf(model);
  const aliasedNow = await registry.resolve(alias);
  const settled: DeploymentEvent[] = note
    ? [{ at: situation.now().toISOString(), kind: 'warning', weight: 0, reason: note }]
    : [];
  const result = await deploy(situation, request, { found, aliased: aliasedNow });
  return { ...result, events: [...settled, ...result.events] };
}

async function deploy(
  situation: Situation,
  request: RunRequest,
  context: { found: TargetState; aliased: Version | undefined },
): Promise<OperationResult> {
  const { model, alias } = request;
  const { found, aliased } = context;
  const checks = makeChecks(request.before, situation);
  const serving = found.champion;
  if (aliased && aliased.digest !== model.digest) {
    const champion = { digest: aliased.digest, uri: aliased.uri };
    if (serving && serving.digest !== champion.digest) throw disagreement(alias, champion, serving);
    if (!serving) {
      const problem = await request.signatureProblem?.(champion.digest);
      if (problem) throw unsignedChampion(alias, champion, problem);
      situation.info(`The champion ${champion.digest} does not serve yet: it is started first.`);
      const { check } = makeChecks({ ...NOTHING_BEFORE, requests: request.before.requests }, situation);
      await situation.target.prepare(champion, QUIET_WINDOW_MS, check);
      await situation.target.promote(champion.digest);
    }
    return rollOut(situation, rollOutRequest(situation, request), { champion, checks });
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
    return rollOut(situation, rollOutRequest(situation, request), { champion: serving, checks });
  }
  return bringUp(situation, request, { champion: serving, aliased, checks });
}

function rollOutRequest({ now }: Situation, request: RunRequest): RollOutRequest {
  return { ...request, until: now().getTime() + request.maxWaitMs, driver: 'run' };
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

/**
 * Whether a model that the gate refuses is what the users had all the same, so that the alias which names it is no way
 * past the gate: nothing else serves, it serves or served before, or it was being promoted.
 */
function isTheirs(model: DeployedModel, { champion, previous, progress }: TargetState): boolean {
  const stored = parseProgress(progress);
  const isPromoting = stored?.phase === 'promoting' && stored.challenger.digest === model.digest;
  return !champion || isPromoting || [champion.digest, previous?.digest].includes(model.digest);
}

function refuse(request: RunRequest, at: Date, serving: DeployedModel | null = null): OperationResult {
  const reason = `The model was not deployed: ${request.gate.reason}.`;
  return plainResult({
    ...common(request, serving),
    outcome: 'refused',
    serving: serving?.digest ?? null,
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

function unsignedChampion(alias: string, champion: DeployedModel, problem: string): UserError {
  return new UserError(
    `The champion ${champion.digest}, which the alias ${alias} names, does not serve and may not be started: ${problem}`,
    {
      where: { key: 'verification-key' },
      fix: 'Let the alias name a version that is signed by this key, or find out who moved it.',
    },
  );
}
