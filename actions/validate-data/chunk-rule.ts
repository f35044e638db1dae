import type { ChunkRule } from '../../shared/data/chunks.ts';
import { columnKind } from '../../shared/data/columns.ts';
import type { LoadedTable } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { Contract } from '../../shared/records/contract.ts';
import { nearest } from '../../shared/records/nearest.ts';
import type { Given } from './inputs.ts';

/** The chunks that are asked for; a period needs a time column, the input's, the contract's or the only one. */
export function chunkRule(
  given: Given,
  loaded: LoadedTable,
  contract: Contract | undefined,
): ChunkRule | undefined {
  if (!given.chunk) {
    if (given.timestamp === undefined) return undefined;
    throw new UserError('The input timestamp has no meaning without chunk.', { where: { key: 'timestamp' } });
  }
  if ('rows' in given.chunk) return given.chunk;
  const times = loaded.columns
    .filter((column) => columnKind(column.type) === 'time')
    .map((column) => column.name);
  const promised = contract?.slaProperties?.find(({ property }) => property === 'freshness')?.element;
  const column =
    given.timestamp ??
    times.find((name) => promised?.split('.').at(-1) === name) ??
    (times.length === 1 ? times[0] : undefined);
  if (column !== undefined && times.includes(column))
    return { column, milliseconds: given.chunk.milliseconds };
  const guess = column === undefined ? undefined : nearest(column, times);
  throw new UserError(
    column === undefined
      ? 'It is open which column the periods of chunk are cut by.'
      : `${column} is no time column of the data.`,
    {
      where: { key: 'timestamp' },
      fix: guess
        ? `Did you mean ${guess}?`
        : `Set timestamp; time columns are: ${times.join(', ') || 'none'}.`,
    },
  );
}
