import { nearest } from '../../../shared/records/nearest.ts';
import { type Machine, type PriceAnswer, regionUnknown } from './price.ts';

/** What the table that ships knows of a machine on demand, whatever its market. */
export async function shippedPrice(
  { type, region }: Machine,
  given?: ReturnType<typeof import('./price-table.ts').readTable>,
): Promise<PriceAnswer> {
  const table = given ?? (await import('./price-table.ts')).readTable();
  const prices = region === undefined ? undefined : table.get(region);
  const found = prices?.get(type);
  if (found) {
    return {
      price: {
        usdPerHour: found.usdPerHour,
        onDemandUsdPerHour: found.usdPerHour,
        source: `the table of prices that ships, of ${found.date}`,
      },
    };
  }
  const other = 'Set prices to aws, which asks the AWS price list, or to a file that names it.';
  const types = new Set([...table.values()].flatMap((known) => [...known.keys()]));
  if (type.startsWith('ml.') && ![...types].some((known) => known.startsWith('ml.'))) {
    return {
      problem: 'The prices that ship know no machines of SageMaker.',
      fix: `Set prices to aws, which asks the AWS price list, or to a file that names ${type}.`,
    };
  }
  if (!types.has(type)) {
    const like = nearest(type, [...types]);
    return {
      problem: `The prices that ship know no machine ${type}.`,
      fix: like ? `Did you mean ${like}? ${other}` : other,
    };
  }
  if (region === undefined) return regionUnknown(type);
  return { problem: `The prices that ship know none of ${type} in ${region}.`, fix: other };
}
