/** The last checks as a sparkline per number and a table of the newest ones. Pure. */

import { significant } from '../../../shared/report/charts/chart.ts';
import { seriesOf } from '../../../shared/report/drift-history.ts';
import {
  blocks,
  code,
  type Inline,
  link,
  type Markdown,
  md,
  table,
  verdictLabel,
} from '../../../shared/report/markdown.ts';
import { sparkline } from '../../../shared/report/sparkline.ts';
import { instantText } from './ask-for-retrain.ts';
import { type RememberedCheck, TOLD_CHECKS } from './memory.ts';

const STARTS = { started: 'started', held: 'held back', failed: 'not started' } as const;

/** One line per metric, and one for the largest effect. @param checks oldest first, at least one. */
export function sparklines(checks: readonly RememberedCheck[]): Markdown {
  const series = seriesOf(checks);
  if (series.length === 0) return md``;
  const [first, last] = [checks[0]!, checks.at(-1)!].map(({ at }) => instantText(at));
  const span =
    checks.length === 1
      ? md`The first check, ${last!}:`
      : md`The last ${checks.length} checks, from ${first!} to ${last!}:`;
  return blocks(
    md`${span} each at its newest chunk; · where it was not judged.`,
    table(
      ['', 'oldest to newest', 'first', 'last', 'least', 'most'],
      series.map((one) => [
        one.name,
        code(sparkline(one.values)),
        ...[one.first, one.last, one.least, one.most].map(significant),
      ]),
      ['left', 'left', 'right', 'right', 'right', 'right'],
    ),
  );
}

/** The newest checks, newest first, each with a link to its run. */
export function checkTable(checks: readonly RememberedCheck[]): Markdown {
  const rows = checks
    .slice(-TOLD_CHECKS)
    .toReversed()
    .map((check): Inline[] => [
      check.runUrl === null ? instantText(check.at) : link(instantText(check.at), check.runUrl),
      verdictLabel(check.verdict),
      check.start ? STARTS[check.start] : check.retrain ? 'asked for' : '–',
      check.reason,
    ]);
  return table(['check', 'verdict', 'retrain', 'why'], rows);
}
