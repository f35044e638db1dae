import * as z from 'zod';
import { readYamlDocument } from '../../../shared/records/document.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import type { Machine, PriceAnswer } from './price.ts';

const rates = z.record(z.string(), z.number().nonnegative());

/** The user's own prices, in YAML or JSON: what a contract, a discount or a machine of one's own really costs. */
export const pricesFileSchema = z.strictObject({
  /** On demand, by the name that `machine` or `instance-type` has. */
  usd_per_hour: rates,
  spot_usd_per_hour: rates.optional(),
});

/** @throws UserError when there is no such file, or it is not such a file. */
export async function filePrice(file: string, { type, market }: Machine): Promise<PriceAnswer> {
  const { value } = await readYamlDocument(file, pricesFileSchema);
  const onDemand = value.usd_per_hour[type];
  // Managed spot of SageMaker has no price of its own: it asks the same price for fewer seconds.
  const isSpot = market === 'spot' && !type.startsWith('ml.');
  const key = isSpot ? 'spot_usd_per_hour' : 'usd_per_hour';
  const known = value[key] ?? {};
  const usdPerHour = known[type];
  if (usdPerHour === undefined) {
    const like = nearest(type, Object.keys(known));
    return {
      problem: `${file} has no price of ${type} in ${key}.`,
      fix: `${like ? `Did you mean ${like}? ` : ''}Add it: US dollars per hour of one machine.`,
    };
  }
  return { price: { usdPerHour, onDemandUsdPerHour: onDemand ?? null, source: file } };
}
