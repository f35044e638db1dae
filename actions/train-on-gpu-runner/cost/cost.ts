/** The record's section on money. */
import type { AnyRecord } from '../../../shared/records/kinds.ts';
import type { Cost, TrainingJobRecord } from '../../../shared/records/training-run.ts';
import { estimateUsd, type Money } from './money.ts';
import { amountUsd } from './price.ts';

/** What is known before the start, and of a training that a service still runs. */
export function estimatedCost(money: Money): Cost {
  const { machine, count, price, budgetUsd } = money;
  return {
    machine: machine.type,
    count,
    market: machine.market,
    region: machine.region ?? null,
    usdPerHour: price.usdPerHour,
    priceSource: price.source,
    estimateUsd: estimateUsd(money),
    actualUsd: null,
    spotSavingShare: isSpotOfEc2(money) ? savingShare(price.usdPerHour, price.onDemandUsdPerHour) : null,
    budgetUsd: budgetUsd ?? null,
    gain: null,
  };
}

function isSpotOfEc2({ machine }: Money): boolean {
  return machine.market === 'spot' && !machine.type.startsWith('ml.');
}

/** Null where it cannot be told; nothing was saved where the cheaper one was not cheaper. */
function savingShare(paid: number, full: number | null): number | null {
  return full === null || full === 0 ? null : Math.min(1, Math.max(0, 1 - paid / full));
}

/** The cost of a training on this machine. @param seconds that it took. */
export function localCost(estimated: Cost, seconds: number, minimumSeconds: number): Cost {
  const { usdPerHour, count } = estimated;
  return { ...estimated, actualUsd: amountUsd(usdPerHour, count, seconds, minimumSeconds) };
}

/**
 * The cost of a training job: what SageMaker asks for, which is billable seconds of each instance. On spot it counts
 * fewer than it trained; their share is what was saved, as the service itself shows it.
 */
export function jobCost(estimated: Cost, job: TrainingJobRecord): Cost {
  const { usdPerHour } = estimated;
  const { billableSeconds, trainingSeconds, count, spot } = job;
  if (billableSeconds === null) return { ...estimated, count };
  return {
    ...estimated,
    count,
    actualUsd: amountUsd(usdPerHour, count, billableSeconds),
    spotSavingShare: spot ? savingShare(billableSeconds, trainingSeconds) : null,
  };
}

/** What was known of a job when it was submitted, by its record. */
export function submittedCost(records: readonly AnyRecord[], job: string): Cost | null {
  for (const record of records) {
    if (record.kind === 'TrainingRun' && record.job?.name === job && record.cost) return record.cost;
  }
  return null;
}
