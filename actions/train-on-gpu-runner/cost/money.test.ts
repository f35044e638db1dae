import { expect, test } from 'vitest';
import { describeUserError, UserError } from '../../../shared/errors.ts';
import { type Cost, costSchema, type TrainingJobRecord } from '../../../shared/records/training-run.ts';
import { moneyInShort } from '../../../shared/report/training/money.ts';
import { sampleTraining } from '../../../shared/testing/sample-records.ts';
import { estimatedCost, jobCost, localCost, submittedCost } from './cost.ts';
import {
  budgetMilliseconds,
  describeMoney,
  type Money,
  type MoneyInputs,
  openMoney,
  watchMoney,
} from './money.ts';
import type { Machine } from './price.ts';
import { moneyTable } from './report-money.ts';

const NOW = new Date('2026-11-12T10:00:00Z');
const LOCAL: MoneyInputs = { backend: 'local', instanceCount: 1, spot: false };
const G5: Machine = { type: 'g5.xlarge', region: 'eu-central-1', market: 'on-demand', zone: 'eu-central-1b' };

const open = (inputs: Partial<MoneyInputs>, instance?: Machine, env: NodeJS.ProcessEnv = {}) =>
  openMoney({ ...LOCAL, ...inputs }, NOW, { env }, async () => instance);

async function money(
  inputs: Partial<MoneyInputs>,
  instance?: Machine,
  env?: NodeJS.ProcessEnv,
): Promise<Money> {
  const opened = await open(inputs, instance, env);
  if (!('money' in opened)) throw new Error(opened.problem);
  return opened.money;
}

test('an instance of EC2 is priced without a word of the user, and an estimate is made of the expected time', async () => {
  const found = await money({ expectedTime: 7_200_000 }, G5);
  expect(describeMoney(found)).toMatch(
    /^About \$2\.52: 2 h of g5\.xlarge at \$1\.258 an hour, by the table of prices that ships, of 2026-/,
  );
  expect(describeMoney(await money({}, G5))).toMatch(/^g5\.xlarge costs \$1\.258 an hour, by the table/);
  expect(localCost(estimatedCost(found), 3600, found.minimumSeconds)).toMatchObject({
    estimateUsd: 2.516,
    actualUsd: 1.258,
    region: 'eu-central-1',
    market: 'on-demand',
    spotSavingShare: null,
  });
  // The first minute of an instance is always paid.
  expect(localCost(estimatedCost(found), 1, found.minimumSeconds).actualUsd).toBeCloseTo(1.258 / 60, 12);
});

test('a name given by hand is priced in the region of the job', async () => {
  const found = await money({ machine: 'g4dn.xlarge' }, undefined, { AWS_REGION: 'us-west-2' });
  expect(found.price.usdPerHour).toBe(0.526);
  // The instance knows better where it is.
  expect((await money({ machine: 'g4dn.xlarge' }, G5, { AWS_REGION: 'us-west-2' })).price.usdPerHour).toBe(
    0.658,
  );
});

test('without a price a training goes on, and says why there is none', async () => {
  expect(await open({})).toEqual({
    problem: 'This machine is none of EC2 and has no name, so that its price is not known.',
    fix: 'Name it in machine, and what it costs an hour in a file that prices names.',
  });
  expect(await open({ machine: 'g5.xlarge' })).toMatchObject({ fix: 'Set AWS_REGION.' });
});

async function refusal(inputs: Partial<MoneyInputs>, instance?: Machine): Promise<string> {
  const error = await open(inputs, instance).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UserError);
  return describeUserError(error as UserError);
}

test('a budget is never ignored: it is refused without a price, and when the estimate is over it', async () => {
  expect(await refusal({ budgetUsd: 5 })).toContain(
    'A budget needs a price, and there is none: This machine is none of EC2',
  );
  const sagemaker = { backend: 'sagemaker', instanceType: 'ml.g5.xlarge', budgetUsd: 5 } as const;
  expect(await refusal(sagemaker)).toContain('The prices that ship know no machines of SageMaker.');
  expect(await refusal({ budgetUsd: 1, expectedTime: 3_600_000 }, G5)).toContain('about $1.26');
  const allowed = await money({ budgetUsd: 1.258, expectedTime: 3_600_000 }, G5);
  expect(budgetMilliseconds(allowed)).toBe(3_600_000);
  expect(budgetMilliseconds(await money({}, G5))).toBeUndefined();
  watchMoney(allowed, { onWarning: () => {}, onSpent: () => {} })();
  watchMoney(await money({}, G5), { onWarning: () => expect.fail(), onSpent: () => expect.fail() })();
});

