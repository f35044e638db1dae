/** The other parts of the policy: speed, resources, explanations, changed decisions, leakage. */
import { capitalized } from '../../../shared/capitalized.ts';
import type { Block, Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import { blockLine } from '../../../shared/report/evaluation/curve-points.ts';
import { loadText, rankedAttributions } from '../../../shared/report/evaluation/sentences.ts';
import {
  blocks,
  formatNumber,
  formatShare,
  type Inline,
  type Markdown,
  md,
  table,
} from '../../../shared/report/markdown.ts';
import { comparisonTable } from './comparison-table.ts';
import type { Part } from './slices.ts';
import { BLOCK_NAMES, limitsText } from './summary.ts';

const PERCENTILES = [0.5, 0.9, 0.95, 0.99];
const MOST_FEATURES = 10;

const resultsOf = (record: Evaluation, block: Block): MetricResult[] =>
  record.metrics.filter((part) => part.block === block);

function blockPart(
  record: Evaluation,
  block: keyof typeof BLOCK_NAMES,
  ...below: (Inline | undefined)[]
): Part | undefined {
  const results = resultsOf(record, block);
  const shown = below.filter((part): part is Inline => part !== undefined);
  if (results.length === 0 && shown.length === 0) return undefined;
  const name = BLOCK_NAMES[block];
  return {
    title: `${capitalized(name)}${limitsText(results)}`,
    body: blocks(...(results.length > 0 ? [comparisonTable(record, results)] : []), ...shown),
  };
}

export function latencyPart(record: Evaluation): Part | undefined {
  const { load } = record;
  return blockPart(
    record,
    'latency',
    load ? quantileTable(load) : undefined,
    load ? md`${loadText(load)}` : undefined,
  );
}

type Load = NonNullable<Evaluation['load']>;

function quantileTable(load: Load): Markdown | undefined {
  const sides = [
    ...(load.champion ? [{ name: 'champion', side: load.champion }] : []),
    { name: 'this model', side: load.challenger },
  ];
  const known = PERCENTILES.filter((share) => sides.some(({ side }) => at(side, share) !== undefined));
  if (known.length === 0) return undefined;
  const rows = sides.map(({ name, side }): Inline[] => [
    name,
    ...known.map((share) => formatNumber(at(side, share), 1)),
  ]);
  return table(['answered within, ms', ...known.map((share) => formatShare(share, 0))], rows, [
    'left',
    ...known.map(() => 'right' as const),
  ]);
}

const at = (side: Load['challenger'], share: number): number | undefined =>
  side.quantiles.find(([of]) => Math.abs(of - share) < 1e-9)?.[1];

export const resourcesPart = (record: Evaluation): Part | undefined => blockPart(record, 'resources');

export const leakagePart = (record: Evaluation): Part | undefined => blockPart(record, 'leakage');

/** In which direction decisions flip stands in the names of the shares. */
export const churnPart = (record: Evaluation): Part | undefined => blockPart(record, 'churn');

export function attributionsPart(record: Evaluation): Part | undefined {
  const ranked = rankedAttributions(record.attributions ?? []);
  return blockPart(record, 'explainability', ranked.length > 0 ? attributionTable(ranked) : undefined);
}

function attributionTable(ranked: ReturnType<typeof rankedAttributions>): Markdown {
  const shown = ranked.slice(0, MOST_FEATURES);
  const largest = (side: 'champion' | 'challenger'): number =>
    Math.max(...ranked.map((entry) => Math.abs(entry[side] ?? 0)), Number.MIN_VALUE);
  const cell = (entry: (typeof shown)[number], side: 'champion' | 'challenger'): string => {
    const value = entry[side];
    if (value === null) return '–';
    const rank = side === 'champion' ? entry.championRank : entry.challengerRank;
    return `${blockLine([Math.abs(value) / largest(side)])} ${formatNumber(value, 4)} (${rank})`;
  };
  const withChampion = ranked.some((entry) => entry.champion !== null);
  const rows = shown.map((entry): Inline[] => [
    entry.feature,
    ...(withChampion ? [cell(entry, 'champion')] : []),
    cell(entry, 'challenger'),
  ]);
  const rest = ranked.length - shown.length;
  return blocks(
    table(
      withChampion ? ['feature', 'champion (rank)', 'this model (rank)'] : ['feature', 'this model (rank)'],
      rows,
      ['left', 'right', 'right'],
    ),
    rest > 0 ? `${rest} more features are on the page.` : '',
  );
}
