import { resolve } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { readAskedScan } from '../../shared/models/scan/scan-as-asked.ts';
import { worstVerdict } from '../../shared/records/envelope.ts';
import { describeScan, scanRefuses, scanVerdict } from '../../shared/records/model-scan.ts';
import { formatRegistry } from '../../shared/registries/model-uri.ts';
import { readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import { hasScheme, type Registry, type Standing } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { carriedOver } from './carried-over.ts';
import { decideOnUse } from './decide-on-use.ts';
import type { Given } from './inputs.ts';
import { moveAliases } from './move-aliases.ts';
import { locationOf, type OpenedRegistry, openLocation, openVersion } from './open-model.ts';
import { requiredInput } from './required-input.ts';
import { scanStored } from './scan-here.ts';
import { outcome, versionRecord } from './version-record.ts';

/**
 * Brings a version to another registry: the same digest, and all that is attached to it. What comes from elsewhere is
 * scanned as what is registered is, whatever a record says of it; its digest says that the bytes copied are those.
 */
export async function copy(given: Given, deps: Deps): Promise<ActionResult> {
  const from = requiredInput(given, 'from', 'oci://ghcr.io/my-org/churn@champion');
  const to = requiredInput(given, 'to', 'mlflow:http://localhost:5000');
  if (!hasScheme(from)) {
    throw new UserError(`${JSON.stringify(from)} is no registry URI.`, {
      where: { key: 'from' },
      fix: 'Write <registry>/<name>@<alias, version or sha256:…>.',
    });
  }
  const asked = await readAskedScan(given);
  // The bytes of the source lie where its registry says; `artifacts` speaks of the destination.
  const source = await openVersion({ ...given, artifacts: undefined }, deps, 'from');
  const target = await openLocation(locationOf(to, given.name, 'to'), given, deps);
  refuseItself(source, target);
  const { digest } = source.version;
  const evaluation = await readAttachedRecord(source.registry, digest, 'Evaluation');
  const earlier = await readAttachedRecord(source.registry, digest, 'ModelVersion');
  const present = await target.registry.aliases();
  const moves = (given.aliases ?? []).map((alias) => ({ alias, from: present[alias] ?? null, to: digest }));
  const known = {
    digest,
    evaluation,
    // As when it was registered: what nobody has judged may be kept, but takes no alias.
    ungatedMayPass: moves.length === 0,
    standing: await objectingStanding(source.registry, target.registry, digest),
  };
  const { decision, provenance } = await decideOnUse(source.registry, given, known, deps);
  const parts = {
    ...carriedOver(earlier),
    ...provenance,
    registry: target.registryText,
    copiedFrom: source.version.uri,
  };
  if (decision.gate === 'refused') {
    const reason = `Not copied: ${decision.reason}.`;
    return { record: versionRecord(given, deps, digest, decision, evaluation, { ...parts, reason }) };
  }
  const { scan, outputs } = await scanStored(source.registry, digest, asked, deps, given.name);
  if (scanRefuses(scan)) {
    const refused = { gate: 'refused' as const, reason: describeScan(scan) };
    const said = { ...parts, scan, reason: `Not copied: ${refused.reason}.` };
    return { record: versionRecord(given, deps, digest, refused, evaluation, said), outputs };
  }
  const { copyVersion } = await import('../../shared/registries/copy.ts');
  const { created } = await copyVersion(source.registry, target.registry, digest, {
    temporaryFolder: deps.temporaryFolder,
    progress: deps.log.progress,
  });
  const copied = await target.registry.resolve(digest);
  if (!copied) throw new Error(`${digest} was copied to ${target.registryText} and cannot be found there`);
  // The record says what happened, so it comes after the moves; a run that ends in between is mended by the next one.
  const aliasMoves = await moveAliases(target.registry, moves, 'register', given.overrideReason, deps);
  const made = versionRecord(given, deps, digest, decision, evaluation, {
    ...parts,
    scan,
    aliasMoves,
    uri: copied.uri,
    version: copied.version,
    created,
    reason: `${outcome(
      created
        ? `Copied from ${source.registryText}`
        : `It was there before; what it lacked was brought from ${source.registryText}`,
      decision,
    )}${scanVerdict(scan) === 'pass' ? '' : ` But ${describeScan(scan)}.`}`,
  });
  const record = { ...made, verdict: worstVerdict([made.verdict, scanVerdict(scan)]) };
  const { role, files, annotations } = recordAttachment(record);
  await target.registry.attach(digest, role, files, annotations);
  return {
    record,
    outputs: { ...outputs, uri: copied.uri, version: copied.version, digest },
  };
}

/** @throws UserError when both are the same place: the record would say that the version comes from itself. */
function refuseItself(source: OpenedRegistry, target: OpenedRegistry): void {
  const place = ({ registry: { location } }: OpenedRegistry) =>
    location.scheme === 'oci-layout' ? resolve(location.path) : formatRegistry(location);
  if (place(source) !== place(target)) return;
  throw new UserError(`${target.registryText} is where the version lies already.`, {
    where: { key: 'to' },
    fix: 'Give another registry; operation: promote moves aliases within one.',
  });
}

/** How the version stands where people have most against it: at its source, or in the other registry already. */
async function objectingStanding(source: Registry, target: Registry, digest: string): Promise<Standing> {
  const there = (await target.resolve(digest)) ? await target.standing(digest) : {};
  const here = await source.standing(digest);
  const worst = (['rejected', 'pending'] as const).flatMap((word) =>
    [there, here].filter(({ approval }) => approval === word),
  );
  return worst[0] ?? here;
}
