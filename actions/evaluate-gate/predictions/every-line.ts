/** What is judged, is judged whole: a line that cannot be read is an error and not left out. */
import type { LoadedTable } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import { counted } from '../../../shared/metrics/counted.ts';

/** @param title of the file in messages. @throws UserError at the first line that could not be read. */
export function requireEveryLine(loaded: LoadedTable, title: string, fix: string): void {
  const [rejected] = loaded.rejected;
  if (!rejected) return;
  throw new UserError(
    `${counted(loaded.rejectedCount, 'line')} of ${title} cannot be read: ${rejected.message}`,
    { where: { file: rejected.file, line: rejected.line }, fix },
  );
}
