/** What a scan must never do, whatever the bytes are. */
import { readdirSync } from 'node:fs';
import type { Finding, Look, Outcome } from './look.ts';

export interface Fault {
  /** One word. */
  kind: 'crash' | 'differs' | 'unbounded' | 'left-behind' | 'hang' | 'growth';
  what: string;
}

/** What only begins as JSON is read as text from the beginning of the part on in which it breaks off. */
const OF_TEXT: ReadonlySet<string> = new Set(['secret', 'file-operator', 'unknown-operator']);

/** Findings of one file, and characters of the text of one. */
const MOST_FINDINGS = 20_000;
const LONGEST_TEXT = 2_000;

/** What V8 and Node say of a mistake in a program; nothing that the scan says of a format is like it. */
const MISTAKE =
  /Cannot (?:read|set) propert|is not (?:a function|iterable|defined|a constructor)|Invalid (?:array|typed array|string|array buffer|DataView) length|outside the bounds|outside buffer bounds|out of bounds|out of range|call stack|Cannot mix BigInt|cannot be converted to a BigInt|Cannot convert|regular expression|more than are held at once|allocation failed|before initialization|after end|must be (?:of type|an instance of)|odd reading|is read-only|Assignment to constant/i;

/** @returns a name for what a text says, without the numbers and names in it. */
export const skeleton = (text: string): string =>
  text
    .replace(/"(?:[^"\\]|\\.)*"?|`[^`]*`?/g, '…')
    .replace(/\d[\d,.]*/g, '#')
    .slice(0, 120);

const wordsOf = ({ members, rule, offset, what }: Finding): string =>
  `${[...members, rule].join(' > ')} at ${offset}: ${what}`;

/** Judges one outcome by itself. */
export function faultsIn({ findings }: Outcome): Fault[] {
  const mistake = findings.find(({ rule, what }) => rule === 'unreadable' && MISTAKE.test(what));
  const long = findings.find(({ what }) => what.length > LONGEST_TEXT);
  return [
    ...(mistake ? [{ kind: 'crash', what: mistake.what } as const] : []),
    ...(long
      ? [
          {
            kind: 'unbounded',
            what: `A text of ${long.what.length} characters: ${skeleton(long.what)}`,
          } as const,
        ]
      : []),
    ...(findings.length > MOST_FINDINGS
      ? [
          {
            kind: 'unbounded',
            what: `${findings.length} findings, the last: ${skeleton(findings.at(-1)!.what)}`,
          } as const,
        ]
      : []),
  ];
}

/**
 * What two scans of the same bytes, which came in other parts, do not agree on; null where they do. Where reading fails,
 * and both say so, Node's decoders leave it to the parts how much came before.
 */
export function difference(one: Outcome, other: Outcome): Fault | null {
  const isBroken = ({ findings }: Outcome) => findings.some(({ rule }) => rule === 'unreadable');
  if (isBroken(one) && isBroken(other)) return null;
  const told = ({ formats, findings }: Outcome) =>
    findings.filter(({ rule }) => !formats.includes('json') || !OF_TEXT.has(rule)).map(wordsOf);
  const [ours, theirs] = [told(one), told(other)];
  const only = (from: string[], not: string[]) => {
    const known = new Set(not);
    return from.find((words) => !known.has(words));
  };
  const said = only(ours, theirs) ?? only(theirs, ours);
  if (said !== undefined) return { kind: 'differs', what: `Only in some parts: ${said}` };
  if (one.formats.join() === other.formats.join()) return null;
  return { kind: 'differs', what: `Formats: ${one.formats.slice(0, 20)} and ${other.formats.slice(0, 20)}` };
}

/** Scans once, and judges it; where `sizes` are given a second time, in other parts. */
export async function judged(
  look: Look,
  bytes: Uint8Array,
  options: { sizes: readonly number[] | undefined; temporaryFolder: string },
): Promise<{ outcome: Outcome; faults: Fault[] }> {
  const failed: Outcome = { formats: [], findings: [] };
  try {
    const outcome = await look(bytes, [1 << 18]);
    const faults = faultsIn(outcome);
    if (options.sizes) {
      const found = difference(outcome, await look(bytes, options.sizes));
      if (found) faults.push(found);
    }
    const left = readdirSync(options.temporaryFolder);
    if (left.length > 0) faults.push({ kind: 'left-behind', what: `${left.length} temporary files.` });
    return { outcome, faults };
  } catch (error) {
    return { outcome: failed, faults: [{ kind: 'crash', what: String((error as Error)?.stack ?? error) }] };
  }
}
