import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, relative, sep } from 'node:path';
import { type AskedScan, scanAsAsked } from '../../shared/models/scan/scan-as-asked.ts';
import type { AppliedScan } from '../../shared/records/model-scan.ts';
import type { Deps } from '../../shared/runtime/definition.ts';

/**
 * Scans a model on this machine, and writes what was found beside the records for GitHub's code scanning.
 * @param shownAs what its files are called there, where they lie in no checkout. @returns `outputs.sarif`: the path.
 */
export async function scanHere(
  model: string,
  asked: AskedScan,
  deps: Deps,
  shownAs?: string,
): Promise<{ scan: AppliedScan; outputs: { sarif?: string } }> {
  const scan = await scanAsAsked(model, asked, deps);
  if (scan.result === null) return { scan, outputs: {} };
  const { scanLog } = await import('../../shared/models/scan/sarif.ts');
  const place = shownAs ?? (await inCheckout(model, deps.env));
  const text = `${JSON.stringify(scanLog(scan.result, place), null, 2)}\n`;
  const { file } = await deps.records.writeAttachment(text, 'sarif');
  return { scan, outputs: { sarif: deps.records.attachmentPath(file) } };
}

/** The folder of the model's files as the repository has it, with forward slashes; empty for its root. */
async function inCheckout(model: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = (await stat(model)).isFile() ? dirname(model) : model;
  const path = relative(await realpath(env.GITHUB_WORKSPACE || '.'), await realpath(folder));
  // What lies elsewhere has no place in the repository; its own name is all that means anything there.
  return path.startsWith('..') ? basename(folder) : path.split(sep).join('/');
}
