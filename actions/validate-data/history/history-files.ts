import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { Verdict } from '../../../shared/records/envelope.ts';
import { readRecordFile } from '../../../shared/records/folder.ts';
import type { FoundRun } from './found-run.ts';
import { isProfileName, validationBeside } from './history-names.ts';

/**
 * The profiles that a folder (and those below it), a glob or a path names, each with the verdict of the DataValidation
 * that lies beside it. No folder, or nothing in it, is the history of the first run.
 * @throws UserError where a record is damaged, or a path names none.
 */
export async function readHistoryFiles(given: string): Promise<FoundRun[]> {
  if (/[*?[{]/.test(given)) {
    const paths: string[] = [];
    for await (const path of glob(given)) if (path.endsWith('.json')) paths.push(path);
    return readProfiles(paths);
  }
  if (!given.endsWith('.json')) return readProfiles(await profilesBelow(given));
  const [run] = await readProfiles([given]);
  if (run) return [run];
  throw new UserError(`${given} is no DataProfile.`, {
    where: { file: given, key: 'inputs.history' },
    fix: 'Give the folder in which the profiles of earlier runs lie, or their paths.',
  });
}

async function profilesBelow(folder: string): Promise<string[]> {
  const entry = await stat(folder).catch(() => undefined);
  if (!entry) return [];
  if (!entry.isDirectory())
    throw new UserError(`${folder} is no folder, and its name is not that of a record.`, {
      where: { file: folder, key: 'inputs.history' },
      fix: 'Give the folder in which the profiles of earlier runs lie, or their paths.',
    });
  const names = await readdir(folder, { recursive: true });
  return names.filter(isProfileName).map((name) => join(folder, name));
}

async function readProfiles(paths: readonly string[]): Promise<FoundRun[]> {
  const runs: FoundRun[] = [];
  for (const path of paths) {
    const profile = await readRecordFile(path);
    if (profile.kind !== 'DataProfile') continue;
    runs.push({ profile, verdict: await verdictBeside(path, profile.subject.digest) });
  }
  return runs;
}

async function verdictBeside(path: string, digest: string): Promise<Verdict | undefined> {
  const beside = validationBeside(path, digest);
  if (!(await stat(beside).catch(() => undefined))) return undefined;
  const validation = await readRecordFile(beside);
  return validation.subject.digest === digest ? validation.verdict : undefined;
}
