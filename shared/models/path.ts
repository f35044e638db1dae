import { UserError } from '../errors.ts';

/**
 * Checks one path inside a model or a code archive: relative, forward slashes, no empty, `.` or `..` part, no
 * control character, no backslash or drive letter, so that it means the same file on every system and can
 * never leave the folder it is unpacked into.
 * @param path the path as the archive or manifest gives it. @param where what holds it, for the message.
 * @throws UserError naming the path and what is wrong with it.
 */
export function checkInnerPath(path: string, where: string): string {
  const problem = innerPathProblem(path);
  if (problem) {
    throw new UserError(`${where} holds the path ${JSON.stringify(path)}, which ${problem}.`, {
      fix: 'Use plain relative file names below one folder.',
    });
  }
  return path;
}

function innerPathProblem(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path.includes('\uFFFD')) return 'is not valid UTF-8';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character';
  if (path.includes('\\')) return 'has a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'has an empty, "." or ".." part';
  }
  return undefined;
}

/** Compares two texts by the bytes of their UTF-8 form: the order of layers in a model's manifest. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
