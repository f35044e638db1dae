/**
 * Metrics of rankings: each query has one value, and the metric is their mean. A row is relevant where its truth is
 * above 0, as trec_eval counts it. Rows of equal score have no order, so a query's value is the mean over all orders
 * of them (McSherry & Najork 2008, as ndcg_score), not one that the order of the file decides.
 */

import { counted } from './counted.ts';
import type { MetricParameters } from './metric-definition.ts';
import { countNotFinite, type MetricValue, noValue, type Rows } from './rows.ts';
import { rankRows } from './score-order.ts';

/** The rows of one query of equal score. */
interface Tie {
  /** Rows before it, and how many of them are relevant. */
  before: number;
  relevantBefore: number;
  rows: number;
  relevant: number;
  /** Sum of the truth. */
  gain: number;
}

interface Query {
  /** From the highest score to the lowest. */
  ties: Tie[];
  relevant: number;
  /** Descending. */
  gains: Float64Array;
}

/** The value of one query; of the first `k` rows where k is given. */
type QueryMetric = (query: Query, k: number) => number;

const discount = (position: number): number => 1 / Math.log2(position + 2);

function discounts(from: number, to: number): number {
  let sum = 0;
  for (let position = from; position < to; position++) sum += discount(position);
  return sum;
}

/** Discounted gain over that of the best order; 0 where nothing is relevant (`ndcg_score`). */
export const ndcg: QueryMetric = ({ ties, gains }, k) => {
  let best = 0;
  for (let position = 0; position < Math.min(k, gains.length); position++) {
    best += gains[position]! * discount(position);
  }
  if (best === 0) return 0;
  const reached = ties.reduce((sum, tie) => {
    const to = Math.min(k, tie.before + tie.rows);
    return sum + (tie.gain / tie.rows) * discounts(tie.before, to);
  }, 0);
  return reached / best;
};

/** 1 / the position of the first relevant row; 0 where there is none (trec_eval's recip_rank). */
export const reciprocalRank: QueryMetric = ({ ties }, k) => {
  const first = ties.find((tie) => tie.relevant > 0);
  if (!first) return 0;
  let mean = 0;
  let noneYet = 1;
  for (let at = 0; at <= first.rows - first.relevant && first.before + at < k; at++) {
    const here = first.relevant / (first.rows - at);
    mean += (noneYet * here) / (first.before + at + 1);
    noneYet *= 1 - here;
  }
  return mean;
};

/** Mean over all relevant rows of the precision at their positions, 0 beyond k (trec_eval's map and map_cut). */
export const averagePrecisionOfQuery: QueryMetric = ({ ties, relevant }, k) => {
  if (relevant === 0) return 0;
  let sum = 0;
  for (const tie of ties) {
    if (tie.relevant === 0) continue;
    const others = tie.rows > 1 ? (tie.relevant - 1) / (tie.rows - 1) : 0;
    for (let at = 0; at < tie.rows && tie.before + at < k; at++) {
      const relevantSoFar = tie.relevantBefore + 1 + at * others;
      sum += ((tie.relevant / tie.rows) * relevantSoFar) / (tie.before + at + 1);
    }
  }
  return sum / relevant;
};

/** Relevant rows among the first k, in the mean over the orders of ties. */
function relevantAmong({ ties }: Query, k: number): number {
  return ties.reduce((sum, tie) => {
    const taken = Math.min(tie.rows, Math.max(0, k - tie.before));
    return sum + (tie.relevant * taken) / tie.rows;
  }, 0);
}

/** Share of the relevant rows that are among the first k; 0 where there is none (trec_eval's recall). */
export const recallAt: QueryMetric = (query, k) =>
  query.relevant === 0 ? 0 : relevantAmong(query, k) / query.relevant;

/** Share of the first k places that hold a relevant row, whether or not there are k rows (trec_eval's P). */
export const precisionAt: QueryMetric = (query, k) => relevantAmong(query, k) / k;

function whyNoRanking(rows: Rows): string | undefined {
  if (!rows.groups) return 'no column says to which query a row belongs: name it as columns.group';
  if (rows.truth.length === 0) return 'there is no row';
  if (rows.weight) return 'a query is one observation, and sample weights are of rows: leave them out';
  const bad = countNotFinite(rows.score!);
  if (bad > 0) return `y_score is not a finite number in ${counted(bad, 'row')}`;
  const unknown = countNotFinite(rows.truth);
  if (unknown > 0) return `the relevance is not a finite number in ${counted(unknown, 'row')}`;
  const negative = rows.truth.reduce((count, truth) => count + (truth < 0 ? 1 : 0), 0);
  return negative > 0 ? `the relevance is negative in ${counted(negative, 'row')}` : undefined;
}

/** The mean over queries. A query's influence stands at its first row, so that the variance is that of queries. */
export function meanOverQueries(metric: QueryMetric, rows: Rows, { k }: MetricParameters = {}): MetricValue {
  const why = whyNoRanking(rows);
  if (why) return noValue(why);
  const count = rows.groups!.count;
  const values = new Float64Array(count);
  const firstRows = new Int32Array(count);
  eachQuery(rows, (query, firstRow, number) => {
    values[number] = metric(query, k ?? Number.POSITIVE_INFINITY);
    firstRows[number] = firstRow;
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return {
    value: mean,
    spread: {
      kind: 'influence',
      influence: () => {
        const scale = Math.sqrt(count / Math.max(1, count - 1)) / count;
        const influence = new Float64Array(rows.truth.length);
        values.forEach((value, query) => {
          influence[firstRows[query]!] = scale * (value - mean);
        });
        return influence;
      },
      perQuery: values,
    },
  };
}

/** Sorted once over all rows and dealt to the queries in that order. */
function eachQuery(rows: Rows, each: (query: Query, firstRow: number, number: number) => void): void {
  const groups = rows.groups!;
  const starts = new Int32Array(groups.count + 1);
  for (const group of groups.of) starts[group + 1]!++;
  for (let group = 0; group < groups.count; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice(0, groups.count);
  const sorted = new Int32Array(rows.truth.length);
  const { order } = rankRows(rows);
  for (let position = order.length - 1; position >= 0; position--) {
    const row = order[position]!;
    sorted[next[groups.of[row]!]!++] = row;
  }
  for (let group = 0; group < groups.count; group++) {
    const own = sorted.subarray(starts[group], starts[group + 1]);
    each(
      queryOf(rows, own),
      own.reduce((first, row) => Math.min(first, row)),
      group,
    );
  }
}

/** @param own the rows of the query, descending by score. */
function queryOf(rows: Rows, own: Int32Array): Query {
  const ties: Tie[] = [];
  let relevant = 0;
  for (let from = 0; from < own.length; ) {
    const tie: Tie = { before: from, relevantBefore: relevant, rows: 0, relevant: 0, gain: 0 };
    const score = rows.score![own[from]!];
    for (; from < own.length && rows.score![own[from]!] === score; from++) {
      const truth = rows.truth[own[from]!]!;
      tie.rows++;
      tie.gain += truth;
      if (truth > 0) tie.relevant++;
    }
    relevant += tie.relevant;
    ties.push(tie);
  }
  const gains = Float64Array.from(own, (row) => rows.truth[row]!)
    .sort()
    .reverse();
  return { ties, relevant, gains };
}
