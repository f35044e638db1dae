/** How a pull request changes the policy: a unified diff for people, and which line became which. */

export interface PolicyChange {
  /** A unified diff from the base's version, cut where it is long. */
  diff: string;
  /** Per line of the base's version (from 0) the line of the checkout's (from 1) that it is or became. */
  lines: number[];
}

/** A comment holds 65,536 characters, and the diff is not what it is about. */
const LONGEST_DIFF = 8_000;
/** Finding the smallest difference of two large texts that have little in common takes very long. */
const MOST_EDITS = 5_000;

/** @param texts of the base's version and of the checkout's; undefined where there is none. */
export async function comparePolicies(texts: {
  name: string;
  base: string | undefined;
  own: string | undefined;
}): Promise<PolicyChange> {
  const { FILE_HEADERS_ONLY, formatPatch, structuredPatch } = await import('diff');
  const names = [
    texts.base === undefined ? '/dev/null' : `a/${texts.name}`,
    texts.own === undefined ? '/dev/null' : `b/${texts.name}`,
  ] as const;
  const patch = structuredPatch(...names, texts.base ?? '', texts.own ?? '', undefined, undefined, {
    context: 3,
    maxEditLength: MOST_EDITS,
    stripTrailingCr: true,
  });
  if (!patch)
    return { diff: `The two versions have more than ${MOST_EDITS} lines that differ.\n`, lines: [] };
  return {
    diff: cut(formatPatch(patch, FILE_HEADERS_ONLY)),
    lines: texts.own === undefined ? [] : linesAfter(patch.hunks, (texts.base ?? '').split('\n').length),
  };
}

/** Where a line of the base's version (from 1) is now; undefined where nothing tells. */
export function lineIn(lines: readonly number[], line: number | undefined): number | undefined {
  return line === undefined ? undefined : lines[line - 1];
}

interface Hunk {
  oldStart: number;
  newStart: number;
  lines: string[];
}

function linesAfter(hunks: readonly Hunk[], count: number): number[] {
  const lines: number[] = [];
  let now = 1;
  const keepUntil = (line: number): void => {
    while (lines.length < line - 1) lines.push(now++);
  };
  for (const hunk of hunks) {
    keepUntil(hunk.oldStart);
    // Removed lines stand before those that replace them, so each finds the first of its replacement.
    let replaced = 0;
    for (const line of hunk.lines) {
      if (line.startsWith('-')) lines.push(now + replaced++);
      else if (line.startsWith('+')) {
        now += 1;
        replaced = 0;
      } else if (line.startsWith(' ')) {
        replaced = 0;
        lines.push(now++);
      }
    }
  }
  keepUntil(count + 1);
  return lines;
}

function cut(diff: string): string {
  if (diff.length <= LONGEST_DIFF) return diff;
  const kept = diff.slice(0, diff.lastIndexOf('\n', LONGEST_DIFF) + 1);
  const left = diff.slice(kept.length).trimEnd().split('\n').length;
  return `${kept}… ${left} more lines\n`;
}
