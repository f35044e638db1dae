/** Drift per chunk of time: performance against its limit, and the effect of each column as small multiples. */
import type { DriftCheck, DriftChunk, DriftColumn, DriftPerformance } from '../../records/drift-check.ts';
import { measureName } from '../measure-names.ts';
import { formatNumber } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import { at, axisLeft, type ChartTools, domainOf, figure, label, type Point, significant } from './chart.ts';

/** `29 Jan` where chunks have a date, otherwise their first row. */
export function chunkName(chunk: DriftChunk): string {
  if (!chunk.start) return `row ${formatNumber(chunk.firstRow)}`;
  const date = new Date(chunk.start);
  return Number.isNaN(date.getTime())
    ? chunk.start
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/** Performance per chunk with the limit and the band of the reference chunks. */
export function performanceChart(tools: ChartTools, check: DriftCheck, performance: DriftPerformance): Html {
  const { chunks } = check;
  const value = (chunk: DriftChunk) =>
    (performance.source === 'real' ? chunk.performance : chunk.estimated)[performance.name] ?? Number.NaN;
  const values = chunks.map(value);
  if (!values.some(Number.isFinite)) return html``;
  const { mean, limit } = performance;
  const mirrored = mean !== null && limit !== null ? 2 * mean - limit : Number.NaN;
  const [low, high] = domainOf(values, [limit ?? Number.NaN, mirrored]);
  const air = (high - low) * 0.08;
  const x = tools.linear([0, Math.max(1, chunks.length - 1)], [58, 595]);
  const y = tools.linear([low - air, high + air], [190, 28]);
  const firstOfData = chunks.findIndex((chunk) => chunk.part === 'data');
  const border = firstOfData > 0 ? at((x(firstOfData) + x(firstOfData - 1)) / 2) : undefined;
  const line = (part: DriftChunk['part']) =>
    tools.line(
      chunks.flatMap((chunk, index): Point[] => (chunk.part === part ? [[x(index), y(values[index]!)]] : [])),
    );
  const every = Math.max(1, Math.ceil(chunks.length / 9));
  const body = html`${axisLeft(y, 58, 595, performance.source === 'real' ? performance.name : `${performance.name}, estimated`, 5)}${
    Number.isFinite(mirrored) && limit !== null
      ? html`<rect class="band" x="58" width="537" y="${at(Math.min(y(limit), y(mirrored)))}" height="${at(Math.abs(y(limit) - y(mirrored)))}"/>`
      : undefined
  }${limit === null ? undefined : html`<path class="limit" d="M58 ${at(y(limit))}H595"/><text class="limit-name" x="601" y="${at(y(limit))}" dy="0.32em">limit ${significant(limit)}</text>`}${
    border
      ? html`<path class="guide" d="M${border} 28V190"/><text x="${Number(border) - 5}" y="24" text-anchor="end">reference</text><text x="${Number(border) + 5}" y="24">data</text>`
      : undefined
  }<path class="plain line" d="${line('reference')}"/><path class="champion line" d="${line('data')}"/>${chunks.map(
    (chunk, index) => {
      if (!Number.isFinite(values[index])) return undefined;
      const [px, py] = [x(index), y(values[index]!)];
      if (performance.fallenChunks.includes(index)) {
        return html`<path class="bad stroke" stroke-width="2.5" d="M${at(px - 5)} ${at(py - 5)}l10 10m0 -10l-10 10"/>`;
      }
      return html`<circle class="${chunk.part === 'data' ? 'champion' : 'plain'} fill" cx="${at(px)}" cy="${at(py)}" r="3"/>`;
    },
  )}${chunks.map((chunk, index) =>
    index % every === 0
      ? html`<text x="${at(x(index))}" y="206" text-anchor="middle">${chunkName(chunk)}</text>`
      : undefined,
  )}${performance.fallenChunks.length > 0 ? html`<text class="limit-name" x="58" y="224">× fell below its limit and margin</text>` : undefined}`;
  const rows = chunks.map((chunk, index) => [
    chunkName(chunk),
    chunk.part,
    formatNumber(performance.source === 'real' ? chunk.labelledRows : chunk.rows),
    significant(values[index]),
    performance.fallenChunks.includes(index) ? 'beyond its limit' : chunk.judged ? 'within' : 'not judged',
  ]);
  return figure(
    tools,
    {
      width: 700,
      height: 230,
      wide: true,
      title: `${performance.name} per chunk${performance.source === 'estimated' ? ', estimated from the scores alone' : ''}`,
      description: `${chunks.length} chunks; the shaded band is where the reference chunks lie. ${performance.fallenChunks.length} chunks are beyond the limit.`,
    },
    body,
    folded(
      'Performance in numbers',
      htmlTable(performance.name, ['chunk', 'part', 'rows', performance.name, 'judged'], rows, [2, 3]),
    ),
  );
}

const MOST_COLUMNS = 12;

/** One small chart of effects per column, the most drifted first; the others are named. */
export function effectCharts(tools: ChartTools, check: DriftCheck): Html {
  const withEffects = check.columns.filter((column) =>
    check.chunks.some((chunk) => column.name in chunk.effects),
  );
  const ordered = [...withEffects].sort((a, b) => rank(b) - rank(a));
  if (ordered.length === 0) return html``;
  const rest = ordered.slice(MOST_COLUMNS).map((column) => column.name);
  return html`<div class="charts small">${ordered.slice(0, MOST_COLUMNS).map((column) => effectChart(tools, check, column))}</div>${
    rest.length > 0 ? html`<p class="soft">Not drawn: ${rest.join(', ')}.</p>` : undefined
  }${effectTable(check, ordered)}`;
}

function rank(column: DriftColumn): number {
  return (column.status === 'drifts' ? 1e6 : 0) + (column.effect ?? 0) / Math.max(column.minEffect, 1e-9);
}

function effectChart(tools: ChartTools, check: DriftCheck, column: DriftColumn): Html {
  const effects = check.chunks.map((chunk) => chunk.effects[column.name] ?? Number.NaN);
  const [, high] = domainOf(effects, [0, column.minEffect * 1.2]);
  const y = tools.linear([0, high], [104, 24]);
  const slot = 196 / Math.max(1, effects.length);
  const drifts = column.status === 'drifts';
  const bars = (part: DriftChunk['part']) =>
    effects
      .map((effect, index) => ({ effect, index }))
      .filter(
        ({ effect, index }) => Number.isFinite(effect) && effect > 0 && check.chunks[index]!.part === part,
      )
      .map(
        ({ effect, index }) =>
          `M${at(40 + slot * index + slot * 0.12)} 104V${at(y(effect))}h${at(slot * 0.76)}V104Z`,
      )
      .join('');
  const body = html`${axisLeft(y, 40, 236, measureName(column.measure), 3)}<path class="plain fill pale" d="${bars('reference')}"/><path class="${drifts ? 'bad' : 'champion'} fill" d="${bars('data')}"/><path class="axis" d="M40 104H236"/><path class="limit" d="M40 ${at(y(column.minEffect))}H236"/>${label(40, 120, chunkName(check.chunks[0]!), 'plain')}${label(236, 120, chunkName(check.chunks.at(-1)!), 'plain', 'end')}`;
  return figure(
    tools,
    {
      width: 246,
      height: 128,
      title: `${column.name}: ${drifts ? 'drifts' : column.status.replace('_', ' ')}`,
      description: `Effect of ${column.name} against the reference in ${effects.length} chunks; the line is the smallest effect that counts, ${significant(column.minEffect)}.`,
    },
    body,
  );
}

function effectTable(check: DriftCheck, columns: readonly DriftColumn[]): Html {
  const header = ['chunk', 'part', ...columns.map((column) => column.name)];
  const rows = check.chunks.map((chunk) => [
    chunkName(chunk),
    chunk.part,
    ...columns.map((column) => significant(chunk.effects[column.name])),
  ]);
  return folded(
    'Effects in numbers',
    htmlTable('Effect per chunk and column', header, rows, header.map((_, index) => index).slice(2)),
  );
}
