import type { DuckDBMaterializedResult } from '@duckdb/node-api';

export interface VectorColumn {
  /** DOUBLE as numbers (NaN for null), everything else as text or null. */
  values: Float64Array | (string | null)[];
  /** One byte a row: 1 where the value is null. */
  nulls: Uint8Array;
}

/** A value of a result as plain JavaScript; whole numbers become `number` where that is exact. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map(plainValue);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainValue(part)]));
  }
  return value;
}

/** Copies a result into one typed array or list per column. */
export async function readVectors(result: DuckDBMaterializedResult): Promise<Record<string, VectorColumn>> {
  const { DuckDBDoubleVector, DuckDBTypeId } = await import('./engine-library.ts');
  const { rowCount: total } = result;
  const names = result.deduplicatedColumnNames();
  const columns = names.map((_, index): VectorColumn => {
    const isNumeric = result.columnTypeId(index) === DuckDBTypeId.DOUBLE;
    const values = isNumeric ? new Float64Array(total) : new Array<string | null>(total);
    return { values, nulls: new Uint8Array(total) };
  });
  let offset = 0;
  for (let chunkIndex = 0; chunkIndex < result.chunkCount; chunkIndex++) {
    const chunk = result.getChunk(chunkIndex);
    const { rowCount } = chunk;
    for (const [index, { values, nulls }] of columns.entries()) {
      const vector = chunk.getColumnVector(index);
      if (values instanceof Float64Array) {
        if (vector instanceof DuckDBDoubleVector) copyNumbers(vector, rowCount, values, nulls, offset);
        continue;
      }
      for (let row = 0; row < rowCount; row++) {
        const value = vector.getItem(row);
        if (value === null) nulls[offset + row] = 1;
        values[offset + row] = value === null ? null : String(value);
      }
    }
    offset += rowCount;
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]!]));
}

function copyNumbers(
  vector: { getItem(index: number): number | null },
  count: number,
  values: Float64Array,
  nulls: Uint8Array,
  offset: number,
): void {
  for (let row = 0; row < count; row++) {
    const value = vector.getItem(row);
    if (value === null) nulls[offset + row] = 1;
    values[offset + row] = value ?? Number.NaN;
  }
}
