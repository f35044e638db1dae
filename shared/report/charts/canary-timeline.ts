/** A canary from its start to its end: strips over one time axis, with the events marked. */
import type { ArmLook, Deployment, Look } from '../../records/deployment.ts';
import { type Interval, wilsonInterval } from '../../stats/paired-proportions.ts';
import { formatDuration, formatNumber, formatShare, withShortDigests } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import { evidenceStrip, LEFT, promotesErrors, RIGHT, type Seconds } from './canary-evidence.ts';
import {
  at,
  axisBottom,
  axisLeft,
  type ChartTools,
  figure,
  label,
  type Point,
  type Scale,
  spread,
  thin,
} from './chart.ts';
import { timeTicks } from './time-ticks.ts';

const WIDTH = 700;
/** What the strip of latencies takes, where there are any. */
const LATENCY_HEIGHT = 112;

/** With 95 % confidence; nothing is known of no requests. */
const errorInterval = ({ errors, requests }: Counts): Interval =>
  requests === 0 ? [0, 1] : wilsonInterval(errors, requests, 0.95);

/** Looks pooled into at most `most` groups of neighbours, so that each has enough requests to be drawn. */
function pooled(
  looks: readonly Look[],
  most: number,
): { from: Look; to: Look; champion: Counts; challenger: Counts }[] {
  const size = Math.max(1, Math.ceil(looks.length / most));
  const groups: Look[][] = [];
  for (let index = 0; index < looks.length; index += size) groups.push(looks.slice(index, index + size));
  return groups.map((group) => ({
    from: group[0]!,
    to: group.at(-1)!,
    champion: counts(group.map((look) => look.champion)),
    challenger: counts(group.map((look) => look.challenger)),
  }));
}

interface Counts {
  requests: number;
  errors: number;
}

function counts(looks: readonly ArmLook[]): Counts {
  return {
    requests: looks.reduce((sum, look) => sum + look.requests, 0),
    errors: looks.reduce((sum, look) => sum + look.errors, 0),
  };
}

export function canaryTimeline(tools: ChartTools, deployment: Deployment): Html {
  const { looks, events, limits } = deployment;
  if (looks.length === 0) return html``;
  const start = Date.parse(looks[0]!.startedAt);
  const seconds = (instant: string) => (Date.parse(instant) - start) / 1000;
  const end = Math.max(seconds(looks.at(-1)!.endedAt), 1e-3);
  const x = tools.linear([0, end], [LEFT, RIGHT]);
  const groups = pooled(looks, 15);
  const marked = events.filter((event) => seconds(event.at) >= -1 && seconds(event.at) <= end * 1.02);
  const isTimed = looks.some(({ champion, challenger }) => champion.p95 !== null || challenger.p95 !== null);
  const lower = isTimed ? LATENCY_HEIGHT : 0;
  const bottom = 446 + lower;
  const eventLines = marked.map((event, index) => {
    const place = at(Math.min(Math.max(x(seconds(event.at)), LEFT), RIGHT));
    return html`<path class="event" d="M${place} 28V${bottom}"/><text class="name" x="${place}" y="${index % 2 === 0 ? 23 : 11}" text-anchor="middle">${index + 1}</text>`;
  });
  const body = html`${eventLines}${weightStrip(tools, x, looks, seconds)}${trafficStrip(tools, x, groups, seconds)}${errorStrip(tools, x, groups, seconds)}${isTimed ? latencyStrip(tools, x, looks, seconds) : ''}${evidenceStrip(tools, x, looks, limits, seconds, lower)}${axisBottom(x, bottom, 'time since the first look', timeTicks(end, MOST_TICKS), formatDuration)}`;
  const list = html`<ol>${marked.map((event) => html`<li><strong>${event.kind}</strong> at ${formatDuration(Math.max(0, seconds(event.at)))}, ${event.weight} % to the challenger: ${withShortDigests(event.reason)}</li>`)}</ol>`;
  const rows = thin(looks, 60).map((look) => [
    formatDuration(seconds(look.endedAt)),
    look.mirrored ? 'copies' : `${look.weight} %`,
    `${formatNumber(look.champion.errors)} of ${formatNumber(look.champion.requests)}`,
    `${formatNumber(look.challenger.errors)} of ${formatNumber(look.challenger.requests)}`,
    formatNumber(look.logE.rollbackErrors, 2),
    formatNumber(promotesErrors(look), 2),
  ]);
  const header = [
    'time',
    'weight',
    'champion: errors',
    'challenger: errors',
    'log e to roll back',
    'log e to promote',
  ];
  return figure(
    tools,
    {
      width: WIDTH,
      height: bottom + 34,
      wide: true,
      title: 'The canary over time',
      description: `Weight of the challenger, requests, error rates with 95 % intervals,${isTimed ? ' 95th percentiles of latency,' : ''} and the evidence against both limits, over ${formatDuration(end)} with ${marked.length} events.`,
    },
    body,
    html`${list}${folded('The canary in numbers', htmlTable('Looks', header, rows, [0, 1, 2, 3, 4, 5]))}`,
  );
}

const MOST_TICKS = 6;

