/**
 * Charts for an issue, where GitHub shows Mermaid and no pictures of ours. Pure. Nothing but numbers and words of this
 * file stands inside a chart: names of columns and metrics stand in the Markdown above it.
 */

import type { DriftCheck, DriftChunk } from '../../../shared/records/drift-check.ts';
import { significant } from '../../../shared/report/charts/chart.ts';
import {
  blocks,
  code,
  type Inline,
  type Markdown,
  md,
  trustedMarkdown,
} from '../../../shared/report/markdown.ts';
import { describeChunk } from '../decide.ts';
import { rankColumns } from '../report-columns.ts';

const MOST_METRICS = 3;
const MOST_COLUMNS = 2;
/** Two colours that stand out on light and dark: the first of Mermaid's own is white on white. */
const LOOKS =
  '%%{init: {"xyChart": {"height": 300}, "themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7, #d97706"}}}}%%';
/** Newest chunks in one chart. */
const MOST_POINTS = 60;

/** Performance per chunk with its limit, and the effects of the columns that drift most. */
export function issueCharts(record: DriftCheck): Markdown[] {
  const metrics = record.performance
    .filter((part) => part.status !== 'not_judged')
    .slice(0, MOST_METRICS)
    .map((part) => {
      const estimated = part.source === 'estimated';
      return chart(md`**${part.name}${estimated ? ', estimated,' : ''} per chunk**`, record.chunks, {
        value: (chunk) => (estimated ? chunk.estimated : chunk.performance)[part.name],
        line: part.limit,
        lineName: 'its limit',
      });
    });
  const columns = rankColumns(record.columns)
    .filter(({ name, status }) => status === 'drifts' && record.chunks.some(({ effects }) => name in effects))
    .slice(0, MOST_COLUMNS)
    .map(({ name, minEffect }) =>
      chart(md`**Effect of ${code(name)} per chunk**`, record.chunks, {
        value: (chunk) => chunk.effects[name],
        line: minEffect,
        lineName: 'what counts',
        fromZero: true,
      }),
    );
  return [...metrics, ...columns].filter((part) => part.text !== '');
}

function chart(
  title: Markdown,
  chunks: readonly DriftChunk[],
  drawn: {
    value: (chunk: DriftChunk) => number | null | undefined;
    line: number | null;
    lineName: string;
    fromZero?: boolean;
  },
): Markdown {
  const points = chunks
    .map((chunk) => ({ chunk, value: drawn.value(chunk) }))
    .filter((point): point is { chunk: DriftChunk; value: number } => Number.isFinite(point.value))
    .slice(-MOST_POINTS);
  // A line has two ends; a single value stands in the tables.
  if (points.length < 2) return md``;
  const line = drawn.line !== null && Number.isFinite(drawn.line) ? drawn.line : undefined;
  const values = points.map(({ value }) => value);
  const all = line === undefined ? values : [...values, line];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const air = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
  const lines = [
    LOOKS,
    'xychart-beta',
    `    x-axis "chunk" 1 --> ${points.length}`,
    `    y-axis ${drawn.fromZero && low >= 0 ? 0 : plain(low - air)} --> ${plain(high + air)}`,
    `    line [${values.map(plain).join(', ')}]`,
    ...(line === undefined ? [] : [`    line [${values.map(() => plain(line)).join(', ')}]`]),
  ];
  return blocks(
    md`${title}, ${caption(points, line, drawn.lineName)}`,
    trustedMarkdown(`\`\`\`mermaid\n${lines.join('\n')}\n\`\`\``),
  );
}

function caption(
  points: readonly { chunk: DriftChunk }[],
  line: number | undefined,
  lineName: string,
): Inline {
  const place = (chunk: DriftChunk | undefined) => describeChunk(chunk).replace('the chunk ', '');
  const firstOfData = points.findIndex(({ chunk }) => chunk.part === 'data');
  const from = `1 is ${place(points[0]?.chunk)}, ${points.length} is ${place(points.at(-1)?.chunk)}`;
  const part = firstOfData > 0 ? `; up to ${firstOfData} they are of the reference` : '';
  const level = line === undefined ? '' : `; the level line is ${lineName}, ${significant(line)}`;
  return `${from}${part}${level}.`;
}

/** Mermaid takes no powers of ten. */
function plain(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en-US', {
    useGrouping: false,
    maximumFractionDigits: 12,
  });
}
