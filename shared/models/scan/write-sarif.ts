import type { RecordFolder } from '../../records/folder.ts';
import type { AppliedScan } from '../../records/model-scan.ts';

/**
 * Writes what a scan found beside the records, for GitHub's code scanning.
 * @param shownAs the folder of the model's files as the repository has it, with forward slashes; empty for its root.
 * @returns `sarif`: the path; nothing where nobody looked.
 */
export async function writeSarif(
  { result }: AppliedScan,
  shownAs: string,
  records: Pick<RecordFolder, 'writeAttachment' | 'attachmentPath'>,
): Promise<{ sarif?: string }> {
  if (result === null) return {};
  const { scanLog } = await import('./sarif.ts');
  const { file } = await records.writeAttachment(
    `${JSON.stringify(scanLog(result, shownAs), null, 2)}\n`,
    'sarif',
  );
  return { sarif: records.attachmentPath(file) };
}
