/** Sections as the six actions write them, for tests of the comment and of publishing. */
import type { ActionId, Verdict } from '../records/envelope.ts';
import { code, md, table } from '../report/markdown.ts';
import type { ReportSection } from '../report/section.ts';

/** A text that tries everything at once. */
export const HOSTILE_TEXT = '</details><img src=x onerror=alert(1)>@everyone ::error::x';

export function sampleSection(values: Partial<ReportSection> & { action: ActionId }): ReportSection {
  const verdict: Verdict = values.verdict ?? 'pass';
  return {
    name: 'flight-delays',
    verdict,
    cell: verdict,
    heading: `${values.action} says ${verdict}`,
    summary: md`A sentence about ${code('sha256:c1a2')}.`,
    details: [],
    footer: [],
    ...values,
  };
}

/** The gate's section of a challenger that is better than the champion. */
export function gateSection(metricName = 'roc_auc'): ReportSection {
  return sampleSection({
    action: 'evaluate-gate',
    heading: 'better than the champion, safe to merge',
    summary: md`**ROC AUC 0.6725 against 0.6479: +0.0246**, on the same 16,758 rows.

${table(
  ['metric', 'champion', 'this pull request', 'difference, 95 %', 'limit', 'verdict'],
  [[md`${metricName} ↑`, '0.6479', md`**${'0.6725'}**`, '+0.0246 [+0.018, +0.031]', '≥ −0.002', '✅ better']],
  ['left', 'right', 'right', 'left', 'left', 'left'],
)}`,
    details: [
      { title: 'Slices · 1 of 24 weaker', body: table(['slice', 'difference'], [['origin = ORD', '−0.01']]) },
    ],
    footer: [md`policy ${code('gate.yaml')}`, 'record 9f3e'],
  });
}
