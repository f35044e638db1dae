/** Parts of the rows: the slices that the policy names, those that were found weak, and groups of people. */
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import { type HeatCell, type HeatLevel, heatTable } from '../../../shared/report/evaluation/heat.ts';
import { describeSlice } from '../../../shared/report/evaluation/names.ts';
import { changeText } from '../../../shared/report/evaluation/sentences.ts';
import {
  blocks,
  formatNumber,
  formatSigned,
  type Inline,
  type Markdown,
  md,
  table,
} from '../../../shared/report/markdown.ts';
import type { ReportSection } from '../../../shared/report/section.ts';
import { comparisonTable } from './comparison-table.ts';
import { brokenText, limitsText } from './summary.ts';

export type Part = ReportSection['details'][number];

/** The page shows them all. */
const MOST_ROWS = 40;

/** A colour never stands alone: the sign and the word say the same. */
const SQUARES: Record<Exclude<HeatLevel, 'none'>, string> = {
  broken: '🟥',
  unsure: '🟨',
  lower: '🟧',
  same: '⬜',
  gain: '🟩',
};

export function slicesPart(record: Evaluation): Part | undefined {
  const heat = heatTable(record);
  if (!heat) return undefined;
  const shown = heat.rows.slice(0, MOST_ROWS);
  const rest = heat.rows.length - shown.length;
  const withRows = shown.some((row) => row.rows !== null);
  const rows = shown.map((row): Inline[] => [
    row.name,
    ...(withRows ? [formatNumber(row.rows)] : []),
    ...row.cells.map(cellText),
  ]);
  const header = [
    'slice',
    ...(withRows ? ['rows'] : []),
    ...heat.columns.map(({ name, arrow }) => `${name} ${arrow}`),
  ];
  const unsure = heat.unsure > 0 ? `, of ${heat.unsure} nobody can tell` : '';
  return {
    title: `Slices · ${brokenText(heat.broken, heat.rows.length)}${unsure}`,
    body: blocks(
      table(header, rows, withRows ? ['left', 'right'] : []),
      rest > 0 ? `${rest} more slices, none of them weaker than these, are on the page.` : '',
    ),
  };
}

const cellText = (cell: HeatCell | undefined): string =>
  cell === undefined
    ? ''
    : cell.level === 'none'
      ? `${cell.text} ${cell.word}`
      : `${SQUARES[cell.level]} ${cell.text} ${cell.word}`;

export function weakSlicesPart(record: Evaluation): Part | undefined {
  const { weakSlices: weak } = record;
  if (!weak) return undefined;
  const among = `among ${weak.features.join(', ')}, alone and in pairs`;
  if (weak.found.length === 0)
    return {
      title: 'Weak slices · none found',
      body: md`Looked for more ${weak.loss} than elsewhere ${among}.`,
    };
  const withChampion = weak.found.some((slice) => slice.champion !== null);
  const rows = weak.found.map((slice, index) => [
    String(index + 1),
    describeSlice(slice.features),
    formatNumber(slice.rows),
    formatNumber(slice.inside, 3),
    formatNumber(slice.outside, 3),
    `${formatSigned(slice.inside - slice.outside, 3)} [${formatSigned(slice.interval[0], 3)},\u00a0${formatSigned(slice.interval[1], 3)}]`,
    ...(withChampion ? [formatNumber(slice.champion, 3)] : []),
  ]);
  const header = [
    '',
    'slice',
    'rows',
    'inside',
    'elsewhere',
    'difference',
    ...(withChampion ? ['champion inside'] : []),
  ];
  return {
    title: `Weak slices · ${weak.found.length} found, not judged`,
    body: blocks(
      md`Where this model has more ${weak.loss} than elsewhere, ${among}; the false discovery rate is controlled. Found, not judged: the policy names no limit for them.`,
      table(header, rows, ['right', 'left', 'right', 'right', 'right', 'right', 'right']),
    ),
  };
}

export function fairnessPart(record: Evaluation): Part | undefined {
  const judged = record.metrics.filter((part) => part.block === 'fairness');
  if (judged.length === 0 && record.fairnessGroups.length === 0) return undefined;
  return {
    title: `Fairness${limitsText(judged)}`,
    body: blocks(
      ...(judged.length > 0 ? [comparisonTable(record, judged)] : []),
      ...(record.fairnessGroups.length > 0 ? [groupTable(record)] : []),
    ),
  };
}

function groupTable({ fairnessGroups: groups }: Evaluation): Markdown {
  const withChampion = groups.some((group) => group.champion !== null);
  const rows = groups
    .slice(0, MOST_ROWS)
    .map((group) => [
      group.metric,
      describeSlice(group.group),
      formatNumber(group.rows),
      ...(withChampion ? [formatNumber(group.champion, 3)] : []),
      formatNumber(group.challenger, 3),
      ...(withChampion
        ? [group.challenger === null ? '–' : changeText(group.champion, group.challenger, 3)]
        : []),
    ]);
  const header = withChampion
    ? ['metric', 'group', 'rows', 'champion', 'this model', 'change']
    : ['metric', 'group', 'rows', 'this model'];
  return table(header, rows, ['left', 'left', 'right', 'right', 'right', 'right']);
}
