/** What comment and page say of the safety scan of a model's files. Names of members are whatever an attacker wrote. */
import { RULES, type Rule } from '../models/scan/rules.ts';
import { type AppliedScan, placeOf, type ScanFinding, scanRefuses } from '../records/model-scan.ts';
import { code, type Inline, type Markdown, md, table } from './markdown.ts';
import { formatBytes, formatNumber } from './numbers.ts';
import { safeFormats } from './safe-formats.ts';
import type { ReportSection } from './section.ts';

/** So many findings are shown openly; more are folded. */
const MOST_OPEN = 5;
/** So many are listed at all: the record and the SARIF file have the others. */
const MOST_LISTED = 50;
const LONGEST_TEXT = 300;

/** One finding in words for people; plain text. */
export interface FindingWords {
  /** `model.pt › data.pkl` */
  place: string;
  offset: string;
  what: string;
  why: string;
  mend: string;
  /** Why it was let through; empty where it was not. */
  allowed: string;
}

/** The findings that nobody allowed, and those that `scan-allow` lets through; the first of each. */
export function scanFindings({ result }: AppliedScan): { open: FindingWords[]; allowed: FindingWords[] } {
  const findings = result?.findings ?? [];
  const first = (wanted: ScanFinding[]) => wanted.slice(0, MOST_LISTED).map(wordsOf);
  return {
    open: first(findings.filter(({ allowed }) => allowed === null)),
    allowed: first(findings.filter(({ allowed }) => allowed !== null)),
  };
}

/** `refused: 2 errors, 1 warning`, `nothing found in 3 files, 12 kB`, `not scanned`: plain text. */
export function scanOutcome(scan: AppliedScan): string {
  if (scan.result === null) return 'not scanned (scan: off)';
  const { counts, files, bytes } = scan.result;
  const found = (['error', 'warning', 'note'] as const)
    .filter((level) => counts[level] > 0)
    .map((level) => `${formatNumber(counts[level])} ${level}${counts[level] === 1 ? '' : 's'}`);
  const of = `in ${formatNumber(files)} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  if (found.length === 0) return `nothing found ${of}`;
  return `${scanRefuses(scan) ? 'refused: ' : ''}${found.join(', ')} ${of}`;
}

/** How many findings there are that are not shown; a sentence, or empty. */
export function scanRest({ result }: AppliedScan): string {
  const { error = 0, warning = 0, note = 0 } = result?.counts ?? {};
  const all = error + warning + note;
  if (all <= MOST_LISTED) return '';
  const listed = (result?.findings ?? []).filter(({ allowed }) => allowed === null).length;
  return listed < all
    ? `${formatNumber(all)} were found; the record and the SARIF file list ${formatNumber(listed)} of them.`
    : `${formatNumber(all - MOST_LISTED)} more are in the record and the SARIF file.`;
}

/** The findings as the section of a report shows them: openly where they are few. */
export function scanParts(scan: AppliedScan | undefined): {
  summary: Inline;
  details: ReportSection['details'];
} {
  if (!scan?.result) return { summary: '', details: [] };
  const { open, allowed } = scanFindings(scan);
  const rest = scanRest(scan);
  const body = open.length === 0 ? '' : md`${findingTable(open)}${rest === '' ? '' : md`\n\n${rest}`}`;
  const isShort = open.length <= MOST_OPEN;
  const ways = safeFormats(scan);
  const { error, warning, note } = scan.result.counts;
  return {
    summary: isShort ? body : '',
    details: [
      ...(isShort
        ? []
        : [{ title: `Safety scan · ${formatNumber(error + warning + note)}`, body: md`${body}` }]),
      ...(ways ? [{ title: 'How to save it without code', body: ways }] : []),
      ...(allowed.length === 0
        ? []
        : [{ title: `Let through by scan-allow · ${allowed.length}`, body: allowedTable(allowed) }]),
    ],
  };
}

function findingTable(findings: readonly FindingWords[]): Markdown {
  return table(
    ['where', 'at byte', 'what', 'why', 'how to mend'],
    findings.map(({ place, offset, what, why, mend }) => [code(place), offset, what, why, mend]),
    ['left', 'right'],
  );
}

function allowedTable(findings: readonly FindingWords[]): Markdown {
  return table(
    ['where', 'what', 'let through because'],
    findings.map(({ place, what, allowed }) => [code(place), what, allowed]),
  );
}

function wordsOf(finding: ScanFinding): FindingWords {
  // A record of another release may name a rule that this one does not have.
  const rule = (RULES as Record<string, Rule | undefined>)[finding.rule];
  return {
    place: clip(placeOf(finding)),
    offset: finding.offset === null ? '' : formatNumber(finding.offset),
    what: clip(finding.what),
    why: rule?.why ?? finding.rule,
    mend: rule?.mend ?? '',
    allowed: clip(finding.allowed ?? ''),
  };
}

const clip = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
