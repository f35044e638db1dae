/** Several drift checks of one model as a sparkline per number. */

import type { AnyRecord } from '../../records/kinds.ts';
import { significant } from '../charts/chart.ts';
import { digestOf, newestChecks, seriesOf } from '../drift-history.ts';
import { sparkline } from '../sparkline.ts';
import { type Html, html, htmlTable } from './html.ts';
import { dateText } from './parts.ts';

/** Nothing of fewer than two checks. @param records of one name and any kind, in any order. */
export function driftHistory(records: readonly AnyRecord[]): Html | undefined {
  const checks = newestChecks(
    records.flatMap((record) => (record.kind === 'DriftCheck' ? [digestOf(record)] : [])),
  );
  if (checks.length < 2) return undefined;
  const series = seriesOf(checks);
  if (series.length === 0) return undefined;
  const caption = `The last ${checks.length} checks, ${dateText(checks[0]!.at)} to ${dateText(checks.at(-1)!.at)}, each at its newest chunk; · where it was not judged`;
  return htmlTable(
    caption,
    ['number', 'oldest to newest', 'first', 'last', 'least', 'most'],
    series.map((one) => [
      one.name,
      html`<code class="nowrap" aria-hidden="true">${sparkline(one.values)}</code>`,
      ...[one.first, one.last, one.least, one.most].map(significant),
    ]),
    [2, 3, 4, 5],
  );
}
