import { shellWord } from '../../../shared/programs/shell-words.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';

/** Rules that may end a training, as the inputs of its repetition. */
export function ruleWords({ rules, cost }: TrainingRun): Record<string, string | undefined> {
  if (!rules) return {};
  const { earlyStop, metricDefinitions, stallTimeoutSeconds, graceSeconds } = rules;
  const seconds = (value: number | null) => (value === null ? undefined : `${value}s`);
  const budget = budgetOf({ rules, cost });
  return {
    'early-stop': earlyStop === null ? undefined : JSON.stringify(earlyStop),
    'metric-definitions': metricDefinitions.length > 0 ? JSON.stringify(metricDefinitions) : undefined,
    ...{ 'stall-timeout': seconds(stallTimeoutSeconds), grace: seconds(graceSeconds) },
    ...(budget && { 'budget-usd': String(budget.usd), machine: budget.machine }),
  };
}

/**
 * Writes the price by which the budget was kept, under the name of the machine that was paid for: whatever the repetition
 * runs on, the budget lasts as long. The variable `folder` is set.
 */
export function budgetLines(record: Pick<TrainingRun, 'rules' | 'cost'>): string[] {
  const budget = budgetOf(record);
  if (!budget) return [];
  const rates = { [budget.machine]: budget.usdPerHour };
  const prices = JSON.stringify({ usd_per_hour: rates, spot_usd_per_hour: rates });
  return [`printf '%s\\n' ${shellWord(prices)} > "$folder/prices.json"`];
}

/** Of all the machines together, since the repetition has one. */
function budgetOf({
  rules,
  cost,
}: Pick<TrainingRun, 'rules' | 'cost'>): { usd: number; machine: string; usdPerHour: number } | undefined {
  const usd = rules?.budgetUsd ?? null;
  if (usd === null || !cost) return undefined;
  return { usd, machine: cost.machine, usdPerHour: cost.usdPerHour * cost.count };
}
