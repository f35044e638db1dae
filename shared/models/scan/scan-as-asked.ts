import { UserError } from '../../errors.ts';
import { type AppliedScan, describeScan, placeOf, type SCAN_MODES } from '../../records/model-scan.ts';
import { listModelFiles } from '../files.ts';
import { type AllowedFinding, readAllowFile } from './allow.ts';

export interface AskedScan {
  mode: (typeof SCAN_MODES)[number];
  allow: readonly AllowedFinding[];
}

/** What the inputs `scan` and `scan-allow` ask for. @throws UserError for what a person may have written wrongly. */
export async function readAskedScan(given: {
  scan: AskedScan['mode'];
  scanAllow?: string | undefined;
}): Promise<AskedScan> {
  if (given.scan === 'off' && given.scanAllow !== undefined) {
    throw new UserError('The input scan-allow means nothing with scan: off.', {
      where: { key: 'scan-allow' },
      fix: 'Leave it out, or let the model be scanned.',
    });
  }
  return { mode: given.scan, allow: await readAllowFile(given.scanAllow) };
}

/**
 * Scans the files of a model on this machine, unless that is switched off, and says in the log what it made of them.
 * @param model folder or file. @throws UserError where there is no model, as `listModelFiles` does.
 */
export async function scanAsAsked(
  model: string,
  { mode, allow }: AskedScan,
  deps: {
    log: { info(message: string): void; warning(message: string): void; progress(message: string): void };
    signal: AbortSignal;
    now: () => Date;
    temporaryFolder: string;
  },
): Promise<AppliedScan> {
  const { log, signal, now, temporaryFolder } = deps;
  if (mode === 'off') {
    log.warning(
      'The files of the model were not scanned for code that runs when they are loaded (scan: off).',
    );
    return { mode, result: null };
  }
  const { scanModel } = await import('./scan.ts');
  const files = await listModelFiles(model);
  const result = await scanModel(files, {
    ...{ allow, signal, temporaryFolder, now: now() },
    progress: log.progress,
    remark: log.warning,
  });
  const scan = { mode, result };
  log.info(`Scanned ${result.files} ${result.files === 1 ? 'file' : 'files'}: ${describeScan(scan)}.`);
  for (const finding of result.findings) {
    if (finding.allowed === null) continue;
    log.info(`Let through in ${placeOf(finding)}: ${finding.what} ${finding.allowed}`);
  }
  return scan;
}
