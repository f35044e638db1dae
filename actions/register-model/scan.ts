import { capitalized } from '../../shared/capitalized.ts';
import { UserError } from '../../shared/errors.ts';
import { modelDigest } from '../../shared/models/digest.ts';
import { type AskedScan, readAskedScan } from '../../shared/models/scan/scan-as-asked.ts';
import { describeScan, scanVerdict } from '../../shared/records/model-scan.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { hasScheme } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { followUpRecord } from './follow-up-record.ts';
import type { Given } from './inputs.ts';
import { openVersion } from './open-model.ts';
import { requiredInput } from './required-input.ts';
import { scanHere, scanStored } from './scan-here.ts';
import { versionRecord } from './version-record.ts';

/** Says what the files of a model may do when they are loaded; nothing is stored and no registry is written. */
export async function scan(given: Given, deps: Deps): Promise<ActionResult> {
  const model = requiredInput(given, 'model', 'model');
  if (given.scan === 'off') {
    throw new UserError('operation: scan with scan: off would do nothing.', {
      where: { key: 'scan' },
      fix: 'Leave scan out, or give scan: warn.',
    });
  }
  const asked = await readAskedScan(given);
  return hasScheme(model) ? scanVersion(given, deps, asked) : scanFiles(model, given, deps, asked);
}

async function scanFiles(model: string, given: Given, deps: Deps, asked: AskedScan): Promise<ActionResult> {
  const { digest, files } = await modelDigest(model, { signal: deps.signal });
  const { scan, outputs } = await scanHere(model, asked, deps);
  const decision = { gate: 'ungated' as const, reason: describeScan(scan) };
  const record = versionRecord(given, deps, digest, decision, undefined, {
    registry: '',
    reason: `${capitalized(decision.reason)}.`,
    scan,
    files: { count: files.length, bytes: files.reduce((sum, file) => sum + file.size, 0) },
  });
  return { record: { ...record, verdict: scanVerdict(scan) }, outputs: { ...outputs, digest } };
}

async function scanVersion(given: Given, deps: Deps, asked: AskedScan): Promise<ActionResult> {
  const { registry, registryText, version } = await openVersion(given, deps);
  const { digest } = version;
  const { scan, outputs } = await scanStored(registry, digest, asked, deps, given.name);
  const record = followUpRecord(
    given,
    deps,
    {
      registryText,
      version,
      earlier: await readAttachedRecord(registry, digest, 'ModelVersion'),
      evaluation: await readAttachedRecord(registry, digest, 'Evaluation'),
      standing: await registry.standing(digest),
    },
    { scan, reason: `${capitalized(describeScan(scan))}.` },
  );
  return {
    record: { ...record, verdict: scanVerdict(scan) },
    outputs: { ...outputs, uri: version.uri, version: version.version, digest },
  };
}
