/** Judging by files of metrics, or by runs of MLflow: the numbers as they stand there, and what is known of their errors. */
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { GatePolicy, PolicyMetric } from '../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import { emptyPolicy, type Rule, rulesOf } from '../policy/rules.ts';
import { type Evaluated, NOTHING_FROM_PREDICTIONS } from '../predictions/evaluate-predictions.ts';
import { isReportable } from './choose-number.ts';
import { itemOfRule } from './metric-item.ts';
import { directionOfKey, metricOfKey } from './metric-key.ts';
import { type MetricsSide, readSide } from './read-side.ts';

/** More than this nobody reads where no policy says what matters. */
const MOST_REPORTED = 50;

export async function evaluateMetrics(
  given: Given,
  policy: GatePolicy,
  rules: readonly Rule[],
  deps: Deps,
): Promise<Evaluated> {
  const challenger = await readSide(given.metrics!, 'metrics', deps);
  const champion = given.baselineMetrics && (await readSide(given.baselineMetrics, 'baseline-metrics', deps));
  const reported = rules.length > 0 ? { rules, notes: [] } : reportedRules(challenger);
  const positiveLabel = policy.task === 'binary' ? policy.positive_label?.toString() : undefined;
  const judged = reported.rules.map((rule) => itemOfRule(rule, { champion, challenger, positiveLabel }));
  const items = judged.map(({ item }) => item);
  for (const side of [challenger, champion]) {
    for (const run of side?.runs ?? []) deps.log.info(`${run.numbers.size} numbers in ${run.from}`);
  }
  const rowCounts = new Set(items.map((item) => item.rows));
  const nameOf = (entries: readonly string[]): string => entries.join(', ');
  const input = (role: string, entries: readonly string[], side: MetricsSide): RecordInput => ({
    role,
    name: nameOf(entries),
    digest: side.digest,
  });
  return {
    items,
    task: policy.task,
    baseline: champion
      ? { status: 'compared', from: nameOf(given.baselineMetrics!), digest: null, why: '' }
      : { status: 'missing', from: null, digest: null, why: 'baseline-metrics is not given' },
    rows: rowCounts.size === 1 ? [...rowCounts][0]! : null,
    clusters: null,
    ...NOTHING_FROM_PREDICTIONS,
    notes: [
      ...notesOf(challenger),
      ...(champion ? notesOf(champion) : []),
      ...judged.flatMap(({ notes }) => notes),
      ...reported.notes,
    ],
    inputs: [
      input('metrics', given.metrics!, challenger),
      ...(champion ? [input('baseline-metrics', given.baselineMetrics!, champion)] : []),
    ],
  };
}

const notesOf = (side: MetricsSide): string[] => [...new Set(side.runs.flatMap((run) => run.notes))];

/** Without rules the numbers whose direction is known are reported; of others nobody can say which way is better. */
function reportedRules(side: MetricsSide): { rules: Rule[]; notes: string[] } {
  const named = new Map<string, PolicyMetric>();
  const meanings = new Map<string, string[]>();
  for (const run of side.runs) {
    for (const [key, number] of run.numbers) {
      if (!isReportable(key, number)) continue;
      const direction = number.direction ?? directionOfKey(number.metric ?? key);
      if (direction === undefined) continue;
      named.set(key, { name: key, direction });
      const meant = metricOfKey(number.metric ?? key)?.name ?? key;
      meanings.set(meant, [...new Set([...(meanings.get(meant) ?? []), key])]);
    }
  }
  // One key for a metric: the catalogue's name says more; several: only their own names tell them apart.
  const metrics = [...meanings].flatMap(([meant, keys]): PolicyMetric[] =>
    keys.length === 1 && metricOfKey(meant)?.name === meant
      ? [{ name: meant }]
      : keys.map((key) => named.get(key)!),
  );
  if (metrics.length === 0) return { rules: [], notes: [] };
  const shown = metrics.slice(0, MOST_REPORTED);
  const notes =
    shown.length < metrics.length
      ? [
          `Of ${metrics.length} metrics the first ${MOST_REPORTED} are reported; a policy names those that matter`,
        ]
      : [];
  return { rules: rulesOf({ ...emptyPolicy('scores'), metrics: shown }, undefined, true), notes };
}
