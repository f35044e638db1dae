/** How a policy judges many draws of two equal models. */
import type { Calibrate, MetricResult } from '../../../shared/records/evaluation.ts';
import { binomialCdf } from '../../../shared/stats/distributions.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import type { Item } from '../judgement/items.ts';
import { judge } from '../judgement/judge.ts';
import { overall } from '../judgement/overall.ts';
import type { JudgedRows } from '../predictions/rows-of-table.ts';
import { swapPairs, type Units } from './swapped-rows.ts';

/** Any other would do; a fixed one gives the same answer each time. */
const SEED = 20_010_122;

/** Draws between two words to whoever waits. */
const STEP = 50;

export interface DrawQuestion {
  rows: JudgedRows;
  units: Units;
  /** What the units are called. */
  swapped: Calibrate['swapped'];
  draws: number;
  correction: 'holm' | 'none';
  /** What the policy judges of rows. */
  itemsOf(rows: JudgedRows): Item[];
  /** The waivers of the policy, which turn failures into warnings here as in the gate. */
  waive(results: MetricResult[]): MetricResult[];
  /** Called every so many draws; throws when the run was stopped. */
  onProgress(done: number): Promise<void>;
}

/** Judges every draw by the whole policy and counts the verdicts. */
export async function drawVerdicts(question: DrawQuestion): Promise<Calibrate> {
  const { rows, units, swapped, draws, correction } = question;
  const random = randomGenerator(SEED);
  const verdicts = { pass: 0, warn: 0, inconclusive: 0, fail: 0, error: 0 };
  const metrics = new Map<string, MetricCounts>();
  let plainComparisonFails = 0;
  for (let draw = 0; draw < draws; draw++) {
    if (draw % STEP === 0) await question.onProgress(draw);
    const items = question.itemsOf(swapPairs(rows, units, random));
    const results = question.waive(judge(items, correction));
    const { verdict } = overall({
      judged: items.map((item, index) => ({ item, result: results[index]! })),
      hasPolicy: true,
      hasBaseline: true,
      onMissingBaseline: 'warn',
      baselineWhy: '',
    });
    verdicts[verdict]++;
    for (const result of results) countVerdict(metrics, result);
    if (results.some(isRefusedPlainly)) plainComparisonFails++;
  }
  const shareOf = (count: number): number => count / draws;
  const { error: _, ...counted } = verdicts;
  return {
    draws,
    swapped,
    shares: mapValues(counted, shareOf),
    metrics: [...metrics.values()].map(({ name, parameters, slice, counts }) => ({
      name,
      parameters,
      slice,
      ...mapValues(counts, shareOf),
    })),
    plainComparisonFails: shareOf(plainComparisonFails),
  };
}

interface MetricCounts extends Pick<MetricResult, 'name' | 'parameters' | 'slice'> {
  counts: { pass: number; inconclusive: number; fail: number; plainComparisonFails: number };
}

function countVerdict(metrics: Map<string, MetricCounts>, result: MetricResult): void {
  const { block, name, parameters, slice } = result;
  if (result.limits.length === 0) return;
  const key = JSON.stringify([block, name, parameters, slice]);
  const { counts } = metrics.get(key) ?? {
    counts: { pass: 0, inconclusive: 0, fail: 0, plainComparisonFails: 0 },
  };
  metrics.set(key, { name, parameters, slice, counts });
  // A limit that is broken is broken, also where the policy only warns of it.
  const isBroken = result.verdict === 'fail' || result.verdict === 'warn';
  counts[isBroken ? 'fail' : result.verdict === 'pass' ? 'pass' : 'inconclusive']++;
  if (isRefusedPlainly(result)) counts.plainComparisonFails++;
}

/** Whether `new >= old` (for a loss `new <= old`) does not hold. */
function isRefusedPlainly({ difference, direction, limits }: MetricResult): boolean {
  if (difference === null || limits.length === 0) return false;
  return direction === 'higher' ? difference < 0 : difference > 0;
}

const mapValues = <Key extends string>(
  values: Record<Key, number>,
  change: (value: number) => number,
): Record<Key, number> =>
  Object.fromEntries(Object.entries<number>(values).map(([key, value]) => [key, change(value)])) as Record<
    Key,
    number
  >;

/** Of draws that each fail with a probability of `alpha`, more fail than this once in a hundred times. */
export function mostFails(draws: number, alpha: number): number {
  let fails = Math.floor(draws * alpha);
  while (binomialCdf(fails, draws, alpha) < 0.99) fails++;
  return fails;
}
