/** From the numbers of both sides to the item that is judged, with the best interval that the files allow. */
import { UserError } from '../../../shared/errors.ts';
import { compareModels } from '../../../shared/metrics/comparison.ts';
import { type ErrorOf, linearMethod } from '../../../shared/metrics/limit-contrasts.ts';
import { meanScore, scoreRows } from '../../../shared/metrics/mean-score.ts';
import { numberClusters, type Rows } from '../../../shared/metrics/rows.ts';
import { compareSeedNumbers, compareSeeds } from '../../../shared/metrics/seeds.ts';
import { type Item, itemOfComparison, itemOfNumbers, type Known } from '../judgement/items.ts';
import type { Rule } from '../policy/rules.ts';
import { type ChosenNumber, chooseNumber, whyMissing } from './choose-number.ts';
import { whyNotComparable } from './comparable.ts';
import type { MetricNumber } from './metrics-format.ts';
import type { MetricsSide } from './read-side.ts';

const NO_INTERVAL = 'a metrics file gives no interval; give predictions, or set decide_on: point';
const OTHER_DATA = 'it is not compared, since the two numbers are of other data or were made otherwise';
const NO_CHAMPION_ERROR =
  "the champion's file gives no standard error; set decide_on: point to judge the numbers alone";

export interface Sides {
  champion: MetricsSide | undefined;
  challenger: MetricsSide;
  /** Of a binary task, where the policy names it. */
  positiveLabel: string | undefined;
}

export interface NotedItem {
  item: Item;
  notes: string[];
}

/** @throws UserError when a key is ambiguous or the runs of one side do not belong together. */
export function itemOfRule(rule: Rule, sides: Sides): NotedItem {
  const ours = chosen(rule, sides.challenger, sides.positiveLabel);
  const theirs = sides.champion && chosen(rule, sides.champion, sides.positiveLabel);
  const [first] = ours;
  const [other] = theirs ?? [];
  const doubt = first && other && whyNotComparable(first.number, other.number);
  const challenger = knownOf(rule, ours, sides.challenger);
  const champion: Known | undefined =
    doubt !== undefined && theirs
      ? { value: undefined, why: `${OTHER_DATA}: ${doubt}`, isNaN: false, isNotComparable: true }
      : theirs && knownOf(rule, theirs, sides.champion!);
  const notes = [partNote(rule, ours, sides.challenger), theirs && partNote(rule, theirs, sides.champion!)];
  const compared = champion?.value === undefined ? undefined : theirs;
  const item =
    challenger.value === undefined
      ? itemOfNumbers(rule, champion, challenger, null)
      : { ...withInterval(rule, compared, ours), champion, challenger };
  return { item, notes: notes.filter((note) => note !== undefined) };
}

/** A seed that ended early may have left no number, and then the others alone are judged. */
function partNote(rule: Rule, numbers: readonly ChosenNumber[], { runs }: MetricsSide): string | undefined {
  if (numbers.length < 2 || numbers.length === runs.length) return undefined;
  return `${rule.name} is judged by ${numbers.length} of ${runs.length} files: the others, such as ${
    runs.find((run) => numbers.every((number) => number.run !== run))!.from
  }, do not hold it`;
}

function chosen(rule: Rule, side: MetricsSide, positiveLabel: string | undefined): ChosenNumber[] {
  const numbers = side.runs.flatMap((run) => chooseNumber(rule, run, positiveLabel) ?? []);
  requireSameTraining(rule, numbers);
  return numbers;
}

/** Runs of one side differ by their seed alone. */
function requireSameTraining(rule: Rule, numbers: readonly ChosenNumber[]): void {
  const [first, ...others] = numbers;
  for (const other of others) {
    const [one, two] = [first!.number, other.number];
    const isMixed = (one.cases === undefined) !== (two.cases === undefined);
    const doubt = isMixed ? 'one tells of each test and the other does not' : whyNotComparable(one, two);
    if (doubt === undefined) continue;
    throw new UserError(
      `${first!.run.from} and ${other.run.from} are no two seeds of ${rule.name}: ${doubt}.`,
      {
        where: { file: other.run.from },
        fix: 'Files of one evaluation go into one folder, which is named as a whole; files of other data are left out.',
      },
    );
  }
}

