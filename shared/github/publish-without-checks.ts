/**
 * The second-best way to the comment, for jobs without `checks: write`: the sections are kept hidden in the comment
 * itself, and after each write the job looks again following a random wait, since another job may have written over
 * it in between.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { COMMENT_LIMIT, renderComment } from '../report/comment.ts';
import type { ReportSection } from '../report/section.ts';
import { type CommentPlace, commentMarker, listOwnComments, writeComment } from './issue-comment.ts';
import { readSectionData, writeSectionData } from './section-data.ts';

const MOST_ROUNDS = 20;
const LONGEST_WAIT_MILLISECONDS = 3000;
/** Of the comment's length, for the hidden text of each of six sections; the rest is for what is shown. */
const HIDDEN_LIMIT = 5000;

/** Puts the section into the comment beside those of the other steps, and stays until it is seen there. */
export async function mergeIntoComment(
  place: CommentPlace,
  section: ReportSection,
  options: { reportUrl?: string; wait?: (milliseconds: number) => Promise<void> },
): Promise<string> {
  const wait = options.wait ?? ((milliseconds: number) => sleep(milliseconds));
  const own = writeSectionData(section, HIDDEN_LIMIT);
  for (let round = 1; ; round += 1) {
    const [existing] = await listOwnComments(place);
    const others = readSectionData(existing?.body ?? '', place.name).filter((other) => {
      return other.action !== section.action;
    });
    const sections = [...others, section];
    const hidden = sections.map((kept) => (kept === section ? own : writeSectionData(kept, HIDDEN_LIMIT)));
    const room = COMMENT_LIMIT - commentMarker(place.name).length - hidden.join('\n').length - 2;
    const shown = renderComment(sections, { reportUrl: options.reportUrl, limit: room });
    const { url, settled } = await writeComment(place, `${hidden.join('\n')}\n${shown}`);
    await wait(500 + Math.random() * (LONGEST_WAIT_MILLISECONDS - 500));
    const after = await listOwnComments(place);
    const kept = settled && after.length === 1 && after[0]!.body.includes(own);
    if (kept || round === MOST_ROUNDS) return url;
  }
}
