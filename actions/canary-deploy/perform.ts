/** Reads what the inputs name, opens the target, and performs the operation. */
import { resolve } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { DEFAULT_ROLLOUT, readRollout } from '../../shared/records/rollout.ts';
import { checkAlias } from '../../shared/registries/alias.ts';
import { keepDeployment, markRollout } from '../../shared/registries/deployment-marks.ts';
import { refuseLongReason } from '../../shared/registries/reason-length.ts';
import {
  formatModelUri,
  openRegistry,
  parseModelUri,
  requireName,
} from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { checkGate } from './gate.ts';
import type { Given } from './inputs.ts';
import { makeRecord } from './make-record.ts';
import { abortByHand, promoteByHand, rollBackByHand, stopServing } from './operations/by-hand.ts';
import {
  messageOf,
  type OperationResult,
  type RunRequest,
  registryOpener,
  type Situation,
} from './operations/operation.ts';
import { run as runRollout } from './operations/run.ts';
import { refuseUnable } from './refuse-unable.ts';
import { launchPackagedModel } from './targets/local/launch-packaged-model.ts';
import { openLocalTarget } from './targets/local/local-target.ts';
import { findRouterFile } from './targets/local/router-file.ts';
import type { Target } from './targets/target.ts';
import { readTraffic } from './traffic.ts';

/** Performs the operation that the inputs name. */
export async function run(
  given: Given,
  deps: Deps,
): Promise<ActionResult & { outputs: { outcome: string } }> {
  const { log, signal, env, now } = deps;
  const registryOf = registryOpener({ env, githubToken: given.githubToken, progress: log.progress, signal });
  // Everything that a person may have written wrongly is read before anything is started.
  checkAlias(given.alias);
  refuseLongReason('override-reason', given.overrideReason);
  const request = given.operation === 'run' ? await readRequest(given, deps) : undefined;
  const target = await openTarget(given, deps, registryOf);
  const situation: Situation = {
    target,
    registryOf,
    signal,
    now,
    info: log.info,
    progress: log.progress,
    runUrl: deps.source.runUrl ?? undefined,
  };
  try {
    if (request) refuseUnable(request.rollout, target.abilities, request.locate);
    if (request?.gate.allowed) await noteBeginning(request, situation, deps);
    const result = await perform(given, deps, situation, request);
    const endpoint = target.address();
    if (result.serving && env.GITHUB_ACTIONS === 'true') {
      log.info(`${endpoint} answers until this job ends: the local target serves on this runner only.`);
    }
    const { name, operation } = given;
    const record = makeRecord(result, {
      name,
      operation,
      source: deps.source,
      createdAt: now(),
      endpoint,
      target: given.target,
    });
    const model = [result.challenger, result.champion].find((one) => one?.digest === result.subject);
    return {
      record,
      outputs: { outcome: result.outcome },
      ...(model ? { afterReport: async () => keepDeployment(await registryOf(model), record) } : {}),
    };
  } finally {
    await target.close();
  }
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
    case 'stop': {
      const last = await deps.records.find('Deployment');
      return stopServing(situation, last && { digest: last.subject.digest, uri: last.challenger?.uri ?? '' });
    }
  }
}

function openTarget(
  given: Given,
  { env, cacheFolder, signal, log }: Deps,
  registryOf: Situation['registryOf'],
): Promise<Target> {
  return openLocalTarget({
    servingDir: resolve(given.servingDir),
    port: given.operation === 'run' ? given.port : undefined,
    stickyHeader: given.operation === 'run' ? (given.stickyHeader ?? null) : undefined,
    routerFile: findRouterFile(),
    env,
    progress: log.info,
    launch: launchPackagedModel({ openRegistry: registryOf, cacheFolder, env, signal, progress: log.info }),
  });
}

async function readRequest(given: Given, deps: Deps): Promise<RunRequest> {
  const uri = parseModelUri(given.model ?? '');
  if (!uri) {
    throw new UserError('The input model must be the URI of a registered version.', {
      where: { key: 'model' },
      fix: 'Register the model first and give its URI, e.g. oci-layout:mlops-registry/churn@sha256:… or …@challenger.',
    });
  }
  requireName(uri, given.name);
  const { value: rollout, locate } = given.rollout
    ? await readRollout(given.rollout)
    : { value: DEFAULT_ROLLOUT, locate: () => ({ key: 'rollout' }) };
  const traffic = given.traffic ? await readTraffic(given.traffic, given.trafficRate) : undefined;
  const { env, signal, log } = deps;
  const registry = await openRegistry(uri, {
    env,
    githubToken: given.githubToken,
    progress: log.progress,
    signal,
  });
  const version = await registry.resolve(uri.reference);
  if (!version) {
    const aliases = Object.keys(await registry.aliases());
    throw new UserError(`There is no version ${formatModelUri(uri)}.`, {
      where: { key: 'model' },
      fix:
        aliases.length > 0
          ? `Its aliases are ${aliases.join(', ')}.`
          : 'Nothing is registered under this name.',
    });
  }
  const gate = await checkGate({ registry, records: deps.records, digest: version.digest }, given, deps);
  return {
    model: { digest: version.digest, uri: version.uri },
    aliased: await registry.resolve(given.alias),
    alias: given.alias,
    rollout,
    locate,
    traffic,
    overrideReason: gate.overridden ? (given.overrideReason ?? null) : null,
    gate,
  };
}
