/** The body of an issue from parts, within GitHub's limit: parts are left out whole, never cut in the middle. */
import { type Markdown, md } from '../report/markdown.ts';

/** GitHub refuses a longer one. */
export const ISSUE_BODY_LIMIT = 65_536;

export interface BodyPart {
  text: Markdown;
  /** Whether it is left out where the whole is too long; the last such part goes first. */
  mayGo?: boolean;
}

/**
 * The parts one under another in at most `limit` characters.
 * @throws {RangeError} what must stay is longer than the limit
 */
export function fitBody(parts: readonly BodyPart[], limit: number): string {
  const kept = [...parts];
  let body = join(kept);
  for (let left = 1; body.length > limit; left += 1) {
    const last = kept.findLastIndex((part) => part.mayGo);
    if (last < 0) throw new RangeError(`what must stay of an issue has ${body.length} characters`);
    kept.splice(last, 1);
    const count = left === 1 ? '1 part is' : `${left} parts are`;
    body = join([
      ...kept,
      { text: md`${count} left out here, since an issue has an upper length: see the report of the run.` },
    ]);
  }
  return body;
}

function join(parts: readonly BodyPart[]): string {
  return parts
    .map(({ text }) => text.text)
    .filter((text) => text !== '')
    .join('\n\n');
}
