/** What the drift issue says, from the record, what became of the retrain, and the checks before. Pure. */
import type { BodyPart } from '../../../shared/github/issue-body.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import {
  code,
  details,
  joinMarkdown,
  link,
  list,
  type Markdown,
  md,
  shortDigest,
} from '../../../shared/report/markdown.ts';
import { report } from '../report.ts';
import { type Asked, heldText, instantText } from './ask-for-retrain.ts';
import { issueCharts } from './charts.ts';
import { checkTable, sparklines } from './history.ts';
import type { Memory } from './memory.ts';

export type IssueState = 'drifting' | 'recovered' | 'unclear';

/** A check that could judge nothing, or lost a column, is no recovery. */
export function issueState({ retrain, verdict }: DriftCheck): IssueState {
  if (retrain) return 'drifting';
  return verdict === 'pass' || verdict === 'warn' ? 'recovered' : 'unclear';
}

const TITLES: Record<IssueState, string> = {
  drifting: 'drift asks for a retrain',
  recovered: 'drift has gone back, no retrain is asked for',
  unclear: 'drift cannot be told',
};

/**
 * Title and body. Where the body is too long, the folded parts of the report go first, then the charts, the table of
 * checks, and the report's own summary.
 */
export function issueText(
  record: DriftCheck,
  { memory, asked, recordDigest }: { memory: Memory; asked: Asked | undefined; recordDigest: string },
): { title: string; body: BodyPart[] } {
  const state = issueState(record);
  const section = report(record);
  return {
    title: `${record.name}: ${TITLES[state]}`,
    body: [
      { text: NEXT[state] },
      { text: retrainSentence(asked, memory) },
      { text: origin(record, recordDigest) },
      { text: section.summary, mayGo: true },
      { text: sparklines(memory.checks), mayGo: true },
      { text: checkTable(memory.checks), mayGo: true },
      ...issueCharts(record).map((text) => ({ text, mayGo: true })),
      ...section.details.map((part) => ({ text: details(part.title, part.body), mayGo: true })),
      { text: md`<sub>${joinMarkdown(section.footer, ' · ')}</sub>` },
    ],
  };
}

const NEXT: Record<IssueState, Markdown> = {
  drifting: list([
    'Look at the columns and chunks below: is it the world that changed, or a job that writes the data?',
    'A fault in the data is mended at its source; a retrain would only learn it.',
    'Otherwise retrain; this issue closes when a later check finds no reason to.',
  ]),
  recovered: md`The newest check asks for no retrain, so this issue is closed.`,
  unclear: md`The newest check asks for no retrain, but could not judge all that it should. This issue stays as it is until a check can.`,
};

/** What became of the retrain, or when the last one was. */
function retrainSentence(asked: Asked | undefined, { request }: Memory): Markdown {
  if (asked?.status === 'held') return md`**${heldText(asked)}**`;
  if (asked?.status === 'failed') return md`**No retrain was started:** ${asked.why.slice(0, 1000)}`;
  if (!request) return md``;
  const when = instantText(request.at);
  const what = md`${code(request.to)}${request.runUrl === null ? '' : md` (${link('its run', request.runUrl)})`}`;
  return asked
    ? md`**A retrain was started at ${when}:** ${what}.`
    : md`The last retrain was started at ${when}: ${what}.`;
}

function origin(record: DriftCheck, recordDigest: string): Markdown {
  const run = record.source.runUrl ? md` by ${link('this run', record.source.runUrl)}` : '';
  return md`Checked ${instantText(record.createdAt)}${run}; record ${code(shortDigest(recordDigest))}.`;
}