/** The mean over the runs that have the metric, which is the number itself where there is one. */
function knownOf(rule: Rule, numbers: readonly ChosenNumber[], side: MetricsSide): Known {
  if (numbers.length === 0) return { value: undefined, why: whyMissing(rule, side.runs), isNaN: false };
  const bad = numbers.find(({ number }) => !Number.isFinite(number.value));
  if (bad) return { value: undefined, why: `${bad.run.from} says ${bad.number.value}`, isNaN: true };
  return { value: numbers.reduce((sum, { number }) => sum + number.value, 0) / numbers.length };
}

function withInterval(rule: Rule, champions: ChosenNumber[] | undefined, challengers: ChosenNumber[]): Item {
  const paired = pairedItem(rule, champions, challengers);
  if (paired) return paired;
  if (challengers.length > 1 || (champions?.length ?? 0) > 1) return seedsItem(rule, champions, challengers);
  return (
    itemOfErrors(rule, champions?.[0]?.number, challengers[0]!.number) ??
    itemOfNumbers(rule, undefined, { value: challengers[0]!.number.value }, NO_INTERVAL)
  );
}

/** Where every file tells of each test, both sides are compared test by test. */
function pairedItem(
  rule: Rule,
  champions: ChosenNumber[] | undefined,
  challengers: ChosenNumber[],
): Item | undefined {
  const all = [...challengers, ...(champions ?? [])].map(({ number }) => number.cases);
  const [first] = all;
  if (!first || all.some((cases) => cases === undefined)) return undefined;
  const ids = [...first.keys()].sort();
  const clusters = numberClusters(ids.map((id) => first.get(id)!.cluster));
  const shared = clusters.count < ids.length ? { clusters } : {};
  const isRate = all.every((cases) => ids.every((id) => [0, 1].includes(cases!.get(id)!.score)));
  const rowsOf = ({ number }: ChosenNumber): Rows =>
    scoreRows(
      Float64Array.from(ids, (id) => number.cases!.get(id)!.score),
      shared,
    );
  const definition = meanScore(rule.name, rule.direction, isRate);
  const options = { confidence: rule.confidence };
  const [ours, theirs] = [challengers.map(rowsOf), champions?.map(rowsOf)];
  const comparison =
    ours.length > 1 || (theirs?.length ?? 0) > 1
      ? compareSeeds(definition, theirs, ours, options)
      : compareModels(definition, theirs?.[0], ours[0]!, options);
  return itemOfComparison(rule, null, comparison);
}

/** Several files a side are trainings with different seeds: their spread is the noise that is judged against. */
function seedsItem(rule: Rule, champions: ChosenNumber[] | undefined, challengers: ChosenNumber[]): Item {
  const valuesOf = (numbers: readonly ChosenNumber[]): number[] => numbers.map(({ number }) => number.value);
  const seeds = compareSeedNumbers(rule.direction, champions && valuesOf(champions), valuesOf(challengers), {
    confidence: rule.confidence,
  });
  return {
    ...itemOfNumbers(rule, undefined, { value: seeds.challenger }, NO_INTERVAL),
    challengerInterval: seeds.challengerInterval,
    interval: seeds.interval,
    method: seeds.method,
    noIntervalForValue: seeds.tooFew,
    noIntervalForChange: seeds.tooFew,
    clearance: seeds.clearance,
  };
}

/** From the standard errors in the files; that both models saw the same rows is not used, so the interval is wide. */
function itemOfErrors(
  rule: Rule,
  champion: MetricNumber | undefined,
  challenger: MetricNumber,
): Item | undefined {
  const own = challenger.standardError;
  if (own === undefined) return undefined;
  const theirs = champion?.standardError;
  const errorOf: ErrorOf = (ofChallenger, ofChampion) => ({
    standardError: Math.hypot(ofChallenger * own, ofChampion * (theirs ?? 0)),
    degrees: Number.POSITIVE_INFINITY,
  });
  const numbers = {
    direction: rule.direction,
    champion: theirs === undefined ? undefined : champion?.value,
    challenger: challenger.value,
  };
  return {
    ...itemOfNumbers(rule, undefined, { value: challenger.value }, NO_INTERVAL),
    ...linearMethod(numbers, errorOf, rule.confidence),
    rows: challenger.rows ?? null,
    method: 'normal, by the standard errors in the files, unpaired',
    noIntervalForValue: undefined,
    noIntervalForChange: champion && theirs === undefined ? NO_CHAMPION_ERROR : undefined,
  };
}
