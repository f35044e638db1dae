/** The columns in the report of drift-check. Pure. */
import type { DriftColumn } from '../../shared/records/drift-check.ts';
import {
  code,
  formatNumber,
  formatShare,
  type Inline,
  type Markdown,
  md,
  table,
} from '../../shared/report/markdown.ts';
import { measureMeaning, measureUnit } from '../../shared/report/measure-names.ts';

function statusLabel(column: DriftColumn): string {
  if (column.status === 'drifts') return '⚠️\u00a0drifts';
  if (column.status === 'missing') return '❌\u00a0missing';
  if (column.status === 'type_changed') return '❌\u00a0type changed';
  if (column.status === 'new') return '–\u00a0new';
  return column.status === 'steady' ? '✅\u00a0steady' : '–\u00a0not judged';
}

function formatP(value: number | null): string {
  if (value === null) return '–';
  return value < 0.001 ? '< 0.001' : formatNumber(value, 3);
}

/** What else there is to say of a column in its row. */
function remark(column: DriftColumn): Inline {
  const parts: string[] = [];
  if (column.note) parts.push(column.note);
  for (const aspect of column.aspects ?? []) {
    const name = aspect.name.replaceAll('_', ' ');
    parts.push(`${name}: ${formatNumber(aspect.effect, 3)}${aspect.drifts ? ', drifts' : ''}`);
  }
  if (column.decidedBy === 'measure') parts.push('decided by the measure alone');
  if (column.decidedBy === 'p_value') parts.push('decided by p alone');
  if (column.nulls?.drifts) {
    parts.push(`nulls ${formatShare(column.reference?.nullShare)} → ${formatShare(column.data?.nullShare)}`);
  }
  if (column.unseenCount > 0) {
    const named = column.unseen
      .slice(0, 3)
      .map(({ value, rows }) => `${value} (${formatNumber(rows)} row${rows === 1 ? '' : 's'})`);
    const more =
      column.unseenCount > named.length ? ` and ${formatNumber(column.unseenCount - named.length)} more` : '';
    parts.push(`never seen before: ${named.join(', ')}${more}`);
  }
  return parts.join('; ');
}

function centre(column: DriftColumn): string {
  const { reference, data } = column;
  if (reference?.mean != null && data?.mean != null) return arrow(reference.mean, data.mean);
  if (reference?.distinct != null && data?.distinct != null)
    return `${formatNumber(reference.distinct)} → ${formatNumber(data.distinct)} values`;
  return '–';
}

/** `13.30 → 6.84`: both with the decimals of the finer one, or by powers of ten where they are huge or tiny. */
function arrow(before: number, now: number): string {
  const sizes = [before, now].map(Math.abs).filter((size) => size > 0);
  if (sizes.some((size) => size >= 1e9 || size < 1e-4)) {
    return [before, now].map((value) => value.toExponential(2).replace(/-/g, '−')).join(' → ');
  }
  const decimals = Math.max(0, ...sizes.map((size) => Math.min(6, 2 - Math.floor(Math.log10(size)))));
  return `${formatNumber(before, decimals)} → ${formatNumber(now, decimals)}`;
}

/** Which effect is measured by what. */
export function measureLine(columns: readonly DriftColumn[]): string {
  const measures = [...new Set(columns.flatMap((column) => column.measure ?? []))];
  if (measures.length === 0) return '';
  const parts = measures.map((measure) => {
    const names = columns.filter((column) => column.measure === measure).map((column) => column.name);
    const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
    return `${measureMeaning(measure)} of ${shown}`;
  });
  return `Effect: ${parts.join('; ')}.`;
}

export function columnTable(columns: readonly DriftColumn[], approximate: boolean): Markdown {
  const sign = approximate ? '≈ ' : '';
  return table(
    ['column', 'mean or values', 'effect', 'counts from', 'p, adjusted', 'importance', 'verdict', 'remark'],
    columns.map((column) => [
      md`${code(column.name)}${column.role === 'prediction' ? ', prediction' : ''}`,
      centre(column),
      column.effect === null
        ? '–'
        : sign +
          formatNumber(Math.min(column.effect, 1e6), 3) +
          (column.effectError ? `\u00a0±\u00a0${formatNumber(column.effectError, 3)}` : '') +
          measureUnit(column.measure),
      column.measure === null || column.decidedBy === 'p_value'
        ? '–'
        : `${column.decidedBy === 'measure' ? '>' : '≥'}\u00a0${formatNumber(column.minEffect, 2)}${measureUnit(column.measure)}`,
      formatP(column.adjustedPValue),
      column.importance === null ? '–' : formatShare(column.importance, 0),
      statusLabel(column),
      remark(column),
    ]),
    ['left', 'right', 'right', 'right', 'right', 'right', 'left', 'left'],
  );
}

const ORDER: DriftColumn['status'][] = ['missing', 'type_changed', 'drifts', 'steady', 'not_judged', 'new'];

/** What is wrong first; among equals the important ones, then the larger effect. */
export function rankColumns(columns: readonly DriftColumn[]): DriftColumn[] {
  return [...columns].sort(
    (a, b) =>
      ORDER.indexOf(a.status) - ORDER.indexOf(b.status) ||
      (b.importance ?? 0) - (a.importance ?? 0) ||
      (b.effect ?? 0) - (a.effect ?? 0) ||
      (a.name < b.name ? -1 : 1),
  );
}
