/** What a training run used over time: processor, memory, GPU. */
import type { Resources } from '../../records/training-run.ts';
import { formatDuration } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import {
  axisBottom,
  axisLeft,
  type ChartTools,
  domainOf,
  figure,
  type Point,
  significant,
  thin,
} from './chart.ts';

type Series = Resources['series'];

/** One small chart per resource that was measured. */
export function resourceCharts(tools: ChartTools, series: Series): Html {
  if (series.seconds.length < 2) return html``;
  const charts: [name: string, unit: string, values: (number | null)[], scale: number][] = [
    ['Processor', '% of one core', series.cpuPercent, 1],
    ['Memory', 'MB', series.memoryBytes, 1e-6],
    ['GPU', '%', series.gpuPercent, 1],
    ['GPU memory', 'MiB', series.gpuMemoryMiB, 1],
  ];
  const measured = charts.filter(([, , values]) => values.some((value) => value !== null));
  if (measured.length === 0) return html``;
  const rows = thin(
    series.seconds.map((_, index) => index),
    30,
  ).map((index) => [
    formatDuration(series.seconds[index]!),
    ...measured.map(([, , values, scale]) =>
      significant(values[index] == null ? null : values[index] * scale),
    ),
  ]);
  const header = ['time', ...measured.map(([name, unit]) => `${name}, ${unit}`)];
  return html`<div class="charts small">${measured.map(([name, unit, values, scale]) =>
    resourceChart(
      tools,
      name,
      unit,
      series.seconds,
      values.map((value) => (value === null ? Number.NaN : value * scale)),
    ),
  )}</div>${folded(
    'Resources in numbers',
    htmlTable(
      'Resources over time',
      header,
      rows,
      header.map((_, index) => index),
    ),
  )}`;
}

function resourceChart(
  tools: ChartTools,
  name: string,
  unit: string,
  seconds: number[],
  values: number[],
): Html {
  const [, end] = domainOf(seconds, [0]);
  const [, high] = domainOf(values, [0]);
  const x = tools.linear([0, end], [44, 240]);
  const y = tools.linear([0, high * 1.05], [110, 22]);
  const points = values.map((value, index): Point => [x(seconds[index]!), y(value)]);
  const body = html`${axisLeft(y, 44, 240, unit, 3)}${axisBottom(x, 110, 'time', 2, formatDuration)}<path class="plain line" d="${tools.line(points)}"/>`;
  return figure(
    tools,
    {
      width: 250,
      height: 146,
      title: name,
      description: `${name} in ${unit} over ${formatDuration(end)}, at most ${significant(Math.max(...values.filter(Number.isFinite)))}.`,
    },
    body,
  );
}
