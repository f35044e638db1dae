/** Reads what the inputs name, opens the target, and performs the operation. */

import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../shared/errors.ts';
import { type AskedScan, readAskedScan } from '../../shared/models/scan/scan-as-asked.ts';
import { writeSarif } from '../../shared/models/scan/write-sarif.ts';
import { type AppliedScan, describeScan, scanRefuses, scanVerdict } from '../../shared/records/model-scan.ts';
import { checkAlias } from '../../shared/registries/alias.ts';
import { keepDeployment, markRollout } from '../../shared/registries/deployment-marks.ts';
import { refuseLongReason } from '../../shared/registries/reason-length.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { followDeployment } from './github-deployment.ts';
import type { Given } from './inputs.ts';
import { makeRecord } from './make-record.ts';
import { watched } from './metrics/watched.ts';
import { abortByHand, promoteByHand, rollBackByHand, stopServing } from './operations/by-hand.ts';
import { continueRollout } from './operations/continue.ts';
import { LOOKING_AFTER, leftToItsRun } from './operations/left-to-its-run.ts';
import {
  type OperationResult,
  type RunRequest,
  registryOpener,
  type Situation,
} from './operations/operation.ts';
import { reconcile } from './operations/reconcile.ts';
import { run as runRollout } from './operations/run.ts';
import { readRequest } from './read-request.ts';
import { refuseUnable } from './refuse-unable.ts';
import { ScanBeforeStart } from './scan-before-start.ts';
import { scanChallenger } from './scan-challenger.ts';
import { openTarget } from './targets/open-target.ts';
import type { DeployedModel } from './targets/target.ts';
import { TargetInUse } from './targets/target-in-use.ts';

/** Performs the operation that the inputs name. */
export async function run(
  given: Given,
  deps: Deps,
): Promise<ActionResult & { outputs: { outcome: string; sarif?: string } }> {
  const { log, signal, env, now } = deps;
  if (given.operation === 'replay') {
    const { replayRecord } = await import('./operations/replay.ts');
    const record = await replayRecord(given, deps);
    return { record, outputs: { outcome: record.outcome } };
  }
  const registryOf = registryOpener({ env, githubToken: given.githubToken, progress: log.progress, signal });
  // Everything that a person may have written wrongly is read before anything is started.
  checkAlias(given.alias);
  refuseLongReason('override-reason', given.overrideReason);
  const asked = await readAskedScan(given);
  const request = given.operation === 'run' ? await readRequest(given, deps) : undefined;
  // Going back must always be possible, and only what a run was asked for it may refuse.
  const beforeStart = new ScanBeforeStart(
    given.operation === 'run' ? asked : { ...asked, mode: 'warn' },
    deps,
  );
  const checkFiles: ScanBeforeStart['check'] = (model, folder) => beforeStart.check(model, folder);
  const target = await openTarget(given, deps, registryOf, checkFiles).catch((error: unknown) => {
    if (error instanceof TargetInUse && LOOKING_AFTER.includes(given.operation)) return error;
    throw error;
  });
  const recordOf = (result: OperationResult, endpoint: string | null, scan?: AppliedScan) =>
    makeRecord(result, {
      scan,
      name: given.name,
      operation: given.operation,
      source: deps.source,
      createdAt: now(),
      endpoint,
      target: given.target,
    });
  if (target instanceof TargetInUse) {
    const left = leftToItsRun(target, await lastDeployed(deps));
    if (!left) throw target;
    return { record: recordOf(left, target.found.address), outputs: { outcome: left.outcome } };
  }
  const situation: Situation = {
    target,
    registryOf,
    signal,
    now,
    info: log.info,
    progress: log.progress,
    runUrl: deps.source.runUrl ?? undefined,
    scheduled: env.GITHUB_EVENT_NAME === 'schedule',
    servesOn: target.abilities.outlivesJob || staysUp(env),
    staleAfterMs: given.staleAfter,
    monitoring: {
      access: { env, signal, now, wait: (ms) => delay(ms, undefined, { signal }) },
      warn: log.warning,
    },
  };
  try {
    if (request) {
      const abilities = { ...target.abilities, outlivesJob: situation.servesOn };
      refuseUnable(request.rollout, abilities, request.locate);
      await watched(situation, request.rollout);
      if (target.byService?.isWanted) target.byService.refuse(request.rollout, request.locate);
    }
    const scan = request && (await scanBefore(request, situation, { given, deps, asked }));
    if (scan && !scanRefuses(scan)) beforeStart.passed(request.model.digest);
    const deployment = await followDeployment(given, deps, request);
    if (request?.gate.allowed) await noteBeginning(request, situation, deps);
    const result = await perform(given, deps, situation, request).catch(async (error: unknown) => {
      await deployment?.broke(messageOf(error));
      throw error;
    });
    const endpoint = target.address();
    await deployment?.conclude(result, endpoint);
    if (result.serving && !situation.servesOn) {
      log.info(`${endpoint} answers until this job ends: the local target serves on this runner only.`);
    }
    const unused = await target.unused().catch((error: unknown) => {
      log.warning(`What is left over could not be listed: ${messageOf(error)}.`);
      return [];
    });
    const all = { ...result, unused: [...new Set([...result.unused, ...unused])] };
    const record = recordOf(all, endpoint, scan);
    const model = [result.challenger, result.champion].find((one) => one?.digest === result.subject);
    return {
      record,
      outputs: { outcome: result.outcome, ...(scan && (await writeSarif(scan, given.name, deps.records))) },
      ...(model ? { afterReport: async () => keepDeployment(await registryOf(model), record) } : {}),
    };
  } finally {
    await target.close();
  }
}

