import { dirname } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import { type RecordFolder, readRecordFile } from '../../../shared/records/folder.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';

/**
 * The training to repeat and the folder of its record.
 * @param path of its record; without it the newest of the name counts.
 * @throws UserError when there is none, or it is of another kind.
 */
export async function readRun(
  path: string | undefined,
  records: RecordFolder,
): Promise<{ record: TrainingRun; folder: string }> {
  if (path === undefined) return { record: await records.read('TrainingRun'), folder: records.path };
  const record = await readRecordFile(path);
  if (record.kind === 'TrainingRun') return { record, folder: dirname(path) };
  throw new UserError(`${path} is a ${record.kind}, and only a training can be repeated.`, {
    where: { file: path, key: 'inputs.record' },
    fix: 'Give the path of a TrainingRun record.',
  });
}
