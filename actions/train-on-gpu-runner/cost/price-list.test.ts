import { afterEach, expect, test } from 'vitest';
import { describeUserError, UserError } from '../../../shared/errors.ts';
import { fakeEnvironment } from '../../../shared/testing/aws/s3-server.ts';
import { readServiceModel, violations } from '../../../shared/testing/aws/service-model.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../../shared/testing/loopback-server.ts';
import { ec2Attributes, product, sagemakerAttributes } from '../fixtures/price-list-products.ts';
import type { Machine } from './price.ts';
import { listedPrice } from './price-list.ts';

const MODEL = readServiceModel('pricing');
const MACHINE: Machine = {
  type: 'g5.xlarge',
  region: 'eu-central-1',
  market: 'on-demand',
  zone: undefined,
};

let server: LoopbackServer | undefined;
afterEach(() => server?.close());

/** Answers of GetProducts, one page after the other; requests and answers are held to the service model. */
async function answering(...pages: { products?: string[]; next?: string; fault?: string }[]) {
  const asked: { Filters: { Type: string; Field: string; Value: string }[]; NextToken?: string }[] = [];
  server = await startLoopbackServer(async (request, response) => {
    expect(request.headers['x-amz-target']).toBe('AWSPriceListService.GetProducts');
    expect(request.headers.authorization).toContain('/us-east-1/pricing/');
    const body = JSON.parse((await readBody(request)).toString()) as (typeof asked)[number];
    expect(violations(MODEL, 'GetProductsRequest', body)).toEqual([]);
    asked.push(body);
    const { products, next, fault } = pages[Math.min(asked.length, pages.length) - 1]!;
    const answer = fault
      ? { __type: fault, message: 'not authorized' }
      : { FormatVersion: 'aws_v1', PriceList: products, ...(next && { NextToken: next }) };
    if (!fault) expect(violations(MODEL, 'GetProductsResponse', answer)).toEqual([]);
    const head = { 'content-type': 'application/x-amz-json-1.1' };
    response.writeHead(fault ? 400 : 200, head).end(JSON.stringify(answer));
  });
  return asked;
}

const options = () => ({ env: { ...fakeEnvironment(server?.url ?? ''), AWS_MAX_ATTEMPTS: '1' } });

test('the price of EC2 is that of Linux on shared hardware, whatever else is listed', async () => {
  const asked = await answering(
    {
      products: [
        product({ usd: '1.3838', attributes: ec2Attributes({ tenancy: 'Dedicated' }) }),
        product({ usd: '1.4380', attributes: ec2Attributes({ operatingSystem: 'Windows' }) }),
        product({ usd: '0.0000', attributes: ec2Attributes() }),
      ],
      next: 'more',
    },
    {
      products: [
        product({ usd: '0.7925', attributes: ec2Attributes(), reserved: true }),
        product({ usd: '1.2580000000', attributes: ec2Attributes() }),
        product({ usd: '9', attributes: ec2Attributes(), unit: 'Quantity' }),
      ],
    },
  );
  expect(await listedPrice(MACHINE, options())).toEqual({
    price: {
      usdPerHour: 1.258,
      onDemandUsdPerHour: 1.258,
      source: 'the AWS price list, of 2026-11-12',
    },
  });
  expect(asked.map((body) => body.NextToken)).toEqual([undefined, 'more']);
  expect(asked[0]?.Filters).toContainEqual({
    Type: 'TERM_MATCH',
    Field: 'instanceType',
    Value: 'g5.xlarge',
  });
});

test('the price of SageMaker is that of training, not of another use or a longer name', async () => {
  await answering({
    products: [
      product({ usd: '1.9', attributes: sagemakerAttributes('EUC1-Host:ml.g5.xlarge') }),
      product({ usd: '2.1', attributes: sagemakerAttributes('EUC1-Train:ml.g5.xlargeplus') }),
      product({ usd: '2.2', attributes: sagemakerAttributes('EUC1-WarmPoolTrain:ml.g5.xlarge') }),
      product({ usd: '1.761', attributes: sagemakerAttributes('EUC1-Train:ml.g5.xlarge') }),
    ],
  });
  const machine = { ...MACHINE, type: 'ml.g5.xlarge' };
  expect(await listedPrice(machine, options())).toMatchObject({ price: { usdPerHour: 1.761 } });
});

test('none and several are problems, and the region must be known', async () => {
  await answering({ products: [] });
  expect(await listedPrice(MACHINE, options())).toMatchObject({
    problem: 'The AWS price list has no g5.xlarge in eu-central-1.',
  });
  await server?.close();
  await answering({
    products: ['1.2', '1.3'].map((usd) => product({ usd, attributes: ec2Attributes() })),
  });
  expect(await listedPrice(MACHINE, options())).toMatchObject({
    problem: 'The AWS price list has 2 prices of g5.xlarge in eu-central-1.',
  });
  expect(await listedPrice({ ...MACHINE, region: undefined }, options())).toMatchObject({
    fix: 'Set AWS_REGION.',
  });
});

test('a refusal, another format and pages without an end are errors for people', async () => {
  const failure = async () => {
    const error = await listedPrice(MACHINE, options()).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UserError);
    await server?.close();
    return describeUserError(error as UserError);
  };
  await answering({ fault: 'AccessDeniedException' });
  expect(await failure()).toContain('Allow pricing:GetProducts on *');
  await answering({ products: ['{"product":{}}'] });
  expect(await failure()).toContain('none of its format aws_v1');
  await answering({ products: ['cut off {'] });
  expect(await failure()).toContain('none of its format aws_v1');
  await answering({ products: [], next: 'again' });
  expect(await failure()).toContain('never ends');
});
