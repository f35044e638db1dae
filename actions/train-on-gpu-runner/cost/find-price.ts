import type { AwsOptions } from '../../../shared/aws/client-settings.ts';
import type { Machine, PriceAnswer } from './price.ts';
import { filePrice } from './prices-file.ts';
import { shippedPrice } from './shipped-prices.ts';

/**
 * The price of a machine from where the input `prices` says: `table` (ships with the action), `aws` (the AWS price
 * list), or the path of a file. Spot of EC2 is asked of EC2 itself, unless a file has it.
 * @throws UserError for a file that is none, and when AWS refuses its price list, which was asked for by name.
 */
export async function findPrice(
  machine: Machine,
  prices: string,
  now: Date,
  options: AwsOptions,
): Promise<PriceAnswer> {
  if (prices !== 'table' && prices !== 'aws') return filePrice(prices, machine);
  const onDemand =
    prices === 'table'
      ? await shippedPrice(machine)
      : await (await import('./price-list.ts')).listedPrice(machine, options);
  // Managed spot of SageMaker asks the price on demand for fewer seconds.
  if (machine.market === 'on-demand' || machine.type.startsWith('ml.')) return onDemand;
  const { spotPrice } = await import('./spot-price.ts');
  return spotPrice(machine, 'price' in onDemand ? onDemand.price.usdPerHour : null, now, options);
}
