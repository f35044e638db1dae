/**
 * From how few rows on the large-sample intervals are not to be trusted. The numbers are those from which simulated
 * intervals cover 93 % or more: of two classes and of means over classes 50 rows of each and 50 predicted as each;
 * of averages weighted by class 20, since a small class weighs little; of rankings 50 queries; of every change 25
 * rows (or queries) in which the models differ; and of values of labels five rows that decide them, since an agreement
 * of exactly 1 has no spread of its own and still an error.
 *
 * Of losses 50 rows, however few of them decide: a rule by what the rows look like would judge just the draws that
 * lack their large losses by chance (of squared errors off by factors of 1.65 it judges a quarter of the draws of 500
 * rows, and misses the truth in a fifth of those). The share that is explained, a ratio of two means of squares, needs
 * 500, its change 50. Their interval heeds the skewness instead, and is long where few rows
 * decide. Where it does not, as of means over seeds, ten rows must decide. A loss that is rarer than one in a hundred
 * rows no number of a few hundred rows can speak of.
 */
import { type MetricDefinition, neededColumns } from './metric-definition.ts';
import type { Rows } from './rows.ts';
import { hasSupposedVariance } from './supposed-variance.ts';

export const ROWS_PER_CLASS = 50;
export const ROWS_PER_WEIGHTED_CLASS = 20;
export const DISCORDANT = 25;
export const CLUSTERS = 20;
export const QUERIES = 50;
export const DECIDING_ROWS = 5;
export const DECIDING_LOSSES = 10;
export const ROWS_OF_LOSS = 50;
export const ROWS_OF_EXPLAINED = 500;

/** How many rows (or clusters) decide, as (Σφ²)²/Σφ⁴ of the influences φ; undefined where none tell. */
export interface DecidingRows {
  value: number | undefined;
  change: number | undefined;
}

export interface Told {
  deciding?: DecidingRows | undefined;
  /** The value has the interval of a share, which holds with any number of rows. */
  isShare?: boolean;
  /** Of a loss: its interval is by Hall's transformation (stats/paired-intervals.ts). */
  heedsSkewness?: boolean;
}

export interface TooFew {
  tooFewForValue: string | undefined;
  tooFewForChange: string | undefined;
}

/** Says what is too few for the value's and for the change's interval; undefined where all is well. */
export function whyTooFew(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
  { deciding, isShare = false, heedsSkewness = false }: Told = {},
): TooFew {
  const { clusters } = challenger;
  if (clusters && clusters.count < CLUSTERS) {
    const why = `${clusters.count} clusters, and at least ${CLUSTERS} are needed`;
    return { tooFewForValue: why, tooFewForChange: why };
  }
  // Score intervals hold with any number of rows.
  const exactEnough = definition.rate !== undefined && !challenger.weight && !clusters;
  if (exactEnough) return { tooFewForValue: undefined, tooFewForChange: undefined };
  const ofClass = fewOfAClass(definition, challenger);
  const ofChampion = champion && fewOfAClass(definition, champion);
  // What their supposed variance makes up for.
  const asked = hasSupposedVariance(definition) ? undefined : deciding;
  const least = heedsSkewness ? 1 : definition.needs === 'labels' ? DECIDING_ROWS : DECIDING_LOSSES;
  const few = ofClass ?? (heedsSkewness ? fewRows(challenger, ROWS_OF_LOSS) : undefined);
  const fewExplained = heedsSkewness && definition.range ? fewRows(challenger, ROWS_OF_EXPLAINED) : undefined;
  return {
    tooFewForValue: isShare
      ? undefined
      : (few ?? fewExplained ?? fewDecide(least, 'it', asked?.value, challenger)),
    tooFewForChange:
      few ??
      ofChampion ??
      fewDiscordant(definition, champion, challenger, heedsSkewness) ??
      fewDecide(least, 'the change', asked?.change, challenger),
  };
}

/** Why a value at an end of its range has no interval: its rows are all alike, and show no error. */
export function atEnd(definition: MetricDefinition, value: number | undefined): string | undefined {
  const { range } = definition;
  if (!range || value === undefined || hasSupposedVariance(definition)) return undefined;
  if (value === range.high || value === range.low)
    return `it is ${value}, as ${value === range.high ? 'high' : 'low'} as it can be, where rows show no error`;
  return undefined;
}

function fewOfAClass(definition: MetricDefinition, rows: Rows): string | undefined {
  if (definition.task === 'ranking') return fewQueries(rows);
  const countsPredictions = definition.intervalMethod === 'infinitesimal jackknife' && rows.predicted;
  if (definition.task === 'binary') {
    return (
      fewOfTwo(rows.truth, 'labelled') ??
      (countsPredictions ? fewOfTwo(rows.predicted!, 'predicted') : undefined)
    );
  }
  const least = definition.leastPerClass;
  if (rows.labels) {
    return least === undefined ? fewOfAnyLabel(definition, rows) : fewOfALabel(definition, rows, least);
  }
  // Rows of hits and misses, which a metric has made of classes.
  if (!rows.classes) return undefined;
  const labelled = countPerClass(rows.truth, rows.classes.length);
  const predicted = countsPredictions ? countPerClass(rows.predicted!, rows.classes.length) : undefined;
  if (least === undefined) {
    return (
      fewBesideLargest(labelled, 'labelled', rows) ??
      (predicted && fewBesideLargest(predicted, 'predicted', rows))
    );
  }
  // A class that occurs nowhere, not even as a slip, is no part of a mean.
  const occurs = labelled.map((count, index) => count > 0 || (predicted?.[index] ?? 0) > 0);
  return (
    fewOfOne(labelled, occurs, 'labelled', rows, least) ??
    (predicted && fewOfOne(predicted, occurs, 'predicted', rows, least))
  );
}