/** A hosted runner is thrown away when its job ends; one of the user's own, or a laptop, goes on living. */
const staysUp = (env: NodeJS.ProcessEnv): boolean =>
  env.GITHUB_ACTIONS !== 'true' || env.RUNNER_ENVIRONMENT === 'self-hosted';

/** Looks into the files before anything loads them. What is not safe is refused as by the gate, and by no alias saved. */
async function scanBefore(
  request: RunRequest,
  { target, registryOf }: Situation,
  { given, deps, asked }: { given: Given; deps: Deps; asked: AskedScan },
): Promise<AppliedScan | undefined> {
  const { model, gate, aliased } = request;
  if (!gate.allowed && aliased?.digest !== model.digest) return undefined;
  const registry = await registryOf(model);
  const scan = await scanChallenger(model, asked, { given, deps, registry, target });
  if (scan && scanRefuses(scan)) {
    request.gate = { allowed: false, reason: describeScan(scan), unsafe: true };
  } else if (scan && scanVerdict(scan) !== 'pass') {
    deps.log.warning(`The rollout goes on although ${describeScan(scan)}.`);
  }
  return scan;
}

/** So that no other job removes the version meanwhile. Where the registry is read-only to this job, it only says so. */
async function noteBeginning(
  request: RunRequest,
  { registryOf, now }: Situation,
  { log, source }: Deps,
): Promise<void> {
  try {
    const registry = await registryOf(request.model);
    await markRollout(registry, request.model.digest, { startedAt: now(), runUrl: source.runUrl });
  } catch (error) {
    log.warning(
      `The registry was not told of this rollout, so it may remove the version: ${messageOf(error)}.`,
    );
  }
}

async function perform(
  given: Given,
  deps: Deps,
  situation: Situation,
  request: RunRequest | undefined,
): Promise<OperationResult> {
  switch (given.operation) {
    case 'run':
      return runRollout(situation, request!);
    case 'promote':
      return promoteByHand(situation);
    case 'abort':
      return abortByHand(situation);
    case 'rollback':
      return rollBackByHand(situation, given.alias);
    case 'continue':
      return continueRollout(situation, await lastDeployed(deps));
    case 'reconcile':
      return reconcile(situation, await lastDeployed(deps));
    case 'stop':
      return stopServing(situation, await lastDeployed(deps));
    case 'replay':
      throw new TypeError('a replay needs no target');
  }
}

async function lastDeployed({ records }: Deps): Promise<DeployedModel | undefined> {
  const last = await records.find('Deployment');
  return last && { digest: last.subject.digest, uri: last.challenger?.uri ?? '' };
}
