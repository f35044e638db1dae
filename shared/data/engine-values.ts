import type {
  DuckDBDoubleVector,
  DuckDBMaterializedResult,
  DuckDBResult,
  DuckDBVector,
} from '@duckdb/node-api';

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
      const isNull = nullTest(vector);
      if (values instanceof Float64Array) {
        if (vector instanceof DuckDBDoubleVector) copyNumbers(vector, isNull, values, nulls, offset);
        continue;
      }
      for (let row = 0; row < rowCount; row++) {
        const value = isNull?.(row) ? null : vector.getItem(row);
        if (value === null) nulls[offset + row] = 1;
        values[offset + row] = value === null ? null : String(value);
      }
    }
    offset += rowCount;
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]!]));
}

type Numbers = Pick<DuckDBDoubleVector, 'itemCount' | 'getItem'>;

function copyNumbers(
  vector: Numbers,
  isNull: ((row: number) => boolean) | undefined,
  values: Float64Array,
  nulls: Uint8Array,
  offset: number,
): void {
  copyItems(vector, values, offset);
  if (!isNull) return;
  for (let row = 0; row < vector.itemCount; row++) {
    if (!isNull(row)) continue;
    nulls[offset + row] = 1;
    values[offset + row] = Number.NaN;
  }
}

/** All numbers at once, of a null whatever stands there. */
function copyItems(vector: Numbers, values: Float64Array, offset: number): void {
  // The package keeps the memory to itself and gives it out number by number, which takes ten times as long.
  const items: unknown = Reflect.get(vector, 'items');
  if (items instanceof Float64Array) values.set(items, offset);
  else
    for (let row = 0; row < vector.itemCount; row++) values[offset + row] = vector.getItem(row) ?? Number.NaN;
}

/** Tells which rows of a vector are null; undefined where none is. */
function nullTest(vector: DuckDBVector): ((row: number) => boolean) | undefined {
  const validity: unknown = Reflect.get(vector, 'validity');
  const bits: unknown = Reflect.get(Object(validity), 'data');
  if (bits === null) return undefined;
  const first: unknown = Reflect.get(Object(validity), 'offset');
  if (!(bits instanceof BigUint64Array) || first !== 0) return (row) => vector.getItem(row) === null;
  // Halves of 32 bits: to look into a BigInt makes a new one for every row.
  const halves = new Uint32Array(bits.buffer, bits.byteOffset, 2 * bits.length);
  return (row) => ((halves[row >>> 5]! >>> (row & 31)) & 1) === 0;
}

/** Copies a streamed result of columns of DOUBLE, without the nulls. */
export async function readNumbers(
  result: DuckDBResult,
  rooms: readonly Float64Array[],
): Promise<Float64Array[]> {
  const { DuckDBDoubleVector } = await import('./engine-library.ts');
  const filled = Array.from({ length: result.columnCount }, () => 0);
  for (;;) {
    // One after the other, since a whole result would stay in memory until its collection.
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return filled.map((count, index) => rooms[index]!.subarray(0, count));
    for (const [index, room] of rooms.slice(0, filled.length).entries()) {
      const vector = chunk.getColumnVector(index);
      if (!(vector instanceof DuckDBDoubleVector)) throw new TypeError('The statement gives no DOUBLE');
      const begin = filled[index]!;
      copyItems(vector, room, begin);
      filled[index] = begin + withoutNulls(vector, room, begin);
    }
  }
}

/** Moves the numbers of a vector together that were copied to a place. @returns how many there are. */
function withoutNulls(vector: DuckDBDoubleVector, room: Float64Array, begin: number): number {
  const isNull = nullTest(vector);
  if (!isNull) return vector.itemCount;
  let end = begin;
  for (let row = 0; row < vector.itemCount; row++) {
    if (isNull(row)) continue;
    room[end] = room[begin + row]!;
    end += 1;
  }
  return end - begin;
}
