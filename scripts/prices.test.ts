import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTable } from '../actions/train-on-gpu-runner/cost/price-table.ts';
import { shippedPrice } from '../actions/train-on-gpu-runner/cost/shipped-prices.ts';
import {
  ec2Attributes,
  product,
  sagemakerAttributes,
} from '../actions/train-on-gpu-runner/fixtures/price-list-products.ts';
import { fakeEnvironment } from '../shared/testing/aws/s3-server.ts';
import { readBody, startLoopbackServer } from '../shared/testing/loopback-server.ts';
import { REGIONS, tablesModule } from './price-tables-module.ts';
import { readProducts } from './saved-products.ts';

const ec2 = (instanceType: string, usd: string, change: Record<string, string> = {}) =>
  product({ usd, attributes: ec2Attributes({ instanceType, ...change }) });
const PRODUCTS = [
  ec2('g5.xlarge', '1.2580000000'),
  ec2('g5.xlarge', '1.0060000000', { regionCode: 'us-east-1' }),
  ec2('g5.16xlarge', '5.12204'),
  ec2('g5.2xlarge', '1.5156'),
  ec2('m7i.large', '0.1208'),
  product({ usd: '1.761', attributes: sagemakerAttributes('EUC1-Train:ml.g5.xlarge') }),
  // Other things that cost money by the hour.
  ec2('g5.xlarge', '1.3838', { tenancy: 'Dedicated' }),
  ec2('g5.xlarge', '1.4380', { operatingSystem: 'Windows' }),
  ec2('g5.xlarge', '0.0000'),
  ec2('g5.xlarge', '1.258', { regionCode: 'me-south-1' }),
  ec2('t3.micro', '0.012'),
  product({ usd: '0.7925', attributes: ec2Attributes(), reserved: true }),
  product({ usd: '9', attributes: ec2Attributes(), unit: 'Quantity' }),
  product({ usd: '1.9', attributes: sagemakerAttributes('EUC1-Host:ml.g5.xlarge') }),
  product({ usd: '2.2', attributes: sagemakerAttributes('EUC1-WarmPoolTrain:ml.g5.xlarge') }),
];
const TABLE = `
type        ,us-east-1,eu-central-1
g5.xlarge   ,1.006    ,1.258
g5.2xlarge  ,         ,1.5156
g5.16xlarge ,         ,5.12204
m7i.large   ,         ,0.1208
ml.g5.xlarge,         ,1.761
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prices-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the module', () => {
  test('is the plain machines of the list, sorted, with the day of the list', () => {
    const { text, count } = tablesModule(PRODUCTS);
    expect(text).toContain(`date: '2026-11-12',\n    text: \`${TABLE}\``);
    expect(count).toBe(6);
    expect(tablesModule(PRODUCTS.toReversed()).text).toBe(text);
  });

  test('never chooses between two prices, and is never empty', () => {
    expect(() => tablesModule([...PRODUCTS, ec2('g5.2xlarge', '1.6')])).toThrow(
      'The price list has two prices of g5.2xlarge in eu-central-1: 1.5156 and 1.6.',
    );
    expect(() => tablesModule([ec2('t3.micro', '0.012')])).toThrow('holds no machine that the table is for');
    expect(() => tablesModule(['{"product":{}}'])).toThrow('is none of the format aws_v1');
  });
});

describe('saved answers', () => {
  test('of both kinds give the same products', () => {
    const whole = PRODUCTS.map((text) => JSON.parse(text));
    const bulk = {
      ...{ formatVersion: 'v1.0', offerCode: 'AmazonEC2', publicationDate: '2026-11-12T00:00:00Z' },
      products: Object.fromEntries(whole.map((one, index) => [`SKU${index}`, one.product])),
      terms: {
        OnDemand: Object.fromEntries(
          whole.flatMap((one, index) => (one.terms.OnDemand ? [[`SKU${index}`, one.terms.OnDemand]] : [])),
        ),
      },
    };
    const read = readProducts(JSON.stringify(bulk), 'index.json');
    expect(tablesModule(read)).toEqual(tablesModule(PRODUCTS));
  });

  test.each(['{}', '[]', 'cut off {'])('%s is none', (text) => {
    expect(() => readProducts(text, 'a.json')).toThrow('a.json is no answer of the AWS price list.');
  });
});

const runScript = async (words: string[], env: NodeJS.ProcessEnv = process.env) =>
  (await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'prices.ts'), ...words], { env }))
    .stdout;

test('the script writes a table that answers, also for SageMaker', async () => {
  const [from, to] = [join(folder, 'answer.json'), join(folder, 'price-tables.ts')];
  writeFileSync(from, JSON.stringify({ FormatVersion: 'aws_v1', PriceList: PRODUCTS }));
  expect(await runScript(['--from', from, '--to', to])).toContain('6 prices are in');
  const { PRICE_TABLES } = await import(to);
  const table = readTable(PRICE_TABLES);
  const ask = (type: string) =>
    shippedPrice({ type, region: 'eu-central-1', market: 'on-demand', zone: undefined }, table);
  expect(await ask('ml.g5.xlarge')).toEqual({
    price: {
      ...{ usdPerHour: 1.761, onDemandUsdPerHour: 1.761 },
      source: 'the table of prices that ships, of 2026-11-12',
    },
  });
  expect(await ask('g5.xlarge')).toMatchObject({ price: { usdPerHour: 1.258 } });
  expect(await ask('ml.g5.2xlarge')).toMatchObject({
    problem: 'The prices that ship know no machine ml.g5.2xlarge.',
  });
});

test('without a saved answer it asks AWS of both services in each region', async () => {
  const asked: string[] = [];
  const server = await startLoopbackServer(async (request, response) => {
    const { ServiceCode, Filters } = JSON.parse((await readBody(request)).toString());
    const region = Filters.find(({ Field }: { Field: string }) => Field === 'regionCode').Value;
    asked.push(`${ServiceCode} ${region}`);
    const isMine = (text: string) =>
      JSON.parse(text).product.attributes.regionCode === region && text.includes(`"${ServiceCode}"`);
    const PriceList = PRODUCTS.slice(0, 6).filter(isMine);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ FormatVersion: 'aws_v1', PriceList }));
  });
  try {
    const to = join(folder, 'price-tables.ts');
    const env = { PATH: process.env.PATH, ...fakeEnvironment(server.url) };
    expect(await runScript(['--to', to], env)).toContain('prices are in');
    expect((await import(to)).PRICE_TABLES[0].text).toContain('g5.16xlarge');
  } finally {
    await server.close();
  }
  expect(asked).toEqual(REGIONS.flatMap((region) => [`AmazonEC2 ${region}`, `AmazonSageMaker ${region}`]));
});
