/** The text of the table of prices that ships, from products of the AWS price list. The same products give the same text. */
import { EC2_ATTRIBUTES } from '../actions/train-on-gpu-runner/cost/price-list.ts';
import {
  hasAttributes,
  type PricedProduct,
  readPricedProduct,
} from '../actions/train-on-gpu-runner/cost/price-list-answer.ts';
import { UserError } from '../shared/errors.ts';

export const TABLES_FILE = 'actions/train-on-gpu-runner/cost/price-tables.ts';

/** The columns, in their order. */
export const REGIONS = [
  ...['us-east-1', 'us-east-2', 'us-west-2', 'ca-central-1'],
  ...['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2'],
  ...['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
];

const GPU_FAMILY = /^(g4dn|g5|g6e?|gr6|g7e?|p3(dn)?|p4de?|p5(e|en)?|p6-\w+)$/;
const CPU_FAMILY = /^([cmr]6i|[cmr]7i|[cmr]7g|[cmr]8g)$/;
/** A usage type is `USE1-Train:ml.g5.xlarge`; the region of its prefix is also an attribute. */
const TRAINING = /^(?:[A-Z0-9]+-)?Train:(ml\.[a-z0-9.-]+)$/;
/** Families that SageMaker alone still has. */
const ONLY_SAGEMAKER = /^(c5|m5|r5)$/;

interface Listed {
  type: string;
  region: string;
  usdPerHour: number;
  date: string;
}

/** @throws UserError for a product that is none, for two prices of one machine, and when there is none at all. */
export function tablesModule(products: readonly string[]): { text: string; count: number } {
  const listed = unambiguous(products.flatMap(pricesOf));
  if (listed.length === 0)
    throw new UserError('The price list holds no machine that the table is for.', {
      fix: `It must be of AmazonEC2 or AmazonSageMaker, and of a region of the table: ${REGIONS.join(', ')}.`,
    });
  const [date = ''] = listed
    .map((one) => one.date)
    .sort()
    .reverse();
  if (date === '')
    throw new UserError('The price list does not say of which day it is.', {
      fix: 'Take one that has a publicationDate.',
    });
  const text = `/**
 * US dollars per hour on demand: of EC2 for Linux on shared hardware with nothing preinstalled, of SageMaker (\`ml.\`) for
 * training. An empty cell: not sold in that region when the table was made, or not known. \`npm run prices\` makes this
 * file anew from the AWS price list.
 */
export interface PriceTable {
  /** Day on which AWS asked these prices: \`2026-08-26\`. */
  date: string;
  /** A line for each machine, a column for each region, under a head. */
  text: string;
}

export const PRICE_TABLES: readonly PriceTable[] = [
  {
    date: '${date}',
    text: \`
${tableOf(listed)}
\`,
  },
];
`;
  return { text, count: listed.length };
}

function pricesOf(text: string): Listed[] {
  let product: PricedProduct;
  try {
    product = readPricedProduct(text);
  } catch (cause) {
    throw new UserError(`A product of the price list is none of the format aws_v1: ${text.slice(0, 80)}`, {
      fix: 'Ask for FormatVersion aws_v1.',
      cause,
    });
  }
  const region = product.attributes.regionCode ?? '';
  const type = typeOf(product.attributes);
  if (type === undefined || !REGIONS.includes(region)) return [];
  return product.prices.map((price) => ({ type, region, ...price }));
}

/** Undefined for what nobody trains on, and for everything but the plain machine. */
function typeOf(attributes: PricedProduct['attributes']): string | undefined {
  const training = TRAINING.exec(attributes.usagetype ?? '')?.[1];
  if (training !== undefined) {
    const [, family = ''] = training.split('.');
    return GPU_FAMILY.test(family) || CPU_FAMILY.test(family) || ONLY_SAGEMAKER.test(family)
      ? training
      : undefined;
  }
  const { instanceType = '' } = attributes;
  const [family = ''] = instanceType.split('.');
  const isWanted = GPU_FAMILY.test(family) || CPU_FAMILY.test(family);
  return isWanted && hasAttributes(attributes, EC2_ATTRIBUTES) ? instanceType : undefined;
}

function unambiguous(listed: readonly Listed[]): Listed[] {
  const found = new Map<string, Listed>();
  for (const one of listed) {
    const key = `${one.type} in ${one.region}`;
    const other = found.get(key);
    if (other && other.usdPerHour !== one.usdPerHour)
      throw new UserError(
        `The price list has two prices of ${key}: ${other.usdPerHour} and ${one.usdPerHour}.`,
        {
          fix: 'Look what tells the two apart, and add it to the attributes of the plain machine.',
        },
      );
    if (!other || one.date > other.date) found.set(key, one);
  }
  return [...found.values()];
}

function tableOf(listed: readonly Listed[]): string {
  const prices = new Map(listed.map(({ type, region, usdPerHour }) => [`${type} ${region}`, usdPerHour]));
  const types = [...new Set(listed.map(({ type }) => type))].sort(bySize);
  const regions = REGIONS.filter((region) => listed.some((one) => one.region === region));
  const rows = types.map((type) => [
    type,
    ...regions.map((region) => String(prices.get(`${type} ${region}`) ?? '')),
  ]);
  const table = [['type', ...regions], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join(',')
        .trimEnd(),
    )
    .join('\n');
}

/** Families by their names, the machines of one from the smallest to the largest. */
function bySize(a: string, b: string): number {
  const place = (type: string) => {
    const [, family = '', size = ''] = /^(.*)\.([^.]+)$/.exec(type) ?? [];
    const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
    return { family, size: times === undefined ? (size === 'large' ? 0 : Infinity) : Number(times || 1) };
  };
  const [first, second] = [place(a), place(b)];
  if (first.family !== second.family) return first.family < second.family ? -1 : 1;
  return first.size === second.size ? Number(a > b) - Number(a < b) : first.size - second.size;
}
