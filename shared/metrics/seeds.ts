/**
 * Retrain noise: each side is not one model but what a training makes of several seeds. The value of a side is the
 * mean over its seeds; its error has two sources, the choice of rows (as for one model, by the influences averaged
 * over the seeds, paired) and the choice of seeds (s²/k per side), which more rows do not lessen.
 */
import { combinedError, type VariancePart, varianceOfMean } from '../stats/combined-error.ts';
import {
  decidingRows,
  describeMethod,
  differenceOf,
  errorOfRows,
  type PairOptions,
  spreadReader,
} from './comparison.ts';
import { type Comparison, type ComparisonMethod, NO_METHOD } from './comparison-types.ts';
import { type ErrorOf, linearMethod } from './limit-contrasts.ts';
import type { Direction, MetricDefinition } from './metric-definition.ts';
import { type MetricValue, NO_SPREAD, noValue, type Rows } from './rows.ts';
import { atEnd, whyTooFew } from './sufficiency.ts';
import { supposedVariance } from './supposed-variance.ts';

/** With fewer the spread between seeds is hardly known: of two, t has one degree of freedom. */
export const FEWEST_SEEDS = 3;

const WHY_NO_ROWS = 'more rows would not decide, since most of the doubt is between seeds; more seeds would';

/** Why these seeds are too few; undefined where they are enough. */
function whyTooFewSeeds(champions: number | undefined, challengers: number): string | undefined {
  const fewest = Math.min(champions ?? challengers, challengers);
  return fewest < FEWEST_SEEDS
    ? `${fewest} ${fewest === 1 ? 'seed' : 'seeds'}, and at least ${FEWEST_SEEDS} a side are needed`
    : undefined;
}