function weightStrip(tools: ChartTools, x: Scale, looks: readonly Look[], seconds: Seconds): Html {
  const y = tools.linear([0, 100], [90, 42]);
  const last = looks.at(-1)!;
  const points = looks.map((look): Point => [x(seconds(look.startedAt)), y(look.weight)]);
  points.push([x(seconds(last.endedAt)), y(last.weight)]);
  return html`${axisLeft(y, LEFT, RIGHT, 'weight of the challenger, %', 2)}<path class="challenger line" d="${tools.line(points, true)}"/>${label(RIGHT + 6, y(last.weight), last.mirrored ? 'copies, no answers' : `${last.weight} %`, 'challenger')}`;
}

function trafficStrip(
  tools: ChartTools,
  x: Scale,
  groups: ReturnType<typeof pooled>,
  seconds: Seconds,
): Html {
  const rate = (group: (typeof groups)[number], arm: 'champion' | 'challenger') => {
    const length = seconds(group.to.endedAt) - seconds(group.from.startedAt);
    return length > 0 ? group[arm].requests / length : 0;
  };
  const highest = Math.max(
    ...groups.flatMap((group) => [rate(group, 'champion'), rate(group, 'challenger')]),
    1,
  );
  const y = tools.linear([0, highest], [182, 126]);
  const arms = ['champion', 'challenger'] as const;
  const places = spread(
    arms.map((arm) => y(rate(groups.at(-1)!, arm))),
    13,
  );
  return html`${axisLeft(y, LEFT, RIGHT, 'requests per second', 3)}${arms.map((arm, index) => {
    const points = groups.map((group): Point => [middle(x, group, seconds), y(rate(group, arm))]);
    return html`<path class="${arm} line" d="${tools.line(points)}"/>${label(RIGHT + 6, places[index]!, arm, arm)}`;
  })}`;
}

function middle(x: Scale, group: { from: Look; to: Look }, seconds: Seconds): number {
  return x((seconds(group.from.startedAt) + seconds(group.to.endedAt)) / 2);
}

function errorStrip(tools: ChartTools, x: Scale, groups: ReturnType<typeof pooled>, seconds: Seconds): Html {
  const arms = ['champion', 'challenger'] as const;
  const rates = groups.map((group) => ({
    at: middle(x, group, seconds),
    champion: { ...group.champion, interval: errorInterval(group.champion) },
    challenger: {
      ...group.challenger,
      interval: errorInterval(group.challenger),
    },
  }));
  // A group with hardly any request has an interval that would flatten everything else: the middle one counts.
  const shares = rates.flatMap((rate) =>
    arms.map((arm) => rate[arm].errors / Math.max(1, rate[arm].requests)),
  );
  const ends = rates
    .flatMap((rate) => arms.filter((arm) => rate[arm].requests > 0).map((arm) => rate[arm].interval[1]))
    .sort((a, b) => a - b);
  const highest = Math.min(1, Math.max(...shares, 0.01, ends[Math.floor(ends.length / 2)] ?? 0) * 1.2);
  const y = tools.linear([0, highest], [294, 218]);
  const clamp = (share: number) => y(Math.min(share, highest));
  const last = arms.map((arm) => rates.filter((rate) => rate[arm].requests > 0).at(-1)?.[arm]);
  const places = spread(
    last.map((arm) => (arm ? clamp(arm.errors / arm.requests) : y(0))),
    13,
  );
  const excess = Math.max(0, Math.max(...places) - 300);
  return html`${axisLeft(y, LEFT, RIGHT, 'error rate, with 95 % intervals', 3, (share) => formatShare(share, highest < 0.05 ? 1 : 0))}${arms.map(
    (arm, index) => {
      const seen = rates.filter((rate) => rate[arm].requests > 0);
      const band = seen.map(
        (rate) => [rate.at, clamp(rate[arm].interval[0]), clamp(rate[arm].interval[1])] as const,
      );
      const line = seen.map((rate): Point => [rate.at, clamp(rate[arm].errors / rate[arm].requests)]);
      if (seen.length === 0) return html``;
      return html`<path class="${arm} fill faint" d="${tools.band(band)}"/><path class="${arm} line" d="${tools.line(line)}"/>${label(RIGHT + 6, places[index]! - excess, arm, arm)}`;
    },
  )}`;
}

/** Each arm's 95th percentile, look by look; a look without requests has none. */
function latencyStrip(tools: ChartTools, x: Scale, looks: readonly Look[], seconds: Seconds): Html {
  const arms = ['champion', 'challenger'] as const;
  const drawn = thin(looks, 200);
  const highest = Math.max(...arms.flatMap((arm) => drawn.map((look) => look[arm].p95 ?? 0)), 1e-3);
  const y = tools.linear([0, highest * 1.1], [404, 330]);
  const last = (arm: (typeof arms)[number]) => drawn.findLast((look) => look[arm].p95 !== null)?.[arm].p95;
  const places = spread(
    arms.map((arm) => y(last(arm) ?? 0)),
    13,
  );
  return html`${axisLeft(y, LEFT, RIGHT, 'p95 of latency, ms', 3)}${arms.map((arm, index) => {
    if (last(arm) === undefined) return html``;
    const points = drawn.map((look): Point => {
      const value = look[arm].p95;
      return [x(seconds(look.endedAt)), value === null ? Number.NaN : y(value)];
    });
    return html`<path class="${arm} line" d="${tools.line(points)}"/>${label(RIGHT + 6, places[index]!, arm, arm)}`;
  })}`;
}
