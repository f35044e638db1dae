import { expect, test } from 'vitest';
import type { Machine, PriceAnswer } from './price.ts';
import { readTable } from './price-table.ts';
import { shippedPrice } from './shipped-prices.ts';

const machine = (type: string, region?: string): Machine => ({
  type,
  region,
  market: 'on-demand',
  zone: undefined,
});
const rate = (answer: PriceAnswer) => ('price' in answer ? answer.price.usdPerHour : answer);

test('every price is a plausible amount with its date', () => {
  const table = readTable();
  const home = table.get('us-east-1')!;
  expect(table.size).toBe(12);
  expect(home.size).toBe(129);
  for (const [region, prices] of table) {
    for (const [type, { usdPerHour, date }] of prices) {
      expect(date, `${region} ${type}`).toMatch(/^2026-\d\d-\d\d$/);
      // A slipped digit: no region asks less than us-east-1, or 60 % more.
      const ratio = usdPerHour / home.get(type)!.usdPerHour;
      expect(ratio > 0.999 && ratio < 1.6, `${region} ${type}: ${usdPerHour}`).toBe(true);
    }
  }
});

test.each([
  ['g5.xlarge', 'us-east-1', 1.006],
  ['g5.xlarge', 'eu-central-1', 1.258],
  ['p4d.24xlarge', 'us-east-1', 21.957642],
  ['p5.48xlarge', 'ap-south-1', 66.048],
  ['g4dn.16xlarge', 'ap-southeast-2', 5.659],
  ['m7i.large', 'us-east-1', 0.1008],
  ['p6-b200.48xlarge', 'us-east-1', 113.9328],
])('%s in %s costs %d', async (type, region, usdPerHour) => {
  expect(await shippedPrice(machine(type, region))).toEqual({
    price: {
      usdPerHour,
      onDemandUsdPerHour: usdPerHour,
      source: expect.stringMatching(/^the table of prices that ships, of 2026-0[78]-\d\d$/),
    },
  });
});

test('what the table does not know is said, and never guessed from another region or size', async () => {
  expect(rate(await shippedPrice(machine('g5.xlarge', 'ap-southeast-1')))).toMatchObject({
    problem: 'The prices that ship know none of g5.xlarge in ap-southeast-1.',
  });
  expect(rate(await shippedPrice(machine('g5.xlarge', 'eu-west-9')))).toMatchObject({
    problem: 'The prices that ship know none of g5.xlarge in eu-west-9.',
  });
  expect(rate(await shippedPrice(machine('g5.xlarg', 'us-east-1')))).toMatchObject({
    problem: 'The prices that ship know no machine g5.xlarg.',
    fix: expect.stringContaining('Did you mean g5.xlarge?'),
  });
  expect(rate(await shippedPrice(machine('g5.xlarge')))).toMatchObject({ fix: 'Set AWS_REGION.' });
  expect(rate(await shippedPrice(machine('ml.g5.xlarge', 'us-east-1')))).toMatchObject({
    problem: 'The prices that ship know no machines of SageMaker.',
  });
});
