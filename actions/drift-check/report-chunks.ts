/** The chunks in the report of drift-check. Pure. */
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { code, formatNumber, type Inline, type Markdown, md, table } from '../../shared/report/markdown.ts';
import { describeChunk } from './decide.ts';
import { rankColumns } from './report-columns.ts';
import { decimalsOf } from './report-performance.ts';

export function chunkTable(record: DriftCheck): Markdown {
  const metrics = [...new Set(record.performance.map((part) => part.name))];
  const charted = rankColumns(record.columns)
    .filter((column) => column.status === 'drifts' || column.role === 'prediction')
    .filter((column) => record.chunks.some((chunk) => column.name in chunk.effects))
    .slice(0, 4)
    .map((column) => column.name);
  const decimals = Math.max(3, ...record.performance.map(decimalsOf));
  const header: Inline[] = ['chunk', 'rows', ...charted.map((name) => md`effect, ${code(name)}`), ...metrics];
  const rows = record.chunks.map((chunk): Inline[] => [
    `${chunk.part === 'reference' ? 'reference, ' : ''}${describeChunk(chunk).replace('the chunk ', '')}${chunk.judged ? '' : ' (not judged: size)'}`,
    formatNumber(chunk.rows),
    ...charted.map((name) => formatNumber(chunk.effects[name], 3)),
    ...metrics.map((name) => formatNumber(chunk.performance[name], decimals)),
  ]);
  return table(header, rows, ['left', ...header.slice(1).map(() => 'right' as const)]);
}
