/** Slices by metric as a table of differences, each with a level for its colour and the same in a word. */
import type { Evaluation, MetricResult } from '../../records/evaluation.ts';
import { formatNumber, formatSigned } from '../numbers.ts';
import { describePart, describeSlice, metricDecimals } from './names.ts';

/** From a broken limit to a shown gain; `none` where there is nothing to colour. */
export type HeatLevel = 'broken' | 'lower' | 'unsure' | 'same' | 'gain' | 'none';

export interface HeatCell {
  level: HeatLevel;
  /** The signed difference, or the value where there is no champion. */
  text: string;
  word: string;
}

export interface HeatRow {
  name: string;
  rows: number | null;
  /** By column; undefined where the policy does not ask. */
  cells: (HeatCell | undefined)[];
}

export interface HeatTable {
  columns: { name: string; arrow: string }[];
  rows: HeatRow[];
  broken: number;
  unsure: number;
}

const SEVERITY: readonly HeatLevel[] = ['broken', 'unsure', 'lower', 'none', 'same', 'gain'];

/** The worst slices first; undefined without any. */
export function heatTable(record: Pick<Evaluation, 'slices'>): HeatTable | undefined {
  const columns = new Map<string, MetricResult>();
  const bySlice = new Map<string, Map<string, MetricResult>>();
  for (const result of record.slices) {
    const column = describePart({ ...result, slice: null });
    if (!columns.has(column)) columns.set(column, result);
    const key = JSON.stringify(Object.entries(result.slice ?? {}));
    const found = bySlice.get(key) ?? new Map<string, MetricResult>();
    bySlice.set(key, found.set(column, result));
  }
  if (bySlice.size === 0) return undefined;
  const names = [...columns.keys()];
  const decimals = new Map(names.map((name) => [name, columnDecimals(record, name)]));
  const rows = [...bySlice.values()].map((results): HeatRow => {
    const [first] = [...results.values()];
    return {
      name: describeSlice(first!.slice ?? {}),
      rows: first!.rows,
      cells: names.map((name) => {
        const result = results.get(name);
        return result && heatCell(result, decimals.get(name)!);
      }),
    };
  });
  const worst = (row: HeatRow): number =>
    Math.min(...row.cells.map((cell) => (cell ? SEVERITY.indexOf(cell.level) : SEVERITY.length)));
  const having = (level: HeatLevel): number =>
    rows.filter((row) => row.cells.some((cell) => cell?.level === level)).length;
  return {
    columns: names.map((name) => ({ name, arrow: ARROWS[columns.get(name)!.direction] })),
    rows: rows.sort((a, b) => worst(a) - worst(b) || (b.rows ?? 0) - (a.rows ?? 0)),
    broken: having('broken'),
    unsure: having('unsure'),
  };
}

export const ARROWS = { higher: '↑', lower: '↓' } as const;

/** Numbers under one another have the same decimals, as many as the best known of them justifies, but four at most. */
function columnDecimals(record: Pick<Evaluation, 'slices'>, column: string): number {
  const ofColumn = record.slices.filter((result) => describePart({ ...result, slice: null }) === column);
  return Math.min(4, Math.max(...ofColumn.map(metricDecimals)));
}

/** The colour says what the word says: whether a limit is broken, then whether the interval leaves zero. */
function heatCell(result: MetricResult, decimals: number): HeatCell {
  const text =
    result.difference === null
      ? formatNumber(result.challenger, decimals)
      : formatSigned(result.difference, decimals);
  return { ...levelOf(result), text };
}

function levelOf(result: MetricResult): Pick<HeatCell, 'level' | 'word'> {
  const { verdict, word } = result;
  if (verdict === 'fail' || verdict === 'warn')
    return { level: 'broken', word: result.waiver ? `${word}, waived` : word };
  if (verdict === 'inconclusive') return { level: 'unsure', word };
  if (verdict === 'missing' || verdict === 'not_judged') return { level: 'none', word };
  if (!result.interval || result.difference === null) return { level: 'same', word };
  const sign = result.direction === 'higher' ? 1 : -1;
  const ends = result.interval.map((end) => sign * end);
  if (Math.min(...ends) > 0) return { level: 'gain', word: 'better' };
  if (Math.max(...ends) < 0) return { level: 'lower', word: 'worse, within its limit' };
  return { level: 'same', word };
}
