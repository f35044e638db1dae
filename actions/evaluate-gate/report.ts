/**
 * How an Evaluation reads: the answer in the heading, one sentence, one table; everything else is folded, the most
 * asked for first, since a comment that is too long loses its last parts. The parts are in report/.
 */
import type { Evaluation } from '../../shared/records/evaluation.ts';
import { code, type Inline, joinMarkdown, md, shortDigest } from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { attributionsPart, churnPart, latencyPart, leakagePart, resourcesPart } from './report/blocks.ts';
import { calibrationSummary } from './report/calibration.ts';
import { commandPart } from './report/command.ts';
import { comparisonTable } from './report/comparison-table.ts';
import { confusionPart, curvesPart, thresholdPart } from './report/curves.ts';
import { headingOf } from './report/heading.ts';
import { methodPart, policyChangePart, waiversPart } from './report/policy.ts';
import { fairnessPart, type Part, slicesPart, weakSlicesPart } from './report/slices.ts';
import { furtherMetrics, summaryOf } from './report/summary.ts';

export function report(record: Evaluation): ReportSection {
  return {
    action: 'evaluate-gate',
    name: record.name,
    verdict: record.verdict,
    cell: { pass: 'pass', warn: 'warn', fail: 'fail', inconclusive: 'cannot tell', error: 'error' }[
      record.verdict
    ],
    heading: headingOf(record),
    summary: record.calibrate ? calibrationSummary(record, record.calibrate) : summaryOf(record),
    details: detailsOf(record),
    footer: footerOf(record),
  };
}

function detailsOf(record: Evaluation): Part[] {
  return [
    policyChangePart(record),
    waiversPart(record),
    furtherPart(record),
    slicesPart(record),
    ofSeed(record, weakSlicesPart(record)),
    fairnessPart(record),
    leakagePart(record),
    ofSeed(record, confusionPart(record)),
    ofSeed(record, curvesPart(record)),
    ofSeed(record, thresholdPart(record)),
    ofSeed(record, churnPart(record)),
    latencyPart(record),
    resourcesPart(record),
    attributionsPart(record),
    methodPart(record),
    commandPart(record),
  ].filter((part) => part !== undefined);
}

/** What shows single rows is of one training run, and says of which. */
const ofSeed = ({ shownSeed }: Evaluation, part: Part | undefined): Part | undefined =>
  part && shownSeed
    ? { ...part, title: `${part.title} · seed ${shownSeed.seed}, one of ${shownSeed.of}` }
    : part;

/** Only where the table above has no room for them. */
function furtherPart(record: Evaluation): Part | undefined {
  const further = furtherMetrics(record);
  if (further.length === 0) return undefined;
  const count = further.length === 1 ? '1 more metric' : `${further.length} more metrics`;
  return { title: `${count} · nothing to do`, body: comparisonTable(record, further) };
}

function footerOf(record: Evaluation): Inline[] {
  return [
    record.policy
      ? joinMarkdown([
          'policy',
          code(record.policy.file),
          record.policy.from === 'base' ? 'of the base branch' : '',
        ])
      : 'no policy',
    // A calibration is of no model.
    ...(record.calibrate ? [] : [md`model ${code(shortDigest(record.subject.digest))}`]),
    ...(record.source.commit ? [md`commit ${code(record.source.commit.slice(0, 12))}`] : []),
  ];
}
