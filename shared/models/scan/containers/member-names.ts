import type { Found } from '../finding.ts';

/**
 * What is wrong with the name of a member: it leaves the folder, or is another name elsewhere.
 * @param name as it is shown to people. @param bytes as they are written. @param isUtf8 whether they ought to be UTF-8.
 */
export function problemOfName(
  name: string,
  bytes: Uint8Array,
  isUtf8: boolean,
): Omit<Found, 'offset'> | undefined {
  const shown = JSON.stringify(name);
  const parts = name.split(/[/\\]/);
  if (parts.includes('..'))
    return { rule: 'archive-path', what: `${shown} leads out of the folder by "..".` };
  if (/^[/\\]/.test(name)) return { rule: 'archive-path', what: `${shown} is an absolute path.` };
  if (/^[A-Za-z]:/.test(name)) return { rule: 'archive-path', what: `${shown} begins with a drive.` };
  if (name.includes('\0')) {
    return { rule: 'archive-disagreement', what: `${shown} has a NUL, where some loaders end the name.` };
  }
  if (name.includes('\\')) return { rule: 'archive-name', what: `${shown} has a backslash.` };
  if (/[\u0001-\u001f\u007f]/.test(name))
    return { rule: 'archive-name', what: `${shown} has a control character.` };
  if (isUtf8 && !isValidUtf8(bytes)) return { rule: 'archive-name', what: `${shown} is not valid UTF-8.` };
  return undefined;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function isValidUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
