/** What a training run used over time: processor, memory, GPU, with its limits and what was noticed meanwhile. */
import type { TrainingRun } from '../../records/training-run.ts';
import { formatDuration, formatNumber, formatShare } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import { noticedBy } from '../training/noticed.ts';
import {
  at,
  axisBottom,
  axisLeft,
  type ChartTools,
  domainOf,
  figure,
  label,
  type Point,
  type Scale,
  significant,
  thin,
} from './chart.ts';
import { type MeasuredResource, measuredResources } from './resource-series.ts';
import { timeTicks } from './time-ticks.ts';
import { shortNumber } from './value-scale.ts';

const [LEFT, RIGHT, TOP, BOTTOM] = [46, 244, 38, 126];

/** Of fewer samples a table says as much as a picture. */
const FEWEST_DRAWN = 8;

/** One small chart per resource that was measured. */
export function resourceCharts(tools: ChartTools, record: TrainingRun): Html {
  const { seconds } = record.resources.series;
  const measured = seconds.length < 2 ? [] : measuredResources(record);
  if (measured.length === 0) return html``;
  const rows = thin(
    seconds.map((_, index) => index),
    30,
  ).map((index) => [
    formatDuration(seconds[index]!),
    ...measured.map(({ values }) => significant(values[index])),
  ]);
  const drawn = () => {
    const charts = measured.map((resource) => resourceChart(tools, resource, record));
    return html`<div class="charts small">${charts}</div>${captionOf(record, measured)}`;
  };
  const header = ['time', ...measured.map(({ name, unit }) => `${name}, ${unit}`)];
  return html`<h4>Use of the machine over time</h4>${seconds.length < FEWEST_DRAWN ? undefined : drawn()}${folded(
    'Resources in numbers',
    htmlTable(
      'Resources over time',
      header,
      rows,
      header.map((_, index) => index),
    ),
  )}`;
}

function resourceChart(tools: ChartTools, resource: MeasuredResource, record: TrainingRun): Html {
  const { name, unit, values, highest, limit } = resource;
  // Of memory neither heat nor power says anything.
  const isHeldBack = resource.isOfGpus && unit !== 'GB' && unit !== 'MB';
  const { seconds } = record.resources.series;
  const [, end] = domainOf(seconds, [0]);
  const bounds = [0, highest, limit?.value].filter((bound) => bound !== undefined);
  const [, high] = domainOf(values, bounds);
  const x = tools.linear([0, end], [LEFT, RIGHT]);
  const y = tools.linear([0, high * 1.05], [BOTTOM, TOP]);
  const points = values.map((value, index): Point => [x(seconds[index]!), y(value)]);
  const body = html`${isHeldBack ? throttledStretches(record, x) : undefined}${axisLeft(y, LEFT, RIGHT, '', 3)}${axisBottom(x, BOTTOM, 'time', end < 1 ? [0, end] : timeTicks(end, 4), formatDuration)}${noticedLines(record, x)}<path class="plain line thin" d="${tools.line(points)}"/>${levels(resource, y)}`;
  const limitText = limit ? `, ${limit.name} ${significant(limit.value)}` : '';
  return figure(
    tools,
    {
      width: 250,
      height: 162,
      title: `${name}, ${unit}`,
      description: `${name} in ${unit} over ${formatDuration(end)}, at most ${significant(highest ?? Math.max(...values.filter(Number.isFinite)))}${limitText}.`,
    },
    body,
  );
}

/** The limit, and the highest sample where the line, which has means, does not reach it. */
function levels({ values, highest, limit }: MeasuredResource, y: Scale): Html {
  const drawn = Math.max(...values.filter(Number.isFinite));
  const [bottom = 0, top = 1] = y.domain();
  const isApart = highest !== undefined && highest > drawn + (top - bottom) * 0.06;
  const isNearLimit =
    limit && highest !== undefined && Math.abs(limit.value - highest) < (top - bottom) * 0.16;
  return html`${
    limit
      ? html`<path class="limit" d="M${LEFT} ${at(y(limit.value))}H${RIGHT}"/><text class="limit-name" x="${RIGHT}" y="${at(y(limit.value) - 4)}" text-anchor="end">${limit.name} ${shortNumber(Number(limit.value.toPrecision(3)))}</text>`
      : undefined
  }${
    isApart && highest !== undefined
      ? html`<path class="guide" d="M${LEFT} ${at(y(highest))}H${RIGHT}"/>${isNearLimit ? undefined : label(LEFT + 3, y(highest) - 6, `highest ${shortNumber(Number(highest.toPrecision(3)))}`, 'plain')}`
      : undefined
  }`;
}

/** Stretches in which heat or power held a GPU back; neighbours are one, so that no seams are seen. */
function throttledStretches({ resources: { series } }: TrainingRun, x: Scale): Html {
  const { seconds, gpuThrottledShare = [] } = series;
  const middle = (index: number) => (seconds[index]! + seconds[index + 1]!) / 2;
  const parts: string[] = [];
  let from: number | undefined;
  for (const [index, share] of gpuThrottledShare.entries()) {
    const isHeldBack = share !== null && share > 0;
    if (isHeldBack && from === undefined) from = index === 0 ? 0 : middle(index - 1);
    const isLast = index === seconds.length - 1;
    if (from === undefined || (isHeldBack && !isLast)) continue;
    const to = isHeldBack ? seconds[index]! : middle(index - 1);
    parts.push(`M${at(x(from))} ${TOP}H${at(Math.max(x(to), x(from) + 0.5))}V${BOTTOM}H${at(x(from))}Z`);
    from = undefined;
  }
  return html`<path class="bad fill faint" d="${parts.join('')}"/>`;
}

/** Numbered as in the list beside the charts. */
function noticedLines(record: TrainingRun, x: Scale): Html[] {
  let [last, row] = [Number.NEGATIVE_INFINITY, 0];
  return noticedBy(record).map(({ atSeconds, isEnd }, index) => {
    const place = Math.min(Math.max(x(atSeconds), LEFT), RIGHT);
    row = place - last < 14 ? 1 - row : 0;
    last = place;
    return html`<path class="event" d="M${at(place)} 24V${BOTTOM}"/><text class="${isEnd ? 'bad' : 'name'}" x="${at(place)}" y="${row === 0 ? 21 : 10}" text-anchor="middle">${index + 1}</text>`;
  });
}

function captionOf(record: TrainingRun, measured: readonly MeasuredResource[]): Html | undefined {
  const { gpus, series } = record.resources;
  const hasGpu = measured.some(({ isOfGpus }) => isOfGpus);
  const held = gpus.filter(({ throttledShare }) => throttledShare > 0);
  const sentences = [
    ...(hasGpu && gpus.length > 1 ? [`Lines are means over ${gpus.length} GPUs.`] : []),
    ...(record.resources.samples > series.seconds.length
      ? [`Each point is the mean of its stretch of ${formatNumber(record.resources.samples)} samples.`]
      : []),
    ...held.map(
      ({ index, throttledShare, throttleReasons }) =>
        `GPU ${index} was held back in ${formatShare(throttledShare, 0)} of the samples: ${throttleReasons.join(', ')}${series.gpuThrottledShare ? ' (shaded)' : ''}.`,
    ),
    ...(noticedBy(record).length > 0 ? ['Numbers are those of the list above.'] : []),
  ];
  return sentences.length > 0 ? html`<p class="soft">${sentences.join(' ')}</p>` : undefined;
}
