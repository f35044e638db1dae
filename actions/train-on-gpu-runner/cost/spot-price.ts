import type { AwsOptions } from '../../../shared/aws/client-settings.ts';
import { UserError } from '../../../shared/errors.ts';
import { type Machine, type PriceAnswer, regionUnknown } from './price.ts';

const IN_FILE = 'Name it in spot_usd_per_hour of a file of prices.';

/**
 * What spot costs now, as EC2 tells it. Where its zone is not known the dearest of the region is taken, so that a
 * budget holds in each. What EC2 refuses is a problem and no error: a training needs no price.
 * @param onDemandUsdPerHour for the saving. @throws the reason of the signal when it is aborted.
 */
export async function spotPrice(
  { type, region, zone }: Machine,
  onDemandUsdPerHour: number | null,
  now: Date,
  options: AwsOptions,
): Promise<PriceAnswer> {
  if (region === undefined) return regionUnknown(type);
  try {
    const { readSpotPrices } = await import('../../../shared/aws/spot-prices.ts');
    const prices = await readSpotPrices({ type, zone, at: now }, { ...options, region });
    if (prices.length === 0) {
      return { problem: `EC2 knows no spot price of ${type} in ${zone ?? region}.`, fix: IN_FILE };
    }
    const source = `the spot prices of EC2 in ${zone ?? region}, of ${now.toISOString().slice(0, 10)}`;
    return { price: { usdPerHour: Math.max(...prices), onDemandUsdPerHour, source } };
  } catch (error) {
    if (options.signal?.aborted || !(error instanceof UserError)) throw error;
    return {
      problem: `The price of spot is not known: ${error.message}`,
      fix: `${error.fix} ${IN_FILE}`.trim(),
    };
  }
}
