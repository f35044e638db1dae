/** How the records of earlier runs are named, in folders and in S3 alike. */
import { digestPrefix } from '../../../shared/records/folder.ts';

/** Whether a path or key is that of a DataProfile. */
export const isProfileName = (path: string): boolean => /(^|[\\/])DataProfile-[^\\/]*\.json$/.test(path);

/** Where the DataValidation of the same data lies beside a profile. @param digest of the data. */
export function validationBeside(path: string, digest: string): string {
  return `${/^.*[\\/]/s.exec(path)?.[0] ?? ''}DataValidation-${digestPrefix(digest)}.json`;
}
