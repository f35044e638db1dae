/**
 * Makes the table of prices that ships anew: `npm run prices` asks the AWS price list, for which credentials with
 * pricing:GetProducts are needed; `npm run prices -- --from ec2.json --from sagemaker.json` reads saved answers, of
 * `aws pricing get-products` or of the price list's bulk files. `--to file` writes somewhere else.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EC2_ATTRIBUTES } from '../actions/train-on-gpu-runner/cost/price-list.ts';
import { describeUserError, UserError } from '../shared/errors.ts';
import { REGIONS, TABLES_FILE, tablesModule } from './price-tables-module.ts';
import { readProducts } from './saved-products.ts';

async function askAws(): Promise<string[]> {
  const { readPriceListProducts } = await import('../shared/aws/price-list-products.ts');
  const products: string[] = [];
  const equal = (fields: Record<string, string>) =>
    Object.entries(fields).map(([field, value]) => ({ field, type: 'TERM_MATCH' as const, value }));
  for (const regionCode of REGIONS) {
    const training = { field: 'usagetype', type: 'CONTAINS' as const, value: 'Train:ml.' };
    for (const [service, filters] of [
      ['AmazonEC2', equal({ regionCode, ...EC2_ATTRIBUTES })],
      ['AmazonSageMaker', [...equal({ regionCode }), training]],
    ] as const)
      products.push(...(await readPriceListProducts(service, filters, { env: process.env })));
    console.log(`${regionCode}: ${products.length} products so far`);
  }
  return products;
}

const { values } = parseArgs({
  options: { from: { type: 'string', multiple: true }, to: { type: 'string' } },
});
try {
  const products: string[] = [];
  for (const file of values.from ?? []) products.push(...readProducts(await readFile(file, 'utf8'), file));
  const { text, count } = tablesModule(values.from ? products : await askAws());
  const to = values.to ?? join(import.meta.dirname, '..', TABLES_FILE);
  await writeFile(to, text);
  console.log(`${count} prices are in ${to}; npm run build brings them into dist/.`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(describeUserError(error));
  process.exitCode = 1;
}
