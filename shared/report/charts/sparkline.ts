/** A column of data at a glance: the shape of its values and the share of nulls, small enough for a table cell. */
import type { ColumnSketch } from '../../records/data-profile.ts';
import { formatNumber, formatShare } from '../numbers.ts';
import { type Html, html } from '../page/html.ts';
import { at, type ChartTools } from './chart.ts';

const WIDTH = 132;
const HEIGHT = 30;

/** Bars of a histogram or of the most frequent values; nothing where the sketch holds neither. */
export function columnSparkline(tools: ChartTools, column: ColumnSketch): Html {
  const bars = column.histogram ? histogramBars(column.histogram) : topBars(column);
  if (bars.length === 0) return html`–`;
  const highest = Math.max(...bars.map((bar) => bar.height), Number.MIN_VALUE);
  const end = bars.at(-1)!.to;
  const x = tools.linear([bars[0]!.from, end], [0, WIDTH]);
  const y = tools.linear([0, highest], [HEIGHT, 1]);
  const id = tools.nextId();
  const path = bars
    .filter((bar) => bar.height > 0)
    .map(
      (bar) =>
        `M${at(x(bar.from))} ${HEIGHT}V${at(y(bar.height))}H${at(Math.max(x(bar.from) + 0.5, x(bar.to) - 0.6))}V${HEIGHT}Z`,
    )
    .join('');
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">Values of ${column.name}</title><desc id="${id}-desc">${describe(column)}</desc><path class="plain fill" d="${path}"/><path class="axis" d="M0 ${HEIGHT}H${WIDTH}"/></svg>`;
}

interface Bar {
  from: number;
  to: number;
  height: number;
}

/** Height is rows per unit, so bins of unequal width do not mislead; the open end bins get their neighbour's width. */
function histogramBars({ edges, counts }: NonNullable<ColumnSketch['histogram']>): Bar[] {
  if (edges.length < 2) return counts.map((count, index) => ({ from: index, to: index + 1, height: count }));
  const first = edges[0]! - (edges[1]! - edges[0]!);
  const last = edges.at(-1)! + (edges.at(-1)! - edges.at(-2)!);
  const bounds = [first, ...edges, last];
  return counts.map((count, index) => {
    const width = bounds[index + 1]! - bounds[index]!;
    return { from: bounds[index]!, to: bounds[index + 1]!, height: width > 0 ? count / width : 0 };
  });
}

function topBars(column: ColumnSketch): Bar[] {
  const values = column.top?.values.slice(0, 20) ?? [];
  return values.map(({ count }, index) => ({ from: index, to: index + 1, height: count }));
}

function describe(column: ColumnSketch): string {
  const total = column.count + column.nulls;
  const nulls = `${formatShare(total > 0 ? column.nulls / total : 0)} null`;
  if (!column.moments) return `${formatNumber(column.count)} values, ${nulls}`;
  return `${formatNumber(column.count)} values, mean ${column.moments.mean.toPrecision(4)}, ${nulls}`;
}
