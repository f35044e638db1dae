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
  const { DuckDBDoubleVector } = await import('./engine-library.ts');
  const names = result.deduplicatedColumnNames();
  const columns = names.map(() => ({ numbers: [] as Float64Array[], texts: [] as (string | null)[] }));
  const nulls = names.map(() => new Uint8Array(result.rowCount));
  let offset = 0;
  for (let chunkIndex = 0; chunkIndex < result.chunkCount; chunkIndex++) {
    const chunk = result.getChunk(chunkIndex);
    for (const [index, column] of columns.entries()) {
      const vector = chunk.getColumnVector(index);
      const mask = nulls[index]!;
      if (vector instanceof DuckDBDoubleVector) {
        column.numbers.push(copyNumbers(vector, mask, offset));
        continue;
      }
      for (let row = 0; row < chunk.rowCount; row++) {
        const value = vector.getItem(row);
        if (value === null) mask[offset + row] = 1;
        column.texts.push(value === null ? null : String(value));
      }
    }
    offset += chunk.rowCount;
  }
  const { DuckDBTypeId } = await import('./engine-library.ts');
  return Object.fromEntries(
    names.map((name, index) => {
      const column = columns[index]!;
      const isNumeric = result.columnTypeId(index) === DuckDBTypeId.DOUBLE;
      return [
        name,
        { values: isNumeric ? joinNumbers(column.numbers, offset) : column.texts, nulls: nulls[index]! },
      ];
    }),
  );
}

interface DoubleVector {
  itemCount: number;
  getItem(index: number): number | null;
}

function copyNumbers(vector: DoubleVector, mask: Uint8Array, offset: number): Float64Array {
  const numbers = new Float64Array(vector.itemCount);
  for (let row = 0; row < numbers.length; row++) {
    const value = vector.getItem(row);
    if (value === null) mask[offset + row] = 1;
    numbers[row] = value ?? Number.NaN;
  }
  return numbers;
}

function joinNumbers(parts: Float64Array[], length: number): Float64Array {
  const joined = new Float64Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
