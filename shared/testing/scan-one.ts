import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanModel } from '../models/scan/scan.ts';
import type { ModelScanResult } from '../records/model-scan.ts';

/** A pickle that would run a command, if anybody loaded it. */
export const EVIL_PICKLE = Buffer.from("cos\nsystem\n(S'echo seen'\ntR.");
export const PLAIN_PICKLE = Buffer.from('\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.', 'latin1');

/** Scans bytes as a model of one file, whose name tells nothing. @throws where a temporary copy is left. */
export async function scanOne(
  bytes: Uint8Array,
  signal = new AbortController().signal,
): Promise<ModelScanResult> {
  const folder = await mkdtemp(join(tmpdir(), 'scan-one-'));
  const location = join(folder, 'model');
  await writeFile(location, bytes);
  const files = [{ path: 'model', location, size: bytes.length }];
  const scan = scanModel(files, { signal, temporaryFolder: folder, now: new Date('2026-01-01') });
  await scan.catch(() => undefined);
  const left = await readdir(folder);
  await rm(folder, { recursive: true });
  if (left.length > 1) throw new Error(`The scan left ${left.join(', ')}.`);
  return scan;
}

/** The rules that are broken and where, as `rule: member > member`. */
export async function findingsOf(bytes: Uint8Array): Promise<string[]> {
  const { findings } = await scanOne(bytes);
  return findings.map(({ rule, members }) => [rule, members.join(' > ')].filter(Boolean).join(': '));
}
