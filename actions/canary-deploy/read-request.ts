import { UserError } from '../../shared/errors.ts';
import { DEFAULT_ROLLOUT, readRollout } from '../../shared/records/rollout.ts';
import {
  formatModelUri,
  openRegistry,
  parseModelUri,
  requireName,
} from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { readBefore } from './before/read-before.ts';
import { checkGate, findSignatureProblem } from './gate.ts';
import type { Given } from './inputs.ts';
import type { RunRequest } from './operations/operation.ts';
import { readTraffic } from './traffic.ts';

/** Reads what `operation: run` is asked to do. @throws UserError for anything a person may have written wrongly. */
export async function readRequest(given: Given, deps: Deps): Promise<RunRequest> {
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
  const before = await readBefore(rollout, traffic?.bodies ?? [], locate);
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
  const { verificationKey } = given;
  const gate = await checkGate({ registry, records: deps.records, digest: version.digest }, given, deps);
  return {
    model: { digest: version.digest, uri: version.uri },
    aliased: await registry.resolve(given.alias),
    alias: given.alias,
    rollout,
    locate,
    traffic,
    overrideReason: gate.overridden ? (given.overrideReason ?? null) : null,
    before,
    maxWaitMs: given.maxWait,
    gate,
    ...(verificationKey && {
      signatureProblem: (digest: string) => findSignatureProblem(registry, digest, verificationKey, deps),
    }),
  };
}
