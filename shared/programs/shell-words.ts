import { UserError } from '../errors.ts';

/** A text as one word of a POSIX shell, whatever it holds. @throws UserError for a zero byte, which no word can hold. */
export function shellWord(text: string): string {
  if (text.includes('\0')) throw new UserError('A text holds a zero byte, which no command line can hold.');
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as a comment, which ends with its line. */
export function shellComment(text: string): string {
  return `# ${text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim()}`;
}
