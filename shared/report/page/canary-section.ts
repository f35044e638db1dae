/** Deployments on the page: who serves, how the canary went. */
import type { Deployment } from '../../records/deployment.ts';
import { canaryTimeline } from '../charts/canary-timeline.ts';
import type { ChartTools } from '../charts/chart.ts';
import { formatNumber, withShortDigests } from '../numbers.ts';
import { scanOutcome } from '../scan.ts';
import { type Html, html, htmlTable } from './html.ts';
import { addressCode, dateText, digestCode } from './parts.ts';
import { scanPart } from './scan-part.ts';

export function canaryBody(tools: ChartTools, record: Deployment): Html {
  const { challenger, champion, traffic } = record;
  const facts: [string, string | Html][] = [
    ['outcome', record.outcome.replace('-', ' ')],
    ['challenger', challenger ? addressCode(challenger.uri) : 'none'],
    ['champion', champion ? addressCode(champion.uri) : 'none'],
    ['serves now', digestCode(record.serving)],
    ['address', record.endpoint ?? '–'],
    ...(record.alias
      ? [['alias', `${record.alias.name} ${record.alias.moved ? 'moved' : 'stayed'}`] as [string, string]]
      : []),
    ...(traffic
      ? [
          [
            'traffic',
            `${formatNumber(traffic.sent)} requests of ${traffic.file} at ${formatNumber(traffic.ratePerSecond)} per second, ${formatNumber(traffic.failed)} failed`,
          ] as [string, string],
        ]
      : []),
    ...(record.scan ? [['safety scan', scanOutcome(record.scan)] as [string, string]] : []),
    ...(record.overrideReason ? [['let through because', record.overrideReason] as [string, string]] : []),
  ];
  const events =
    record.looks.length === 0 && record.events.length > 0
      ? htmlTable(
          'Events',
          ['time', 'event', 'reason'],
          record.events.map((event) => [dateText(event.at), event.kind, withShortDigests(event.reason)]),
        )
      : undefined;
  return html`${htmlTable('Deployment', ['what', 'value'], facts)}${scanPart(record.scan)}${canaryTimeline(tools, record)}${events}`;
}
