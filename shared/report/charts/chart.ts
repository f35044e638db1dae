/**
 * Charts as inline SVG: pure functions from numbers to text. Each has a title and a description for those who do not
 * see it, axes with units, and the classes whose colours the page's style sheet sets. The scales and shapes are
 * d3's, loaded only when a page is drawn.
 */
import type { ScaleContinuousNumeric } from 'd3-scale';
import { formatNumber } from '../numbers.ts';
import { type Html, type HtmlPart, html } from '../page/html.ts';

export type Scale = ScaleContinuousNumeric<number, number>;
export type Point = readonly [x: number, y: number];

/** The colour of a series: the two models have the same one in every chart. */
export type Tone = 'champion' | 'challenger' | 'plain' | 'bad' | 'good';

export interface ChartTools {
  linear(domain: readonly [number, number], range: readonly [number, number]): Scale;
  /** Of powers of ten; both ends of the domain are above zero. */
  log(domain: readonly [number, number], range: readonly [number, number]): Scale;
  /** The path of a line; gaps where a value is not finite. Steps hold their value to the next point. */
  line(points: readonly Point[], steps?: boolean): string;
  /** The path of a band between two values. */
  band(points: readonly (readonly [x: number, low: number, high: number])[]): string;
  /** An id that no other chart of this page has. */
  nextId(): string;
}

export async function loadChartTools(): Promise<ChartTools> {
  const [{ scaleLinear, scaleLog }, shape] = await Promise.all([import('d3-scale'), import('d3-shape')]);
  let charts = 0;
  return {
    linear: (domain, range) =>
      scaleLinear()
        .domain([...domain])
        .range([...range]),
    log: (domain, range) =>
      scaleLog()
        .domain([...domain])
        .range([...range]),
    line: (points, steps = false) =>
      shape
        .line<Point>()
        .digits(1)
        .defined(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
        .curve(steps ? shape.curveStepAfter : shape.curveLinear)(points) ?? '',
    band: (points) =>
      shape
        .area<readonly [number, number, number]>()
        .digits(1)
        .defined(([, low, high]) => Number.isFinite(low) && Number.isFinite(high))
        .x(([x]) => x)
        .y0(([, low]) => low)
        .y1(([, , high]) => high)(points) ?? '',
    nextId: () => {
      charts += 1;
      return `chart-${charts}`;
    },
  };
}

export interface ChartFrame {
  width: number;
  height: number;
  title: string;
  description: string;
  /** Scrolls in its own box on a narrow screen instead of becoming too small to read. */
  wide?: boolean;
}

/** One figure: the picture, and below it whatever holds the numbers. */
export function figure(
  tools: ChartTools,
  frame: ChartFrame,
  body: HtmlPart,
  below: HtmlPart = undefined,
): Html {
  const id = tools.nextId();
  const svg = html`<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-labelledby="${id}-title ${id}-desc"${frame.wide ? html` class="wide"` : undefined}><title id="${id}-title">${frame.title}</title><desc id="${id}-desc">${frame.description}</desc>${body}</svg>`;
  const picture = frame.wide
    ? html`<div class="scroll" tabindex="0" role="group" aria-label="${frame.title}">${svg}</div>`
    : svg;
  return html`<figure><figcaption>${frame.title}</figcaption>${picture}${below}</figure>\n`;
}

/** Coordinates need one decimal. */
export function at(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}

/** A domain that holds all finite values with a little air, and is never empty. */
export function domainOf(values: readonly number[], include: readonly number[] = []): [number, number] {
  const finite = [...values, ...include].filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (finite.length === 0) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : [low - Math.abs(low) * 0.1, high + Math.abs(high) * 0.1];
  return [low, high];
}

/** The horizontal axis with its name below. @param count about so many ticks, or the ticks themselves. */
export function axisBottom(
  scale: Scale,
  y: number,
  name: string,
  count: number | readonly number[] = 5,
  format?: (value: number) => string,
): Html {
  const [from = 0, to = 0] = scale.range();
  const ticks = typeof count === 'number' ? scale.ticks(count) : count;
  const write = format ?? scale.tickFormat(typeof count === 'number' ? count : count.length);
  const marks = ticks.map((tick) => `M${at(scale(tick))} ${at(y)}v4`).join('');
  return html`<path class="axis" d="M${at(from)} ${at(y)}H${at(to)}${marks}"/><g text-anchor="middle">${ticks.map(
    (tick) => html`<text x="${at(scale(tick))}" y="${at(y + 15)}">${write(tick)}</text>`,
  )}<text x="${at((from + to) / 2)}" y="${at(y + 29)}">${name}</text></g>`;
}

/** The vertical axis with lines across the chart; its name stands above it. @param count as of `axisBottom`. */
export function axisLeft(
  scale: Scale,
  left: number,
  right: number,
  name: string,
  count: number | readonly number[] = 4,
  format?: (value: number) => string,
): Html {
  const [from = 0, to = 0] = scale.range();
  const ticks = typeof count === 'number' ? scale.ticks(count) : count;
  const write = format ?? scale.tickFormat(typeof count === 'number' ? count : count.length);
  const lines = ticks.map((tick) => `M${at(left)} ${at(scale(tick))}H${at(right)}`).join('');
  const title = html`<text x="${at(left)}" y="${at(Math.min(from, to) - 7)}">${name}</text>`;
  return html`${name === '' ? undefined : title}<path class="grid" d="${lines}"/><g text-anchor="end">${ticks.map(
    (tick) => html`<text x="${at(left - 5)}" y="${at(scale(tick))}" dy="0.32em">${write(tick)}</text>`,
  )}</g>`;
}

/** A series' name at a point, usually the end of its line. */
export function label(
  x: number,
  y: number,
  text: string,
  tone: string,
  anchor: 'start' | 'end' | 'middle' = 'start',
): Html {
  return html`<text class="${tone}" x="${at(x)}" y="${at(y)}" dy="0.32em" text-anchor="${anchor}">${text}</text>`;
}

/** Vertical places for labels, moved apart so that none stands on another; the order of the input is kept. */
export function spread(positions: readonly number[], distance: number): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => positions[a]! - positions[b]!);
  const placed = [...positions];
  order.forEach((index, rank) => {
    if (rank > 0) placed[index] = Math.max(positions[index]!, placed[order[rank - 1]!]! + distance);
  });
  return placed;
}

/** Keeps at most `most` items, evenly chosen, with the first and the last. */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from(
    { length: most },
    (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))]!,
  );
}

/** A number for a table: four significant digits. */
export function significant(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return formatNumber(value);
  const decimals = Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return formatNumber(value, decimals);
}
