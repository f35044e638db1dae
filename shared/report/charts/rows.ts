/**
 * Charts whose rows have names: the name on a line of its own, so that it may be long, and below it a drawing with
 * its numbers to the right. As narrow as a phone, so no text becomes too small there.
 */
import { type Html, type HtmlPart, html } from '../page/html.ts';
import { at, type ChartTools, figure, label } from './chart.ts';

const WIDTH = 330;
const ROW = 38;
const LONGEST_NAME = 48;

/** Where drawings may stand; the rest of the width is for numbers: an interval, or two short ones. */
export const PLOT = { left: 6, right: 168 } as const;
export const WIDE_PLOT = { left: 6, right: 222 } as const;

export interface NamedRow {
  name: string;
  /** The drawing around the middle of its line. */
  draw(y: number): HtmlPart;
  /** Numbers at the right end: SVG text content. */
  numbers: HtmlPart;
}

export interface RowChart {
  title: string;
  description: string;
  rows: readonly NamedRow[];
  /** Above all rows: what the places mean; it may draw down to `bottom`. */
  head?: (bottom: number) => HtmlPart;
  /** What the numbers at the right are: SVG text content. */
  numbersHead?: HtmlPart;
  /** Below all rows, from `top` down. */
  foot?: (top: number) => HtmlPart;
  footHeight?: number;
  below?: HtmlPart;
}

export function rowChart(tools: ChartTools, chart: RowChart): Html {
  const top = 22;
  const bottom = top + ROW * chart.rows.length;
  const rows = chart.rows.map(({ name, draw, numbers }, index) => {
    const line = top + ROW * index;
    const middle = line + 25;
    return html`<text class="name" x="0" y="${line + 12}">${shortened(name)}</text>${draw(middle)}<text x="${WIDTH}" y="${middle}" dy="0.32em" text-anchor="end">${numbers}</text>`;
  });
  const head = chart.numbersHead
    ? html`<text x="${WIDTH}" y="12" text-anchor="end">${chart.numbersHead}</text>`
    : undefined;
  return figure(
    tools,
    {
      width: WIDTH,
      height: bottom + 4 + (chart.footHeight ?? 0),
      title: chart.title,
      description: chart.description,
    },
    html`${chart.head?.(bottom)}${head}${rows}${chart.foot?.(bottom)}`,
    chart.below,
  );
}

function shortened(name: string): string {
  const characters = [...name];
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}

/** `champion → challenger` in their colours, to stand over numbers in the same colours. */
export const bothNames = html`<tspan class="champion">champion</tspan> → <tspan class="challenger">challenger</tspan>`;

/** Two numbers in the colours of the models; one where there is no champion. */
export function bothNumbers(champion: string | undefined, challenger: string): Html {
  const own = html`<tspan class="challenger">${challenger}</tspan>`;
  return champion === undefined ? own : html`<tspan class="champion">${champion}</tspan> → ${own}`;
}

/** An interval with its estimate. */
export function whisker(tone: string, low: number, middle: number, high: number, y: number): Html {
  return html`<path class="${tone} stroke" stroke-width="2" d="M${at(low)} ${at(y)}H${at(high)}M${at(low)} ${at(y - 4)}v8M${at(high)} ${at(y - 4)}v8"/><circle class="${tone} fill" cx="${at(middle)}" cy="${at(y)}" r="4"/>`;
}

/** A bar from the left end of the plot. */
export const bar = (tone: string, from: number, to: number, y: number): Html =>
  html`<path class="${tone} fill" d="M${at(from)} ${at(y)}H${at(Math.max(to, from + 0.5))}v7H${at(from)}Z"/>`;

/** A line down through all rows with its name on top. */
export const guide = (x: number, bottom: number, name: string, anchor: 'start' | 'middle'): Html =>
  html`<path class="axis" d="M${at(x)} 18V${at(bottom)}"/>${label(x, 9, name, '', anchor)}`;
