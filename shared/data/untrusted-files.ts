/**
 * Files that a stranger made, such as the predictions of a fork's pull request: what they may be. Nothing opens
 * them before `requirePlainFiles` has looked at them, and only `copy-untrusted.ts` reads rows of them.
 */
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { UserError } from '../errors.ts';

/** What is refused beyond these, each with its own words. Documented in the action's README. */
export const UNTRUSTED_LIMITS = {
  bytes: 200_000_000,
  rows: 5_000_000,
  columns: 1_000,
  lineCharacters: 65_536,
  valueCharacters: 256,
} as const;

const ENDINGS = ['.csv', '.jsonl', '.ndjson'] as const;

/**
 * Looks at the files without opening them. Globs and folders are no names of files here.
 * @throws UserError for links, anything but plain files, places outside the working directory, other formats and
 * more bytes than are allowed.
 */
export async function requirePlainFiles(paths: readonly string[]): Promise<void> {
  const refuse = (path: string, what: string, fix: string): never => {
    throw new UserError(`The untrusted file ${path} ${what}.`, { where: { file: path }, fix });
  };
  const home = await realpath('.');
  let bytes = 0;
  for (const path of paths) {
    const entry = await lstat(path).catch(() => undefined);
    if (!entry)
      return refuse(
        path,
        'is not there',
        'Name each file; patterns and folders are not searched for untrusted files.',
      );
    if (!entry.isFile())
      refuse(
        path,
        entry.isSymbolicLink() ? 'is a link' : 'is no plain file',
        'Store the rows themselves in the artifact.',
      );
    const inside = relative(home, await realpath(path));
    if (inside.split(sep)[0] === '..' || isAbsolute(inside)) {
      refuse(path, 'lies outside the working directory', 'Unpack the artifact into the working directory.');
    }
    if (!ENDINGS.some((ending) => path.toLowerCase().endsWith(ending))) {
      refuse(path, 'is neither CSV nor JSON Lines', `Give ${ENDINGS.join(', ')}, not compressed.`);
    }
    bytes += entry.size;
    if (bytes > UNTRUSTED_LIMITS.bytes) {
      refuse(
        path,
        `makes more than ${UNTRUSTED_LIMITS.bytes / 1e6} MB of untrusted files`,
        'Judge fewer rows, or write fewer digits.',
      );
    }
  }
}
