/**
 * What main asks: `openMoney` before the start (which refuses what cannot be paid), `watchMoney` while it runs, and
 * `actualCost` when it has ended.
 */
import type { AwsOptions } from '../../../shared/aws/client-settings.ts';
import { UserError } from '../../../shared/errors.ts';
import { formatDuration } from '../../../shared/report/numbers.ts';
import { formatRate, formatUsd } from '../../../shared/report/training/money.ts';
import { type Budget, type BudgetWatch, budgetSeconds, refuseOverBudget, watchBudget } from './budget.ts';
import { ec2Identity } from './ec2-identity.ts';
import { findPrice } from './find-price.ts';
import { amountUsd, EC2_MINIMUM_SECONDS, type Machine, type Price, type PriceAnswer } from './price.ts';

/** The inputs that are looked at, as they are parsed. */
export interface MoneyInputs {
  backend: 'local' | 'sagemaker';
  machine?: string;
  instanceType?: string;
  instanceCount: number;
  spot: boolean;
  prices?: string;
  budgetUsd?: number;
  /** Milliseconds. */
  expectedTime?: number;
}

export interface Money {
  machine: Machine;
  count: number;
  price: Price;
  /** What is paid for even less time. */
  minimumSeconds: number;
  expectedSeconds: number | undefined;
  budgetUsd: number | undefined;
}

/** The money of a training, or why nobody knows it: a sentence, and one that mends it. */
export type OpenedMoney = { money: Money } | { problem: string; fix: string };

/**
 * Finds what the training will cost.
 * @param identify the EC2 instance that this is. @throws UserError when a budget is given and there is no price, or
 * the expected time is over it.
 */
export async function openMoney(
  inputs: MoneyInputs,
  now: Date,
  options: AwsOptions,
  identify: (env: NodeJS.ProcessEnv) => Promise<Machine | undefined> = ec2Identity,
): Promise<OpenedMoney> {
  const { budgetUsd, prices = 'table' } = inputs;
  const instance = inputs.backend === 'local' ? await identify(options.env) : undefined;
  const machine = machineOf(inputs, instance, options.env);
  const answer: PriceAnswer = machine
    ? await findPrice(machine, prices, now, options)
    : {
        problem: 'This machine is none of EC2 and has no name, so that its price is not known.',
        fix: 'Name it in machine, and what it costs an hour in a file that prices names.',
      };
  if (machine === undefined || !('price' in answer)) {
    const { problem, fix } = answer as { problem: string; fix: string };
    if (budgetUsd === undefined) return { problem, fix };
    throw new UserError(`A budget needs a price, and there is none: ${problem}`, {
      where: { key: 'budget-usd' },
      fix,
    });
  }
  const isEc2 = inputs.backend === 'local' && (instance !== undefined || !isFile(prices));
  const money: Money = {
    machine,
    count: inputs.backend === 'local' ? 1 : inputs.instanceCount,
    price: answer.price,
    minimumSeconds: isEc2 ? EC2_MINIMUM_SECONDS : 0,
    expectedSeconds: inputs.expectedTime === undefined ? undefined : inputs.expectedTime / 1000,
    budgetUsd,
  };
  const budget = budgetOf(money);
  if (budget) refuseOverBudget(budget, money.expectedSeconds, money.minimumSeconds);
  return { money };
}

const isFile = (prices: string): boolean => prices !== 'table' && prices !== 'aws';

function machineOf(
  inputs: MoneyInputs,
  instance: Machine | undefined,
  env: NodeJS.ProcessEnv,
): Machine | undefined {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
  if (inputs.backend === 'sagemaker') {
    if (inputs.instanceType === undefined) return undefined;
    const market = inputs.spot ? 'spot' : 'on-demand';
    return { type: inputs.instanceType, market, region, zone: undefined };
  }
  if (inputs.machine === undefined) return instance;
  const here = instance ?? { market: 'on-demand' as const, region, zone: undefined };
  return { ...here, type: inputs.machine };
}

function budgetOf({ budgetUsd, price, count }: Money): Budget | undefined {
  return budgetUsd === undefined ? undefined : { usd: budgetUsd, usdPerHour: price.usdPerHour, count };
}

/** US dollars for the expected time; null where nobody said it. */
export function estimateUsd({ price, count, expectedSeconds, minimumSeconds }: Money): number | null {
  if (expectedSeconds === undefined) return null;
  return amountUsd(price.usdPerHour, count, expectedSeconds, minimumSeconds);
}

/** One line before the start: `About $2.01: 2 h of g5.xlarge at $1.006 an hour, by the table of …`. */
export function describeMoney(money: Money): string {
  const { machine, count, price, expectedSeconds } = money;
  const estimate = estimateUsd(money);
  const rate = `${formatRate(price.usdPerHour, count)}, by ${price.source}`;
  return estimate === null
    ? `${machine.type} costs ${rate}.`
    : `About ${formatUsd(estimate)}: ${formatDuration(expectedSeconds)} of ${machine.type} at ${rate}.`;
}

/**
 * The longest time that the budget pays for, in milliseconds: a service that is told it ends the training by itself,
 * when this job is gone too. Undefined without a budget.
 */
export function budgetMilliseconds(money: Money): number | undefined {
  const budget = budgetOf(money);
  const seconds = budget ? budgetSeconds(budget) : Number.POSITIVE_INFINITY;
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** From the start of the training. Without a budget there is nothing to watch. @returns ends it. */
export function watchMoney(money: Money, watch: BudgetWatch): () => void {
  const budget = budgetOf(money);
  return budget ? watchBudget(budget, watch) : () => {};
}
