/** System health on the page: each measure over the window, with its limits and what earlier windows were like. */
import type { SystemHealth, SystemMeasureResult } from '../../records/system-health.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import { at, axisLeft, type ChartTools, domainOf, figure, label, type Point, significant } from './chart.ts';

const [LEFT, RIGHT, TOP, BOTTOM] = [46, 236, 24, 104];
/** Rows of the table below a chart: of the series the newest. */
const MOST_ROWS = 60;

export function systemCharts(tools: ChartTools, system: SystemHealth): Html {
  const drawn = system.measures.filter(({ series }) => series.some(({ value }) => value !== null));
  if (drawn.length === 0) return html``;
  return html`<p><strong>System health</strong>, by ${system.source}</p><div class="charts small">${drawn.map((measure) => systemChart(tools, system, measure))}</div>`;
}

const clock = (time: string): string => time.slice(11, 16);

function systemChart(tools: ChartTools, { window }: SystemHealth, measure: SystemMeasureResult): Html {
  const [start, end] = [window.start, window.end].map(Date.parse) as [number, number];
  const limits = measure.limits.map(({ limit }) => limit).filter((limit) => limit !== null);
  const values = measure.series.map(({ value }) => value ?? Number.NaN);
  const [low, high] = domainOf(values, [
    ...limits,
    ...(measure.past?.mean == null ? [] : [measure.past.mean]),
  ]);
  const air = (high - low) * 0.05;
  const x = tools.linear([start, end], [LEFT, RIGHT]);
  const y = tools.linear([low - air, high + air], [BOTTOM, TOP]);
  const points = measure.series.map(({ time }, index): Point => [x(Date.parse(time)), y(values[index]!)]);
  const tone = measure.status === 'beyond' ? 'bad' : 'champion';
  const [only] = points.length === 1 ? points : [];
  const usual =
    measure.past?.mean == null
      ? undefined
      : html`<path class="guide" d="M${LEFT} ${at(y(measure.past.mean))}H${RIGHT}"/>`;
  const body = html`${axisLeft(y, LEFT, RIGHT, measure.unit ?? '', 3)}${usual}${limits.map(
    (limit) => html`<path class="limit" d="M${LEFT} ${at(y(limit))}H${RIGHT}"/>`,
  )}<path class="${tone} line thin" d="${tools.line(points)}"/>${
    only ? html`<circle class="${tone} fill" cx="${at(only[0])}" cy="${at(only[1])}" r="3"/>` : undefined
  }<path class="axis" d="M${LEFT} ${BOTTOM}H${RIGHT}"/>${label(LEFT, 120, clock(window.start), 'plain')}${label(RIGHT, 120, `${clock(window.end)} UTC`, 'plain', 'end')}`;
  const rows = measure.series.slice(-MOST_ROWS).map(({ time, value }) => [clock(time), significant(value)]);
  const past = measure.past?.values.map(({ end, value }) => [
    end.slice(0, 16).replace('T', ' '),
    significant(value),
  ]);
  const unit = measure.unit === null ? '' : `, ${measure.unit}`;
  return figure(
    tools,
    {
      width: 246,
      height: 128,
      title: `${measure.name}: ${measure.status.replace('_', ' ')}`,
      description: `${measure.name}${unit} over the window, ${measure.statistic} ${significant(measure.value)}; dashed lines are its limits${usual ? ', the dotted one the mean of earlier windows' : ''}.`,
    },
    body,
    folded('In numbers', [
      htmlTable('Steps of the window', ['until, UTC', 'value'], rows, [1]),
      past ? htmlTable('Earlier windows', ['end, UTC', measure.statistic], past.slice(-MOST_ROWS), [1]) : '',
    ]),
  );
}