/** The error that the choice of seeds gives to a combination of both sides' means. */
function seedParts(
  champions: readonly number[] | undefined,
  challengers: readonly number[],
): (ofChallenger: number, ofChampion: number) => VariancePart[] {
  const [own, theirs] = [challengers, champions].map((side) => side && varianceOfMean(side));
  const scaled = (part: VariancePart | undefined, factor: number): VariancePart[] =>
    part && factor !== 0 ? [{ ...part, variance: part.variance * factor * factor }] : [];
  return (ofChallenger, ofChampion) => [...scaled(own, ofChallenger), ...scaled(theirs, ofChampion)];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const seedsShown = (seeds: number | undefined, others: number): string =>
  `${seeds === undefined ? others : `${seeds} and ${others}`} seeds`;

/**
 * Compares two trainings, each by the predictions of several of its seeds on the same rows in the same order.
 * @param champions one Rows per seed; undefined where there is no champion. @param challengers likewise.
 * @returns a comparison whose values are means over seeds; not judged (`tooFew…`) with fewer than three seeds a side.
 */
export function compareSeeds(
  definition: MetricDefinition,
  champions: readonly Rows[] | undefined,
  challengers: readonly Rows[],
  options: PairOptions,
): Comparison {
  const prepared = (rows: Rows): Rows => definition.prepare?.(rows) ?? rows;
  const sides = {
    champion: champions && sideOf(definition, champions.map(prepared)),
    challenger: sideOf(definition, challengers.map(prepared)),
  };
  const rows = sides.challenger.rows[0]!;
  const values = { champion: sides.champion?.value, challenger: sides.challenger.value };
  // Unlike the score interval of one pair, this method needs enough rows of a rate too.
  const asRatio: MetricDefinition = { ...definition, rate: undefined, intervalMethod: methodOf(definition) };
  const ofRows = rowsError(sides);
  const deciding = ofRows && decidingRows(values, ofRows);
  const tooFew = whyTooFew(asRatio, sides.champion?.rows[0], rows, { deciding });
  const tooFewSeeds = whyTooFewSeeds(champions?.length, challengers.length);
  return {
    definition,
    rows: rows.truth.length,
    ...values,
    difference: differenceOf(values),
    tooFewForValue: tooFewSeeds ?? tooFew.tooFewForValue ?? atEnd(definition, values.challenger.value),
    tooFewForChange: tooFewSeeds ?? tooFew.tooFewForChange,
    ...(tooFewSeeds === undefined && ofRows
      ? seedsMethod(definition, sides, ofRows, options.confidence)
      : NO_METHOD),
    method: hasSpread(sides.challenger.values[0])
      ? `${describeMethod(definition, rows)}, ${seedsShown(champions?.length, challengers.length)}`
      : '',
  };
}

const hasSpread = (value: MetricValue | undefined): boolean =>
  value?.value !== undefined && value.spread.kind !== 'unknown';

const methodOf = (definition: MetricDefinition): MetricDefinition['intervalMethod'] =>
  definition.rate ? 'infinitesimal jackknife' : definition.intervalMethod;

interface SeedSide {
  rows: readonly Rows[];
  values: readonly MetricValue[];
  /** The mean; or why there is none. */
  value: MetricValue;
}

function sideOf(definition: MetricDefinition, rows: readonly Rows[]): SeedSide {
  const values = rows.map((seed) => definition.compute(seed));
  const lacking = values.findIndex((value) => value.value === undefined);
  const without = values[lacking];
  if (without && 'why' in without)
    return { rows, values, value: noValue(`of seed ${lacking + 1} of ${rows.length}: ${without.why}`) };
  return { rows, values, value: { value: mean(numbersOf(values)), spread: NO_SPREAD } };
}

const numbersOf = (values: readonly MetricValue[]): number[] =>
  values.flatMap((value) => (value.value === undefined ? [] : [value.value]));

interface SeedSides {
  champion: SeedSide | undefined;
  challenger: SeedSide;
}

/** A side that has a value. */
const known = (side: SeedSide | undefined): SeedSide | undefined =>
  side?.value.value === undefined ? undefined : side;

/** The error that the choice of rows gives to a combination of both sides' means; undefined where it is not known. */
function rowsError({ champion, challenger }: SeedSides): ErrorOf | undefined {
  const [first] = challenger.values;
  if (!known(challenger) || !first || !hasSpread(first)) return undefined;
  const rows = challenger.rows[0]!;
  const spreadOf = spreadReader(rows);
  const averaged = (side: SeedSide): Float64Array => averageColumns(side.values.map(spreadOf));
  const theirs = known(champion);
  return errorOfRows(first, { challenger: averaged(challenger), champion: theirs && averaged(theirs) }, rows);
}

function seedsMethod(
  definition: MetricDefinition,
  { champion, challenger }: SeedSides,
  ofRows: ErrorOf,
  confidence: number,
): ComparisonMethod {
  if (challenger.value.value === undefined) return NO_METHOD;
  const theirs = known(champion);
  const ofSeeds = seedParts(theirs && numbersOf(theirs.values), numbersOf(challenger.values));
  const errorWithRows =
    (times: number): ErrorOf =>
    (ofChallenger, ofChampion) => {
      const { standardError, degrees, deciding } = ofRows(ofChallenger, ofChampion);
      const told = deciding === undefined ? undefined : deciding * times;
      const part = {
        variance: standardError ** 2 / times,
        degrees: told === undefined ? degrees : degrees * times,
      };
      return { ...combinedError([part, ...ofSeeds(ofChallenger, ofChampion)]), deciding: told };
    };
  const numbers = {
    direction: definition.direction,
    champion: theirs?.value.value,
    challenger: challenger.value.value,
    errorWithRows,
    whyNoRows: WHY_NO_ROWS,
    range: definition.range,
    supposed: supposedVariance(definition, challenger.rows[0]!),
  };
  return { ...NO_METHOD, ...linearMethod(numbers, errorWithRows(1), confidence) };
}

function averageColumns(columns: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(columns[0]!.length);
  for (const column of columns)
    for (let row = 0; row < sums.length; row++) sums[row]! += column[row]! / columns.length;
  return sums;
}

/** What several plain numbers a side tell: the fields of a Comparison that do not speak of rows. */
export interface SeedNumbers
  extends Omit<
    Comparison,
    'definition' | 'rows' | 'champion' | 'challenger' | 'tooFewForValue' | 'tooFewForChange'
  > {
  champion: number | undefined;
  challenger: number;
  /** Why the intervals are not to be judged by. */
  tooFew: string | undefined;
}

/**
 * Compares two trainings by one number per seed: Welch's t interval of the difference of the means
 * (scipy: `ttest_ind(equal_var=False).confidence_interval()`), and of the challenger's mean Student's.
 * @param champions one number per seed; undefined where there is no champion. @param challengers likewise, at least one.
 */
export function compareSeedNumbers(
  direction: Direction,
  champions: readonly number[] | undefined,
  challengers: readonly number[],
  options: PairOptions,
): SeedNumbers {
  const values = { champion: champions && mean(champions), challenger: mean(challengers) };
  const difference = values.champion === undefined ? undefined : values.challenger - values.champion;
  const tooFew = whyTooFewSeeds(champions?.length, challengers.length);
  const method = `${champions ? "Welch's t" : "Student's t"}, ${seedsShown(champions?.length, challengers.length)}`;
  if (tooFew !== undefined) return { ...values, difference, ...NO_METHOD, method, tooFew };
  const parts = seedParts(champions, challengers);
  const errorOf: ErrorOf = (ofChallenger, ofChampion) => combinedError(parts(ofChallenger, ofChampion));
  const linear = linearMethod({ direction, ...values }, errorOf, options.confidence);
  return { ...values, difference, ...linear, method, tooFew };
}
