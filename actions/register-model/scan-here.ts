import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type AskedScan, scanAsAsked } from '../../shared/models/scan/scan-as-asked.ts';
import { writeSarif } from '../../shared/models/scan/write-sarif.ts';
import type { AppliedScan } from '../../shared/records/model-scan.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';

interface Scanned {
  scan: AppliedScan;
  /** `sarif`: the path of what was found; absent where nobody looked. */
  outputs: { sarif?: string };
}

/**
 * Scans a model on this machine, and writes what was found beside the records for GitHub's code scanning.
 * @param shownAs what its files are called there, where they lie in no checkout.
 */
export async function scanHere(
  model: string,
  asked: AskedScan,
  deps: Deps,
  shownAs?: string,
): Promise<Scanned> {
  const scan = await scanAsAsked(model, asked, deps);
  if (scan.result === null) return { scan, outputs: {} };
  const place = shownAs ?? (await inCheckout(model, deps.env));
  return { scan, outputs: await writeSarif(scan, place, deps.records) };
}

/** As `scanHere`, of a version: its bytes come to this machine for it, each held to its digest. */
export async function scanStored(
  registry: Registry,
  digest: string,
  asked: AskedScan,
  deps: Deps,
  shownAs: string,
): Promise<Scanned> {
  if (asked.mode === 'off') return scanHere('', asked, deps);
  const folder = await mkdtemp(join(deps.temporaryFolder, 'scan-'));
  try {
    const model = join(folder, 'model');
    await registry.pullModel(digest, model);
    return await scanHere(model, asked, deps, shownAs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folder of the model's files as the repository has it, with forward slashes; empty for its root. */
async function inCheckout(model: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = (await stat(model)).isFile() ? dirname(model) : model;
  const path = relative(await realpath(env.GITHUB_WORKSPACE || '.'), await realpath(folder));
  // What lies elsewhere has no place in the repository; its own name is all that means anything there.
  return path.startsWith('..') ? basename(folder) : path.split(sep).join('/');
}
