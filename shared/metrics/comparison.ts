/**
 * Champion and challenger on the same rows: both values, the difference with its interval, and by how much a limit
 * is kept, each by the method that suits the metric.
 */
import {
  type InfluenceMoments,
  influenceMoments,
  momentsError,
  momentsOfCells,
} from '../stats/influence-moments.ts';
import { jackknifeError, jackknifeGroups, type WeightedPart } from '../stats/paired-intervals.ts';
import { type Comparison, type ComparisonMethod, NO_METHOD } from './comparison-types.ts';
import { countedShare, isCountedShare } from './counted-shares.ts';
import { areIdentical } from './identical-models.ts';
import { type ErrorOf, linearMethod } from './limit-contrasts.ts';
import { isLoss, type MetricDefinition } from './metric-definition.ts';
import { rateComparison } from './rate-comparison.ts';
import type { CellInfluences, MetricValue, Rows } from './rows.ts';
import { atEnd, type DecidingRows, whyTooFew } from './sufficiency.ts';
import { supposedVariance } from './supposed-variance.ts';

export interface PairOptions {
  /** Two-sided, e.g. 0.95. */
  confidence: number;
}

/** Groups of the jackknife for metrics that are not smooth in the rows. */
const GROUPS = 20;

/**
 * Compares two models on the same rows in the same order.
 * @param championRows undefined where there is none. @param challengerRows both share truth, weights, clusters.
 */
export function compareModels(
  definition: MetricDefinition,
  championRows: Rows | undefined,
  challengerRows: Rows,
  options: PairOptions,
): Comparison {
  const prepared = (rows: Rows): Rows => definition.prepare?.(rows) ?? rows;
  const champion = championRows && prepared(championRows);
  const challenger = prepared(challengerRows);
  const values = {
    champion: champion && definition.compute(champion),
    challenger: definition.compute(challenger),
  };
  const identical = championRows !== undefined && areIdentical(championRows, challengerRows);
  const isRate = !challenger.weight && !challenger.clusters && definition.rate !== undefined;
  const errorOf = isRate ? undefined : linearError(values, challenger);
  const method = isRate
    ? rateComparison(definition, champion, challenger, { ...options, identical })
    : linearComparison(definition, values, challenger, errorOf, options.confidence);
  const isShare = isRate || countedShare(definition, challenger) !== undefined;
  const deciding = errorOf && decidingRows(values, errorOf);
  const tooFew = whyTooFew(definition, champion, challenger, {
    deciding,
    isShare,
    heedsSkewness: isLoss(definition),
  });
  return {
    definition,
    rows: challenger.truth.length,
    ...values,
    difference: differenceOf(values),
    ...tooFew,
    tooFewForValue:
      tooFew.tooFewForValue ?? (isShare ? undefined : atEnd(definition, values.challenger.value)),
    // The difference of a model from itself is no estimate.
    ...(identical && { tooFewForChange: undefined }),
    ...method,
  };
}

export interface TwoValues {
  champion: MetricValue | undefined;
  challenger: MetricValue;
}

export const differenceOf = ({ champion, challenger }: TwoValues): number | undefined =>
  champion?.value !== undefined && challenger.value !== undefined
    ? challenger.value - champion.value
    : undefined;

/** By how many rows the errors of the value and of the change are told, where influences tell. */
export const decidingRows = ({ champion }: TwoValues, errorOf: ErrorOf): DecidingRows => ({
  value: errorOf(1, 0).deciding,
  change: champion?.value === undefined ? undefined : errorOf(1, -1).deciding,
});

/** By influences or replicates; undefined where there is neither. */
function linearError(values: TwoValues, rows: Rows): ErrorOf | undefined {
  const { challenger } = values;
  if (challenger.value === undefined || challenger.spread.kind === 'unknown') return undefined;
  return errorOfCells(values, rows) ?? errorOfSpreads(values, rows);
}

/** Every limit is a linear combination of the two models' values. */
function linearComparison(
  definition: MetricDefinition,
  { champion, challenger }: TwoValues,
  rows: Rows,
  errorOf: ErrorOf | undefined,
  confidence: number,
): ComparisonMethod {
  if (challenger.value === undefined || !errorOf) return NO_METHOD;
  const numbers = {
    direction: definition.direction,
    champion: champion?.value,
    challenger: challenger.value,
    range: definition.range,
    supposed: supposedVariance(definition, rows),
    own: countedShare(definition, rows),
  };
  const heeded = isLoss(definition) ? skewedError(errorOf) : withoutSkewness(errorOf);
  return {
    ...linearMethod(numbers, heeded, confidence),
    method: describeMethod(definition, rows, isLoss(definition)),
  };
}

/**
 * Degrees of freedom of a loss for each row that decides: fewer than the two or so of Satterthwaite's, since the fourth
 * powers of a draw are mostly too small. With these simulated intervals hold 93 % or more.
 */
