import type { ChunkSketch, ColumnSketch } from '../records/data-profile.ts';
import { baseSketch } from './base-sketch.ts';
import { type ChunkRule, chunkedSource, chunkLabel } from './chunks.ts';
import type { Engine } from './engine.ts';
import { byCountThenValue } from './merge-profiles.ts';
import {
  chunkValuesQuery,
  HUGE,
  histogramsQuery,
  momentsQuery,
  type ProfiledColumn,
} from './sketch-queries.ts';

/** A sketch per chunk, in the bins and of the listed values of the sketch of the whole. */
export async function sketchChunks(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
  whole: readonly ColumnSketch[],
  rule: ChunkRule,
): Promise<ChunkSketch[]> {
  const edges = new Map(whole.map(({ name, histogram }) => [name, histogram?.edges ?? []]));
  const huge = new Set(whole.filter(isHuge).map(({ name }) => name));
  const source = chunkedSource(from, rule);
  const moments = await engine.rows(momentsQuery(source, columns, true, huge));
  const query = histogramsQuery(source, columns, edges, true);
  const histograms = query ? await engine.rows(query) : [];
  const counts = new Map<string, Map<string, number>>();
  const keyOf = (chunk: unknown, index: number): string => `${index}:${chunkLabel(chunk, rule)}`;
  for (const [index, column] of columns.entries()) {
    const listed = whole[index]!.top?.values.map((entry) => entry.value) ?? [];
    if (listed.length === 0) continue;
    for (const row of await engine.rows(chunkValuesQuery(source, column, listed))) {
      const key = keyOf(row.chunk, index);
      if (!counts.has(key)) counts.set(key, new Map());
      counts.get(key)!.set(String(row.value), Number(row.n));
    }
  }
  return moments.map((row, chunkIndex) => ({
    label: chunkLabel(row.chunk, rule),
    rowCount: Number(row.rows),
    columns: columns.map((column, index): ColumnSketch => {
      const sketch = baseSketch(column, index, row, histograms[chunkIndex] ?? {}, edges);
      const values = [...(counts.get(keyOf(row.chunk, index)) ?? [])].map(([value, count]) => ({
        value,
        count,
      }));
      const otherCount = sketch.count - values.reduce((sum, entry) => sum + entry.count, 0);
      const top = whole[index]!.top && { values: values.sort(byCountThenValue), otherCount };
      return { ...sketch, distinct: top && otherCount === 0 ? values.length : null, quantiles: null, top };
    }),
  }));
}

function isHuge({ moments }: ColumnSketch): boolean {
  return moments !== null && Math.max(Math.abs(moments.minimum), Math.abs(moments.maximum)) > HUGE;
}
