/**
 * The one pull-request comment of a model as a pure function of its sections: the heading of the most important
 * verdict, a header row over the six steps, and a section per step. What is fine takes one line.
 */
import { ACTION_IDS, type ActionId, type Verdict } from '../records/envelope.ts';
import {
  details,
  escapeMarkdown,
  link,
  md,
  table,
  trustedMarkdown,
  verdictLabel,
  verdictSymbol,
} from './markdown.ts';
import { headingLine, type ReportSection, STEP_NAMES, sectionBody } from './section.ts';

/** GitHub refuses a longer comment. */
export const COMMENT_LIMIT = 65_536;

export interface CommentOptions {
  /** Where the whole report is, when there is an address. */
  reportUrl?: string;
  /** Characters that the comment may have, at most COMMENT_LIMIT. */
  limit?: number;
}

const IMPORTANCE: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'warn', 'pass'];

/**
 * The section whose heading heads the comment. Trouble comes before success, and of two equal troubles the
 * earlier step's, since it is the cause more often; when all is well the gate answers whether to merge.
 */
export function leadingSection(sections: readonly ReportSection[]): ReportSection | undefined {
  const ordered = inLoopOrder(sections);
  const worst = IMPORTANCE.find((verdict) => ordered.some((section) => section.verdict === verdict));
  const candidates = ordered.filter((section) => section.verdict === worst);
  const gate = candidates.find((section) => section.action === 'evaluate-gate');
  return worst === 'pass' ? (gate ?? candidates.at(-1)) : candidates[0];
}

/** The newest section of each action, in the order of the loop. */
function inLoopOrder(sections: readonly ReportSection[]): ReportSection[] {
  const byAction = new Map<ActionId, ReportSection>(sections.map((section) => [section.action, section]));
  return ACTION_IDS.flatMap((action) => byAction.get(action) ?? []);
}

function headerRow(sections: readonly ReportSection[]): string {
  const cells = ACTION_IDS.map((action) => {
    const section = sections.find((candidate) => candidate.action === action);
    if (!section) return '–';
    return section.cell === ''
      ? verdictLabel(section.verdict)
      : md`${verdictSymbol(section.verdict)} ${section.cell}`;
  });
  return table(
    ACTION_IDS.map((action) => STEP_NAMES[action]),
    [cells],
    ACTION_IDS.map(() => 'center' as const),
  ).text;
}

/** One step below the header row: open when it leads or is not fine, otherwise one folded line. */
function step(section: ReportSection, leads: boolean): string {
  const body = sectionBody(section);
  if (leads) return body;
  const title = `${STEP_NAMES[section.action]}: ${section.heading}`;
  if (section.verdict !== 'pass') {
    return `#### ${escapeMarkdown(title)} ${verdictSymbol(section.verdict)}\n\n${body}`.trimEnd();
  }
  return details(`${verdictSymbol('pass')} ${title}`, trustedMarkdown(body)).text;
}

/** Sections with fewer and fewer parts: first folded parts go, from the last section backwards, then tables. */
function* shorterAndShorter(
  sections: readonly ReportSection[],
): Generator<{ kept: ReportSection[]; left: number }> {
  const kept = [...sections];
  let left = 0;
  yield { kept: [...kept], left };
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    while (kept[index]!.details.length > 0) {
      kept[index] = { ...kept[index]!, details: kept[index]!.details.slice(0, -1) };
      left += 1;
      yield { kept: [...kept], left };
    }
  }
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    kept[index] = { ...kept[index]!, summary: md``, footer: [] };
    left += 1;
    yield { kept: [...kept], left };
  }
}

function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/**
 * The comment's Markdown, never longer than the limit.
 * @param sections of one model; of several by the same action the last counts. At least one.
 * @throws {RangeError} no sections
 */
export function renderComment(sections: readonly ReportSection[], options: CommentOptions = {}): string {
  const limit = Math.min(options.limit ?? COMMENT_LIMIT, COMMENT_LIMIT);
  // Headings and cells are never dropped, so they are the only text whose length is cut.
  const ordered = inLoopOrder(sections).map((section) => ({
    ...section,
    heading: shorten(section.heading, 300),
    cell: shorten(section.cell, 60),
  }));
  const lead = leadingSection(ordered);
  if (!lead) throw new RangeError('a comment needs at least one section');
  let comment = '';
  for (const { kept, left } of shorterAndShorter([lead, ...ordered.filter((section) => section !== lead)])) {
    const parts = [
      `### ${headingLine(lead)}`,
      headerRow(ordered),
      ...kept.map((section) => step(section, section.action === lead.action)),
    ];
    if (left > 0) parts.push(leftOutLine(left, options.reportUrl));
    comment = `${parts.filter((part) => part !== '').join('\n\n')}\n`;
    if (comment.length <= limit) return comment;
  }
  return comment.slice(0, limit);
}

function leftOutLine(parts: number, reportUrl: string | undefined): string {
  const count = parts === 1 ? '1 part is' : `${parts} parts are`;
  const where = reportUrl ? link('the full report', reportUrl) : 'the step summaries of the run';
  return md`${count} left out here, since a comment has an upper length: see ${where}.`.text;
}
