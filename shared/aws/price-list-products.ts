/** Products of the AWS price list, as the texts that AWS gives. The list of all regions is served by one of them. */
import { type Filter, GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { PageBound } from '../page-bound.ts';
import { awsError } from './aws-error.ts';
import { type AwsOptions, clientSettings } from './client-settings.ts';

const REGION_OF_API = 'us-east-1';
/** What the narrow questions here ask for is a handful. */
const MOST_PRODUCTS = 2_000;
const DOING = { what: 'read the AWS price list', permission: 'pricing:GetProducts', resource: '*' };

export interface ProductFilter {
  field: string;
  /** The whole value, or a part of it. */
  type: 'TERM_MATCH' | 'CONTAINS';
  value: string;
}

/**
 * @param service `AmazonEC2`, `AmazonSageMaker`. @param filters of which each must hold.
 * @throws UserError when AWS refuses, or lists more than such a question should find.
 */
export async function readPriceListProducts(
  service: string,
  filters: readonly ProductFilter[],
  options: AwsOptions,
): Promise<string[]> {
  const client = new PricingClient(clientSettings('PRICING', { ...options, region: REGION_OF_API }));
  const bound = new PageBound('the AWS price list', MOST_PRODUCTS);
  const Filters = filters.map(
    ({ field, type, value }): Filter => ({ Field: field, Type: type, Value: value }),
  );
  const products: string[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetProductsCommand({
      ServiceCode: service,
      Filters,
      FormatVersion: 'aws_v1',
      NextToken,
    });
    const page = await client.send(command, { abortSignal: options.signal }).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw awsError(error, DOING, options.env);
    });
    const texts = page.PriceList ?? [];
    products.push(...texts.map(String));
    NextToken = page.NextToken || undefined;
    bound.turn(texts.length, NextToken);
  } while (NextToken !== undefined);
  return products;
}
