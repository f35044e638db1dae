/** The safety scan of files on disk, as an action runs it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listModelFiles, type ModelFile } from '../../shared/models/files.ts';
import { scanModel } from '../../shared/models/scan/scan.ts';
import type { ModelScanResult } from '../../shared/records/model-scan.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

export async function scanFiles(files: readonly ModelFile[]): Promise<ModelScanResult> {
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'scan-'));
  try {
    return await scanModel(files, {
      signal: new AbortController().signal,
      temporaryFolder,
      now: NOW,
    });
  } finally {
    await rm(temporaryFolder, { recursive: true });
  }
}

export const scanFolder = async (folder: string): Promise<ModelScanResult> =>
  scanFiles(await listModelFiles(folder));