const DEGREES = { ofValue: 1.25, ofChange: 1 };

/** Few large losses make a value, and a change, lopsided and their error unsure. */
const skewedError =
  (errorOf: ErrorOf): ErrorOf =>
  (ofChallenger, ofChampion) => {
    const error = errorOf(ofChallenger, ofChampion);
    const { degrees, deciding = degrees } = error;
    const perDeciding = ofChampion === 0 ? DEGREES.ofValue : DEGREES.ofChange;
    return { ...error, degrees: Math.min(degrees, Math.max(1, perDeciding * deciding)) };
  };

const withoutSkewness =
  (errorOf: ErrorOf): ErrorOf =>
  (ofChallenger, ofChampion) => ({ ...errorOf(ofChallenger, ofChampion), skewness: undefined });

function errorOfSpreads({ champion, challenger }: TwoValues, rows: Rows): ErrorOf {
  const spreadOf = spreadReader(rows);
  const own = spreadOf(challenger);
  const theirs = champion?.value === undefined ? undefined : spreadOf(champion);
  return errorOfRows(challenger, { challenger: own, champion: theirs }, rows);
}

/** Undefined where influences are not those of cells. */
function errorOfCells({ champion, challenger }: TwoValues, rows: Rows): ErrorOf | undefined {
  const own = cellsOf(challenger);
  const hasChampion = champion?.value !== undefined;
  const theirs = hasChampion ? cellsOf(champion) : undefined;
  if (!own || (hasChampion && !theirs) || rows.clusters) return undefined;
  return momentsErrorOf(momentsOfCells(own, theirs));
}

const cellsOf = (value: MetricValue): CellInfluences | undefined =>
  value.value !== undefined && value.spread.kind === 'influence' ? value.spread.cells : undefined;

/** The error that the choice of rows gives to a combination of both models' values. */
export function errorOfRows(value: MetricValue, spreads: TwoSpreads, rows: Rows): ErrorOf {
  const isReplicated = value.value !== undefined && value.spread.kind === 'replicates';
  return isReplicated ? errorOfReplicates(spreads) : errorOfInfluences(spreads, rows);
}

interface TwoSpreads {
  challenger: Float64Array;
  champion: Float64Array | undefined;
}

function errorOfReplicates({ challenger, champion }: TwoSpreads): ErrorOf {
  return (ofChallenger, ofChampion) => {
    const parts: WeightedPart[] = [{ values: challenger, factor: ofChallenger }];
    if (champion) parts.push({ values: champion, factor: ofChampion });
    return jackknifeError(parts);
  };
}

/** Twelve sums serve every limit, and the influences, a number per row and metric, can be forgotten. */
function errorOfInfluences({ challenger, champion }: TwoSpreads, rows: Rows): ErrorOf {
  return momentsErrorOf(influenceMoments(challenger, champion, rows.clusters));
}

const momentsErrorOf =
  (moments: InfluenceMoments): ErrorOf =>
  (ofChallenger, ofChampion) =>
    momentsError(moments, ofChallenger, ofChampion);

/** Reads influences or replicates, the groups of the latter dealt once for both models. */
export function spreadReader(rows: Rows): (value: MetricValue) => Float64Array {
  let groups: Uint8Array | undefined;
  return (value) => {
    if (value.value === undefined || value.spread.kind === 'unknown') {
      throw new TypeError('a value without spread has no error');
    }
    if (value.spread.kind === 'influence') return value.spread.influence();
    groups ??= jackknifeGroups(rows.truth.length, GROUPS, rows.clusters);
    return value.spread.without(groups, GROUPS);
  };
}

/** On which scale the interval of a single model's value is; undefined: on its own. */
const scaleOfValue = ({ range }: MetricDefinition): string | undefined =>
  range && `on ${range.low === undefined ? 'a log' : 'the logit'} scale for the value`;

/** How the interval of a loss heeds that few rows may be most of it. */
const HEEDING_SKEWNESS = 'skewness by Hall’s transformation';

/** How the interval of a single model's value differs from that of a change, of rows that weigh alike. */
export const methodOfValue = (definition: MetricDefinition): string | undefined =>
  isCountedShare(definition) ? 'Wilson score for the value' : scaleOfValue(definition);

/** The method of the interval, for people. @param heedsSkewness as of a loss of one training, not of means over seeds. */
export function describeMethod(definition: MetricDefinition, rows: Rows, heedsSkewness = false): string {
  const method = definition.rate ? 'infinitesimal jackknife' : definition.intervalMethod;
  const qualities = [rows.weight && 'weighted', rows.clusters && 'by cluster'];
  const ofValue = qualities.some(Boolean) ? scaleOfValue(definition) : methodOfValue(definition);
  return [method, ...qualities, heedsSkewness && HEEDING_SKEWNESS, ofValue].filter(Boolean).join(', ');
}
