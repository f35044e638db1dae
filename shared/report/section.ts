/** One action's part of the comment, the step summary and the check run. */
import type { ActionId, Verdict } from '../records/envelope.ts';
import {
  blocks,
  details,
  escapeMarkdown,
  type Inline,
  joinMarkdown,
  type Markdown,
  trustedMarkdown,
  verdictSymbol,
} from './markdown.ts';

/** What an action says about its record. Strings are plain text and escaped; Markdown is built with `md`. */
export interface ReportSection {
  action: ActionId;
  /** The model's name: one comment per name. */
  name: string;
  verdict: Verdict;
  /** A few words for the header row, without the symbol: `pass`, `41 s`. */
  cell: string;
  /** A sentence that holds the verdict, without the model's name, a symbol or a full stop. */
  heading: string;
  /** One sentence and one table. */
  summary: Markdown;
  /** Folded parts, the most important first: the last are the first to go when a comment is too long. */
  details: { title: string; body: Markdown }[];
  /** Small print: policy, record, command. */
  footer: Inline[];
}

/** The short name of each step, in the order of the loop. */
export const STEP_NAMES: Record<ActionId, string> = {
  'validate-data': 'data',
  'train-on-gpu-runner': 'train',
  'evaluate-gate': 'gate',
  'register-model': 'register',
  'canary-deploy': 'canary',
  'drift-check': 'drift',
};

/** `flight-delays: better than the champion ✅` as Markdown for inside a heading. */
export function headingLine(section: Pick<ReportSection, 'name' | 'heading' | 'verdict'>): string {
  const named = section.heading.startsWith(`${section.name}:`);
  const sentence = named ? section.heading : `${section.name}: ${section.heading}`;
  return `${escapeMarkdown(sentence)} ${verdictSymbol(section.verdict)}`;
}

/** The section's summary, folded parts and small print, without its heading. */
export function sectionBody(section: Pick<ReportSection, 'summary' | 'details' | 'footer'>): string {
  const smallPrint = joinMarkdown(section.footer, ' · ').text;
  return blocks(
    section.summary,
    ...section.details.map((part) => details(part.title, part.body)),
    trustedMarkdown(smallPrint === '' ? '' : `<sub>${smallPrint}</sub>`),
  ).text;
}

/** The whole section as Markdown: what goes into the step summary and the `report` file. */
export function renderSection(section: ReportSection): string {
  return `### ${headingLine(section)}\n\n${sectionBody(section)}\n`;
}
