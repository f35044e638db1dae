/** The AWS price list: the one source that knows every machine in every region, today. It needs credentials. */
import type { AwsOptions } from '../../../shared/aws/client-settings.ts';
import type { ProductFilter } from '../../../shared/aws/price-list-products.ts';
import { UserError } from '../../../shared/errors.ts';
import { type Machine, type PriceAnswer, regionUnknown } from './price.ts';
import { type Attributes, type ListedPrice, listedPrices } from './price-list-answer.ts';

/** Of the plain machine of EC2: the service's own filters are told of it, and its answer is held to it. */
export const EC2_ATTRIBUTES = {
  operatingSystem: 'Linux',
  tenancy: 'Shared',
  preInstalledSw: 'NA',
  capacitystatus: 'Used',
};

/** The price on demand of a machine of EC2, or of one of SageMaker for training. @throws UserError when AWS refuses. */
export async function listedPrice(machine: Machine, options: AwsOptions): Promise<PriceAnswer> {
  const { type, region } = machine;
  if (region === undefined) return regionUnknown(type);
  const { service, filters, attributes } = questionOf(type, region);
  const { readPriceListProducts } = await import('../../../shared/aws/price-list-products.ts');
  const products = await readPriceListProducts(service, filters, options);
  const [price, ...others] = pricesOf(products, attributes);
  if (price === undefined) {
    return {
      problem: `The AWS price list has no ${type} in ${region}.`,
      fix: 'Check its name and the region, or name it in a file of prices.',
    };
  }
  if (others.length > 0) {
    return {
      problem: `The AWS price list has ${others.length + 1} prices of ${type} in ${region}.`,
      fix: 'Name the right one in a file of prices.',
    };
  }
  const { usdPerHour, date } = price;
  const source = `the AWS price list${date && `, of ${date}`}`;
  return { price: { usdPerHour, onDemandUsdPerHour: usdPerHour, source } };
}

function questionOf(type: string, region: string) {
  return type.startsWith('ml.') ? sagemakerQuestion(type, region) : ec2Question(type, region);
}

/** A usage type is `USE1-Train:ml.g5.xlarge`. The prefix of a region is none that can be computed from its name. */
function sagemakerQuestion(type: string, region: string) {
  const usage = `Train:${type}`;
  const filters: ProductFilter[] = [
    { field: 'regionCode', type: 'TERM_MATCH', value: region },
    { field: 'usagetype', type: 'CONTAINS', value: usage },
  ];
  const attributes: Attributes = {
    regionCode: region,
    usagetype: new RegExp(`^([A-Z0-9]+-)?${usage.replaceAll('.', '\\.')}$`),
  };
  return { service: 'AmazonSageMaker', filters, attributes };
}

function ec2Question(type: string, region: string) {
  const attributes = { instanceType: type, regionCode: region, ...EC2_ATTRIBUTES };
  const filters = Object.entries(attributes).map(
    ([field, value]): ProductFilter => ({ field, type: 'TERM_MATCH', value }),
  );
  return { service: 'AmazonEC2', filters, attributes };
}

function pricesOf(products: readonly string[], attributes: Attributes): ListedPrice[] {
  try {
    return listedPrices(products, attributes);
  } catch (cause) {
    throw new UserError('The AWS price list answered with a product that is none of its format aws_v1.', {
      fix: 'Name the price in a file of prices.',
      cause,
    });
  }
}
