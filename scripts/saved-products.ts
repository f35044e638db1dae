/** Products of saved answers of the AWS price list. */
import * as z from 'zod';
import { UserError } from '../shared/errors.ts';

/** Of `aws pricing get-products`: each product is a text. */
const answerSchema = z.object({ PriceList: z.array(z.string()) });

/**
 * A bulk file keeps a service's products and their terms apart.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
const bulkSchema = z.object({
  publicationDate: z.string(),
  products: z.record(z.string(), z.unknown()),
  terms: z.object({ OnDemand: z.record(z.string(), z.unknown()).optional() }),
});

/** @returns products as `PriceList` holds them. @throws UserError for a file that is none of both. */
export function readProducts(text: string, file: string): string[] {
  const wrong = (cause?: unknown) =>
    new UserError(`${file} is no answer of the AWS price list.`, {
      fix: 'Save one by "aws pricing get-products --service-code AmazonEC2 …", or fetch a bulk file.',
      cause,
    });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw wrong(cause);
  }
  const answer = answerSchema.safeParse(content);
  if (answer.success) return answer.data.PriceList;
  const bulk = bulkSchema.safeParse(content);
  if (!bulk.success) throw wrong(bulk.error);
  const { products, terms, publicationDate } = bulk.data;
  return Object.entries(products).map(([sku, product]) => {
    const onDemand = terms.OnDemand?.[sku];
    return JSON.stringify({
      ...{ product, publicationDate },
      terms: onDemand === undefined ? {} : { OnDemand: onDemand },
    });
  });
}
