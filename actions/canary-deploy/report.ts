import type { Deployment } from '../../shared/records/deployment.ts';
import { blocks, bold, code, type Inline, list, type Markdown, md } from '../../shared/report/markdown.ts';
import { formatNumber, shortDigest } from '../../shared/report/numbers.ts';
import { scanOutcome, scanParts } from '../../shared/report/scan.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { shortNumber } from './engine/wording.ts';
import { explanation, judgedOnCopies } from './report-explanation.ts';
import { lookTable, stepTable } from './report-tables.ts';

const HEADINGS: Record<Deployment['outcome'], string> = {
  promoted: 'the challenger was promoted and serves',
  'rolled-back': 'rolled back, the champion serves on',
  held: 'held, the evidence cannot tell yet',
  stopped: 'stopped, nothing serves',
  rolling: 'under way, a later run goes on',
  paused: 'waits for a person to go on',
  refused: 'refused, nothing was changed',
  replayed: 'computed once more',
  settled: 'nothing is left half done',
};

/** The section of a Deployment: one sentence why, one row per step, and everything else folded. */
export function report(record: Deployment): ReportSection {
  const scan = scanParts(record.scan);
  return {
    action: 'canary-deploy',
    name: record.name,
    verdict: record.verdict,
    cell: record.outcome.replace('-', ' '),
    heading: headingOf(record),
    summary: blocks(
      bold(record.reason),
      judgedOnCopies(record),
      scan.summary,
      record.looks.length > 0 ? stepTable(record.looks) : '',
    ),
    details: [
      ...scan.details,
      ...(record.events.length > 0
        ? [{ title: `What happened · ${record.events.length}`, body: eventList(record) }]
        : []),
      ...(record.looks.length > 0
        ? [{ title: `Every look · ${record.looks.length}`, body: lookTable(record) }]
        : []),
      ...(record.limits ? [{ title: 'How it is decided', body: explanation(record, record.limits) }] : []),
    ],
    footer: footerOf(record),
  };
}

function headingOf(record: Deployment): string {
  if (record.outcome === 'promoted' && !record.alias?.moved && record.looks.length === 0)
    return 'the champion serves';
  if (record.outcome === 'promoted' && !record.champion) return 'first deployment, the model serves';
  if (record.outcome === 'rolled-back' && record.serving === null) return 'not deployed, nothing serves';
  if (record.operation === 'rollback' && record.serving === record.challenger?.digest) {
    return 'rolled back to the champion before';
  }
  return HEADINGS[record.outcome];
}

function eventList(record: Deployment): Markdown {
  return list(
    record.events.map(
      (event) =>
        md`${event.at.slice(11, 19)} UTC, ${event.kind} (${shortNumber(event.weight)} % to the challenger): ${event.reason}`,
    ),
  );
}

function footerOf(record: Deployment): Inline[] {
  const { challenger, champion, alias, traffic, endpoint } = record;
  return [
    ...(challenger ? [md`challenger ${code(shortDigest(challenger.digest))}`] : []),
    ...(champion ? [md`champion ${code(shortDigest(champion.digest))}`] : []),
    ...(alias ? [md`alias ${code(alias.name)} ${alias.moved ? 'moved' : 'not moved'}`] : []),
    ...(record.scan ? [md`safety scan: ${scanOutcome(record.scan)}`] : []),
    ...(endpoint ? [md`serves at ${code(endpoint)}`] : []),
    ...(traffic
      ? [
          md`${formatNumber(traffic.sent)} requests replayed from ${code(traffic.file)} at ${shortNumber(traffic.ratePerSecond)} a second, ${formatNumber(traffic.failed)} of them failed`,
        ]
      : []),
    ...(record.overrideReason ? [md`let through by a person: ${record.overrideReason}`] : []),
  ];
}
