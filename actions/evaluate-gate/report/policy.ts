/** What the policy itself did: its change in this pull request, its waivers, its methods and their power. */
import type { Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import {
  clustersText,
  dayText,
  describePart,
  metricDecimals,
} from '../../../shared/report/evaluation/names.ts';
import { powerText, WAIVER_WORDS } from '../../../shared/report/evaluation/sentences.ts';
import { blocks, code, codeBlock, type Inline, list, md, table } from '../../../shared/report/markdown.ts';
import type { Part } from './slices.ts';
import { sentence } from './summary.ts';

/** A reader of a comment does not read more of a diff. */
const MOST_DIFF_LINES = 80;

export function policyChangePart({ policy }: Evaluation): Part | undefined {
  if (!policy?.change) return undefined;
  const lines = policy.change.diff.replace(/\n+$/, '').split('\n');
  const rest = lines.length - MOST_DIFF_LINES;
  return {
    title: 'Policy · changed in this pull request',
    body: blocks(
      md`${sentence(policy.change.why)}`,
      codeBlock(lines.slice(0, MOST_DIFF_LINES).join('\n'), 'diff'),
      rest > 0 ? `${rest} more lines are on the page.` : '',
    ),
  };
}

const ORDER = ['expired', 'used', 'unused'] as const;

export function waiversPart({ waivers }: Evaluation): Part | undefined {
  if (waivers.length === 0) return undefined;
  const count = (status: (typeof ORDER)[number]): number =>
    waivers.filter((waiver) => waiver.status === status).length;
  const counts = ORDER.filter((status) => count(status) > 0).map((status) => `${count(status)} ${status}`);
  const rows = [...waivers]
    .sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
    .map((waiver): Inline[] => [
      describePart(waiver),
      waiver.owner,
      waiver.reason,
      dayText(waiver.expires),
      `${waiver.status}: ${WAIVER_WORDS[waiver.status]}`,
    ]);
  return {
    title: `Waivers · ${counts.join(', ')}`,
    body: table(['what', 'owner', 'reason', 'last day', 'status'], rows),
  };
}

export function methodPart(record: Evaluation): Part {
  const methods = new Map<string, string[]>();
  for (const result of record.metrics) {
    if (result.method)
      methods.set(result.method, [...(methods.get(result.method) ?? []), describePart(result)]);
  }
  const { policy } = record;
  return {
    title: 'How it was judged',
    body: list([
      ...(policy
        ? [
            md`Policy ${code(policy.file)}${policy.from === 'base' ? ', in the version of the base branch' : ', in the version of this checkout'}.`,
          ]
        : []),
      ...[...methods].map(
        ([method, names]) =>
          `Interval of ${names.join(names.some((name) => name.includes(',')) ? '; ' : ', ')}: ${method}`,
      ),
      ...powerSentences(record),
      ...(record.decideOn === 'point' ? ['The policy decides on the numbers alone.'] : []),
      ...clustersText(record),
      ...(record.baseline.status === 'missing' ? [`No baseline: ${record.baseline.why}.`] : []),
      ...record.notes,
    ]),
  };
}

/** Of every metric on all rows one limit. */
const powerSentences = (record: Evaluation): string[] =>
  record.metrics.flatMap((result: MetricResult) => powerText(result, metricDecimals(result)));
