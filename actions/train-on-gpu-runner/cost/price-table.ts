/** The prices that ship. Spot prices are not here, since they change from hour to hour. */
import { PRICE_TABLES, type PriceTable } from './price-tables.ts';

export interface TablePrice {
  usdPerHour: number;
  /** When AWS asked it: `2026-08-26`. */
  date: string;
}

/** The prices by type, of each region. */
export function readTable(
  tables: readonly PriceTable[] = PRICE_TABLES,
): ReadonlyMap<string, ReadonlyMap<string, TablePrice>> {
  const regions = new Map<string, Map<string, TablePrice>>();
  for (const { date, text } of tables) {
    for (const [type, region, cell] of cellsOf(text)) {
      if (cell === '') continue;
      const prices = regions.get(region) ?? new Map<string, TablePrice>();
      regions.set(region, prices.set(type, { usdPerHour: Number(cell), date }));
    }
  }
  return regions;
}

/** Each cell with the head of its row and of its column. */
function cellsOf(text: string): [row: string, column: string, cell: string][] {
  const [header = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()));
  return rows.flatMap((row) =>
    header
      .slice(1)
      .map((column, index): [string, string, string] => [row[0] ?? '', column, row[index + 1] ?? '']),
  );
}
