/** Registered versions on the page: what was stored where, on what grounds, and which alias moved. */
import type { ModelVersion } from '../../records/model-version.ts';
import type { ChartTools } from '../charts/chart.ts';
import { formatBytes, formatNumber } from '../numbers.ts';
import { scanOutcome } from '../scan.ts';
import { type Html, html, htmlTable } from './html.ts';
import { addressCode, dateText, digestCode } from './parts.ts';
import { scanPart } from './scan-part.ts';

export function versionBody(_tools: ChartTools, record: ModelVersion): Html {
  const facts: [string, string | Html][] = [
    ['operation', record.operation],
    ['address', record.uri ? addressCode(record.uri) : 'nothing was stored'],
    ['gate', record.gate],
    ...(record.evaluation
      ? [
          ['evaluation', `${record.evaluation.verdict}, ${dateText(record.evaluation.createdAt)}`] as [
            string,
            string,
          ],
        ]
      : []),
    ...(record.overrideReason ? [['let through because', record.overrideReason] as [string, string]] : []),
    ...(record.files
      ? [
          ['files', `${formatNumber(record.files.count)}, ${formatBytes(record.files.bytes)}`] as [
            string,
            string,
          ],
        ]
      : []),
    ...(record.scan ? [['safety scan', scanOutcome(record.scan)] as [string, string]] : []),
    ...(record.parent ? [['version before', digestCode(record.parent)] as [string, Html]] : []),
    ...(record.by ? [['by', record.by] as [string, string]] : []),
    ...(record.stored.length > 0 ? [['stored with it', record.stored.join(', ')] as [string, string]] : []),
    ...Object.entries(record.tags).map(([name, value]): [string, string] => [`tag ${name}`, value]),
  ];
  const moves = record.aliasMoves.map((move) => [move.alias, digestCode(move.from), digestCode(move.to)]);
  return html`${htmlTable('Version', ['what', 'value'], facts)}${moves.length > 0 ? htmlTable('Aliases moved', ['alias', 'from', 'to'], moves) : undefined}${scanPart(record.scan)}`;
}
