/**
 * A section as text that is kept on GitHub (in a check run, or hidden in the comment) and read back later.
 * What is read back was written by somebody with a token: it is checked, and Markdown that could break out of its
 * place is not shown.
 */
import * as z from 'zod';
import { ACTION_IDS, nameSchema, VERDICTS } from '../records/envelope.ts';
import { md, trustedMarkdown } from '../report/markdown.ts';
import type { ReportSection } from '../report/section.ts';
import { hideJson, readHiddenJson } from './hidden-json.ts';

const MARKER = 'mlops-actions:section';

const sectionDataSchema = z.strictObject({
  version: z.literal(1),
  action: z.enum(ACTION_IDS),
  name: nameSchema,
  verdict: z.enum(VERDICTS),
  cell: z.string().max(500),
  heading: z.string().max(5000),
  summary: z.string().max(65_536),
  details: z.array(z.strictObject({ title: z.string().max(5000), body: z.string().max(65_536) })).max(500),
  footer: z.array(z.string().max(5000)).max(50),
});
type SectionData = z.infer<typeof sectionDataSchema>;

function toData(section: ReportSection, detailCount: number, withSummary: boolean): SectionData {
  return {
    version: 1,
    action: section.action,
    name: section.name,
    verdict: section.verdict,
    cell: section.cell.slice(0, 500),
    heading: section.heading.slice(0, 5000),
    summary: withSummary ? section.summary.text : '',
    details: section.details
      .slice(0, Math.min(detailCount, 500))
      .map(({ title, body }) => ({ title: title.slice(0, 5000), body: body.text })),
    footer: section.footer.slice(0, 50).map((part) => md`${part}`.text),
  };
}

const hide = (data: SectionData): string => hideJson(MARKER, data);

/**
 * The section as hidden text of at most `limit` characters: folded parts are left out from the last backwards,
 * then the table.
 */
export function writeSectionData(section: ReportSection, limit: number): string {
  for (let count = section.details.length; count >= 0; count -= 1) {
    const text = hide(toData(section, count, true));
    if (text.length <= limit) return text;
  }
  return hide({ ...toData(section, 0, false), footer: [] });
}

/** All sections in a text that are well-formed and of this model; the rest is passed over. */
export function readSectionData(text: string, name: string): ReportSection[] {
  const sections: ReportSection[] = [];
  for (const raw of readHiddenJson(text, MARKER)) {
    const section = parse(raw);
    if (section?.name === name) sections.push(section);
  }
  return sections;
}

function parse(raw: unknown): ReportSection | undefined {
  const parsed = sectionDataSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  const { version: _, ...data } = parsed.data;
  const readBack = (text: string) =>
    isContained(text) ? trustedMarkdown(text) : md`(not shown: it is damaged)`;
  return {
    ...data,
    summary: readBack(data.summary),
    details: data.details.map(({ title, body }) => ({ title, body: readBack(body) })),
    footer: data.footer.map(readBack),
  };
}

const SHOWN_TAGS = /^<\/?(details|summary|sub|sup|code|pre|br|strong|em|kbd)>$/;

/** Whether Markdown keeps to the tags that reports use, closes what it opens, and addresses nobody. */
export function isContained(markdown: string): boolean {
  const withoutCode = markdown.replace(/^```[^\n`]*\n[\s\S]*?\n```$/gm, '').replace(/`[^`\n]+`/g, '');
  if (/^\s*(```|~~~)/m.test(withoutCode) || /@\w/.test(withoutCode)) return false;
  const open: string[] = [];
  for (const [tag] of withoutCode.matchAll(/<[a-zA-Z/!?][^>]*>?/g)) {
    const name = SHOWN_TAGS.exec(tag)?.[1];
    if (!name) return false;
    if (name === 'br') continue;
    if (!tag.startsWith('</')) open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
