import * as z from 'zod';

/**
 * One product of the AWS price list in its format `aws_v1`, as far as it is looked at. AWS writes prices as text.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
const productSchema = z.object({
  product: z.object({ attributes: z.record(z.string(), z.string()) }),
  publicationDate: z.string().optional(),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({ unit: z.string(), pricePerUnit: z.record(z.string(), z.string()) }),
          ),
        }),
      )
      .optional(),
  }),
});

export interface ListedPrice {
  usdPerHour: number;
  /** Day on which AWS published the list; empty where it does not say. */
  date: string;
}

export interface PricedProduct {
  attributes: Readonly<Record<string, string>>;
  /** By the hour, on demand; none of what is not sold so. */
  prices: readonly ListedPrice[];
}

/** @param text of one product of `PriceList`. @throws SyntaxError, ZodError for a product that is none. */
export function readPricedProduct(text: string): PricedProduct {
  const { product, terms, publicationDate = '' } = productSchema.parse(JSON.parse(text));
  const prices: ListedPrice[] = [];
  for (const term of Object.values(terms.OnDemand ?? {})) {
    for (const { unit, pricePerUnit } of Object.values(term.priceDimensions)) {
      const usdPerHour = Number(pricePerUnit.USD);
      // Capacity that is reserved already, and hours that are free in a tier, are listed at nothing.
      if (!/^(Hrs|Hours?)$/i.test(unit) || !(usdPerHour > 0)) continue;
      prices.push({ usdPerHour, date: publicationDate.slice(0, 10) });
    }
  }
  return { attributes: product.attributes, prices };
}

/** What must be true of a product. */
export type Attributes = Readonly<Record<string, string | RegExp>>;

/**
 * The hourly prices on demand of those products that have certain attributes.
 * @param products texts of `PriceList`. @param attributes as they must be, by name.
 * @throws SyntaxError, ZodError for a product that is none.
 */
export function listedPrices(products: readonly string[], attributes: Attributes): ListedPrice[] {
  const found = new Map<number, ListedPrice>();
  for (const text of products) {
    const product = readPricedProduct(text);
    if (!hasAttributes(product.attributes, attributes)) continue;
    for (const price of product.prices) found.set(price.usdPerHour, price);
  }
  return [...found.values()];
}

export function hasAttributes(given: Readonly<Record<string, string>>, wanted: Attributes): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    typeof value === 'string' ? given[name] === value : value.test(given[name] ?? ''),
  );
}