const JOB: TrainingJobRecord = {
  name: 'churn-1',
  arn: 'arn:aws:sagemaker:eu-central-1:123456789012:training-job/churn-1',
  region: 'eu-central-1',
  url: null,
  machine: 'ml.g5.xlarge',
  count: 2,
  spot: true,
  trainingSeconds: 3600,
  billableSeconds: 1440,
  interruptions: 1,
};
const ESTIMATED: Cost = {
  machine: 'ml.g5.xlarge',
  count: 2,
  market: 'spot',
  region: 'eu-central-1',
  usdPerHour: 1.5,
  priceSource: 'the AWS price list, of 2026-11-12',
  estimateUsd: 3,
  actualUsd: null,
  spotSavingShare: null,
  budgetUsd: 4,
  gain: null,
};

test('a job of SageMaker costs its billable seconds on each instance; the saving is as the service shows it', () => {
  const cost = jobCost(ESTIMATED, JOB);
  expect(cost).toMatchObject({ actualUsd: expect.closeTo(1.2, 12), spotSavingShare: 0.6, count: 2 });
  expect(jobCost(ESTIMATED, { ...JOB, spot: false }).spotSavingShare).toBeNull();
  expect(jobCost(ESTIMATED, { ...JOB, trainingSeconds: null })).toMatchObject({ spotSavingShare: null });
  expect(jobCost(ESTIMATED, { ...JOB, trainingSeconds: 0 })).toMatchObject({ spotSavingShare: null });
  expect(jobCost(ESTIMATED, { ...JOB, billableSeconds: null })).toMatchObject({ actualUsd: null });
  expect(costSchema.parse(cost)).toEqual(cost);
});

test('a job that is collected later has the price with which it was submitted', () => {
  const submitted = { ...sampleTraining(), outcome: 'submitted' as const, job: JOB, cost: ESTIMATED };
  const records = [sampleTraining(), submitted];
  expect(submittedCost(records, 'churn-1')).toEqual(ESTIMATED);
  expect(submittedCost(records, 'churn-2')).toBeNull();
  expect(submittedCost([{ ...submitted, cost: null }], 'churn-1')).toBeNull();
});

test('spot of EC2 saves what its price says, and nothing where it is not cheaper', async () => {
  const found = await money({}, G5);
  const spot = (usdPerHour: number, onDemandUsdPerHour: number | null) =>
    estimatedCost({
      ...found,
      machine: { ...G5, market: 'spot' },
      price: { usdPerHour, onDemandUsdPerHour, source: 'x' },
    }).spotSavingShare;
  expect(spot(0.5, 2)).toBe(0.75);
  expect(spot(3, 2)).toBe(0);
  expect(spot(0.5, null)).toBeNull();
});

test('the report says what was paid, saved, wasted and used', () => {
  const gain = { metric: 'accuracy', before: 0.91, after: 0.93, usdPerHundredth: 0.6 };
  const record = {
    cost: { ...jobCost(ESTIMATED, JOB), gain },
    energy: { kilowattHours: 1.234, idleShare: 0.25, unknownSeconds: 95 },
  };
  expect(moneyInShort(record)).toBe('$1.20, 1.23 kWh');
  expect(String(moneyTable(record))).toMatchInlineSnapshot(`
    "| money and energy |  |
    |---|---|
    | machine | ml.g5.xlarge in eu-central-1, spot |
    | price | 2 × &#36;1.50 an hour, by the AWS price list, of 2026-11-12 |
    | estimated before | &#36;3.00 |
    | cost | &#36;1.20 |
    | budget | &#36;4.00, of which 30 % is used |
    | saved by spot | 60 %, &#36;1.80 |
    | bought | &#36;1.20 for accuracy from 0.91 to 0.93: &#36;0.60 for each 0.01. |
    | no GPU at work | 25 % of the time, &#36;0.30 |
    | energy of the GPUs | 1.23 kWh; nothing is known of 1 min 35 s |"
  `);
});

test('what is not known is left out, and free is not the same as unknown', () => {
  expect(moneyInShort({ cost: null, energy: null })).toBe('');
  expect(moneyTable({})).toBe('');
  expect(moneyInShort({ cost: ESTIMATED })).toBe('about $3.00');
  expect(moneyInShort({ cost: { ...ESTIMATED, estimateUsd: null } })).toBe('');
  expect(String(moneyTable({ cost: { ...ESTIMATED, budgetUsd: null, estimateUsd: null } }))).toContain(
    'not known yet',
  );
  const energy = { kilowattHours: 0.00042, idleShare: null, unknownSeconds: 0.4 };
  expect(moneyInShort({ energy })).toBe('0.42 Wh');
  expect(String(moneyTable({ energy }))).not.toContain('no GPU at work');
  const free = { ...ESTIMATED, region: null, actualUsd: 0, budgetUsd: null };
  expect(moneyInShort({ cost: free })).toBe('$0.00');
  expect(String(moneyTable({ cost: free }))).not.toContain(' in ');
});

test('names from outside cannot break out of the table', () => {
  const cost = { ...ESTIMATED, machine: 'a|b<img>', priceSource: '@team `x`' };
  expect(String(moneyTable({ cost }))).not.toMatch(/[^\\]\|b|<img>|@team/);
});
