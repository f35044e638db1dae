import { QUANTILE_SHARES } from '../records/data-profile.ts';
import type { Engine } from './engine.ts';
import { finiteCountQuery, type ProfiledColumn, positionsQuery } from './sketch-queries.ts';

export interface SharedQuantiles {
  /** At QUANTILE_SHARES. */
  reported: number[];
  /** Ascending, without repetition: upper bounds of the bins of a histogram. */
  edges: number[];
}

/** Edges stand at these shares: 40 equal parts, and the tails more finely. */
const EDGE_SHARES = [
  0.001,
  0.005,
  0.01,
  ...Array.from({ length: 39 }, (_, index) => (index + 1) / 40),
  0.99,
  0.995,
  0.999,
];

/**
 * Exact quantiles of a column's finite values, linear between neighbours (type 7 of Hyndman & Fan 1996, NumPy's
 * default). One sort answers all shares; DuckDB's quantile_cont with a list selects anew for each.
 * @param all every distinct value with its count, where that is known: then nothing is read.
 */
export async function columnQuantiles(
  engine: Engine,
  from: string,
  column: ProfiledColumn,
  all: readonly { number: number | null; count: number }[] | undefined,
): Promise<SharedQuantiles | undefined> {
  const shares = [...new Set([...EDGE_SHARES, ...QUANTILE_SHARES])];
  return sharedQuantiles(all ? fromCounts(all) : await fromTable(engine, from, column, shares));
}

/** Quantiles and edges of the finite values of a column in their order; undefined where there is none. */
export function sharedQuantiles(lookup: OrderedValues): SharedQuantiles | undefined {
  if (lookup.count === 0) return undefined;
  const at = (share: number): number => interpolate(lookup, share);
  return {
    reported: QUANTILE_SHARES.map(at),
    edges: [...new Set(EDGE_SHARES.map(at))].sort((a, b) => a - b),
  };
}

export interface OrderedValues {
  count: number;
  /** The value at a 1-based position of the ascending order. */
  at(position: number): number;
}

function interpolate(lookup: OrderedValues, share: number): number {
  const [lower, part] = place(share, lookup.count);
  const below = lookup.at(lower);
  if (part === 0) return below;
  const above = lookup.at(lower + 1);
  if (above === below) return below;
  const apart = above - below;
  // Far apart, two numbers are further from each other than a number can be large.
  return Number.isFinite(apart) ? below + part * apart : (1 - part) * below + part * above;
}

/** The 1-based position below a share, and how far towards the next it lies. */
function place(share: number, count: number): [number, number] {
  const exact = share * (count - 1);
  const lower = Math.floor(exact);
  return [lower + 1, exact - lower];
}

function fromCounts(all: readonly { number: number | null; count: number }[]): OrderedValues {
  const sorted = all.flatMap(({ number, count }) => (number === null ? [] : [{ number, count }]));
  sorted.sort((a, b) => a.number - b.number);
  return {
    count: sorted.reduce((sum, entry) => sum + entry.count, 0),
    at(position) {
      let last = 0;
      return sorted.find((entry) => {
        last += entry.count;
        return last >= position;
      })!.number;
    },
  };
}

async function fromTable(
  engine: Engine,
  from: string,
  column: ProfiledColumn,
  shares: readonly number[],
): Promise<OrderedValues> {
  const [counted] = await engine.rows(finiteCountQuery(from, column));
  const count = Number(counted?.n);
  if (count === 0) return { count, at: () => Number.NaN };
  const positions = new Set(shares.flatMap((share) => [place(share, count)[0], place(share, count)[0] + 1]));
  const rows = await engine.rows(positionsQuery(from, column, [...positions]));
  const values = new Map(rows.map((row) => [Number(row.position), Number(row.value)]));
  return { count, at: (position) => values.get(position)! };
}
