import type { FindingRule } from './rules.ts';

/** Where in a model something lies: the file, and inside it the members, the outermost first. */
export interface Place {
  /** Relative to the model, with forward slashes. */
  file: string;
  /** As they are named in the archive, however odd. */
  members: readonly string[];
}

/** What a stream is called in its folder. */
export const fileName = ({ file, members }: Place): string => (members.at(-1) ?? file).split(/[/\\]/).at(-1)!;

/** What a scanner of a format tells: the rest of a finding is the rule's. */
export interface Found {
  rule: FindingRule;
  /** Byte offset in the innermost stream; null where it has none. */
  offset: number | null;
  /** One sentence: what is there, with its name: `os.system is imported and called.` */
  what: string;
  /** What an entry of `scan-allow` names to let it through, as `module.name` of a pickle; absent where nothing can. */
  name?: string;
}

export type Report = (found: Found) => void;

/** @returns the beginning and the end of a text that a file may have made as long as it likes: `most` characters of it. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = (text.length - 2 * half).toLocaleString('en-US');
  const short = `${text.slice(0, half)}… (${left} more characters) …${text.slice(text.length - half)}`;
  // Written anew, since a part of a text keeps the whole of it in memory.
  return Buffer.from(short).toString();
}
