/** Judging by files of metrics: two numbers each, without intervals. */
import { findMetric } from '../../shared/metrics/catalogue.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Evaluated } from './evaluate-predictions.ts';
import type { Given } from './inputs.ts';
import { itemOfNumbers } from './items.ts';
import { readMetricsFile, valueFor } from './metrics-file.ts';
import { emptyPolicy, type Rule, rulesOf } from './rules.ts';

const NO_INTERVAL = 'a metrics file gives no interval; give predictions, or set decide_on: point';

/** Without rules the numbers whose direction is known are reported; of others nobody can say which way is better. */
function reportedRules(names: readonly string[]): Rule[] {
  const known = names.flatMap((name) => findMetric(name)?.definition.name ?? []);
  const metrics = [...new Set(known)].map((name) => ({ name }));
  return metrics.length === 0 ? [] : rulesOf({ ...emptyPolicy('scores'), metrics }, undefined, true);
}

export async function evaluateMetrics(given: Given, rules: readonly Rule[], deps: Deps): Promise<Evaluated> {
  const challenger = await readMetricsFile(given.metrics!, 'metrics');
  const champion =
    given.baselineMetrics === undefined
      ? undefined
      : await readMetricsFile(given.baselineMetrics, 'baseline-metrics');
  const reported = rules.length > 0 ? rules : reportedRules([...challenger.values.keys()]);
  const items = reported.map((rule) =>
    itemOfNumbers(rule, champion && valueFor(rule, champion), valueFor(rule, challenger), NO_INTERVAL),
  );
  deps.log.info(`${challenger.values.size} numbers in ${challenger.path}`);
  return {
    items,
    task: 'scores',
    baseline: champion
      ? { status: 'compared', from: champion.path, digest: null, why: '' }
      : { status: 'missing', from: null, digest: null, why: 'baseline-metrics is not given' },
    rows: null,
    clusters: null,
    curves: null,
    predictions: null,
    notes: [],
    inputs: [
      { role: 'metrics', name: challenger.path, digest: challenger.digest },
      ...(champion ? [{ role: 'baseline-metrics', name: champion.path, digest: champion.digest }] : []),
    ],
  };
}