function countPerClass(labels: Float64Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]!++;
  return counts;
}

function fewOfOne(
  counts: readonly number[],
  occurs: readonly boolean[],
  verb: string,
  rows: Rows,
  least: number,
): string | undefined {
  const index = counts.findIndex((count, at) => occurs[at] && count < least);
  return index < 0
    ? undefined
    : `${counts[index]} rows ${verb} ${rows.classes![index]}, and at least ${least} are needed`;
}

/** What is a function of all classes together needs rows beside those of one class. */
function fewBesideLargest(counts: readonly number[], verb: string, rows: Rows): string | undefined {
  const largest = counts.indexOf(Math.max(...counts));
  const others = counts.reduce((sum, count, index) => sum + (index === largest ? 0 : count), 0);
  return others < ROWS_PER_CLASS
    ? `${others} rows ${verb} other than ${rows.classes![largest]}, and at least ${ROWS_PER_CLASS} are needed`
    : undefined;
}

/** Columns of labels are never changed, so what is known of one stays true. */
const sums = new WeakMap<Float64Array, number>();

function sumOf(labels: Float64Array): number {
  let sum = sums.get(labels);
  if (sum !== undefined) return sum;
  sum = 0;
  for (let row = 0; row < labels.length; row++) sum += labels[row]!;
  sums.set(labels, sum);
  return sum;
}

function fewOfTwo(
  labels: Float64Array,
  verb: string,
  [positiveName, negativeName] = ['positive', 'negative'],
  least = ROWS_PER_CLASS,
): string | undefined {
  const positive = sumOf(labels);
  const [fewer, word] =
    positive < labels.length - positive ? [positive, positiveName] : [labels.length - positive, negativeName];
  return fewer < least ? `${fewer} rows ${verb} ${word}, and at least ${least} are needed` : undefined;
}

/** The first label that few rows have, or few have not. */
function fewOfALabel(definition: MetricDefinition, rows: Rows, least: number): string | undefined {
  for (const { name, truth, predicted } of rows.labels!) {
    const names = [name, `without ${name}`] as [string, string];
    const few =
      fewOfTwo(truth, 'labelled', names, least) ??
      (definition.needs === 'labels' && predicted
        ? fewOfTwo(predicted, 'predicted', names, least)
        : undefined);
    if (few) return few;
  }
  return undefined;
}

/** Of all labels of all rows together. */
function fewOfAnyLabel(definition: MetricDefinition, rows: Rows): string | undefined {
  if (definition.needs !== 'scores') return undefined;
  const count = rows.labels!.reduce(
    (sum, { truth }) => truth.reduce((ofLabel, own) => ofLabel + own, sum),
    0,
  );
  return count < ROWS_PER_CLASS
    ? `the rows have ${count} labels, and at least ${ROWS_PER_CLASS} are needed`
    : undefined;
}

const fewQueries = ({ groups }: Rows): string | undefined =>
  groups && groups.count < QUERIES
    ? `${groups.count} queries, and at least ${QUERIES} are needed`
    : undefined;

const fewRows = ({ truth, clusters }: Rows, least: number): string | undefined =>
  !clusters && truth.length < least
    ? `there are ${truth.length} rows, and at least ${least} are needed`
    : undefined;

/** Rows that decide are few where they may all be alike by chance, and show too small an error. */
function fewDecide(least: number, what: string, count: number | undefined, rows: Rows): string | undefined {
  if (count === undefined || count >= least) return undefined;
  const unit = rows.clusters ? 'clusters' : 'rows';
  return `about ${Math.round(count)} ${unit} decide ${what}, being the only ones of their kind, and at least ${least} are needed`;
}

/**
 * In few differing rows chance decides how many speak for the one and how many for the other. None that differs does
 * not make two files the same model (identical-models.ts).
 */
function fewDiscordant(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
  ofLoss: boolean,
): string | undefined {
  if (!champion) return undefined;
  const found =
    definition.task === 'ranking'
      ? countDiffering(queryValues(definition, champion), queryValues(definition, challenger))
      : differingRows(definition, champion, challenger, ofLoss);
  const unit = definition.task === 'ranking' ? 'queries' : 'rows';
  return found !== undefined && found < DISCORDANT
    ? `the models differ in ${found} ${unit}, and at least ${DISCORDANT} are needed`
    : undefined;
}

const queryValues = (definition: MetricDefinition, rows: Rows): Float64Array[] => {
  const found = definition.compute(rows);
  const values = found.value !== undefined && found.spread.kind === 'influence' && found.spread.perQuery;
  return values ? [values] : [];
};

function differingRows(
  definition: MetricDefinition,
  champion: Rows,
  challenger: Rows,
  ofLoss: boolean,
): number | undefined {
  if (definition.needs !== 'labels' && !definition.rate && !ofLoss) return undefined;
  const columnsOf = (rows: Rows): Float64Array[] =>
    ofLoss
      ? neededColumns(definition.needs, rows)
      : (rows.labels ?? [rows]).flatMap(({ predicted }) => predicted ?? []);
  return countDiffering(columnsOf(champion), columnsOf(challenger));
}

/** In how many entries any of the columns differs; counted no further than to what is enough. */
function countDiffering(first: readonly Float64Array[], second: readonly Float64Array[]): number {
  let count = 0;
  for (let row = 0; row < (first[0]?.length ?? 0) && count < DISCORDANT; row++) {
    if (first.some((column, index) => column[row] !== second[index]?.[row])) count++;
  }
  return count;
}
