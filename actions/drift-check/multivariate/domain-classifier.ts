/**
 * Whether reference and data can be told apart by all columns together, where no single one need have moved: a
 * classifier that learns which side a row is of, judged on rows that it did not learn from.
 */
import type { DriftMultivariate } from '../../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { fitGradientBoosting } from '../../../shared/stats/gradient-boosting.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { areaBetween, areaTest } from '../../../shared/stats/two-sample-area.ts';
import type { EncodedColumn } from './sampled-columns.ts';

/** Parts of the rows; the first ones are only learnt from. */
const PARTS = 5;
const FIRST_JUDGED = 2;
/** Fewer rows of a side teach a classifier nothing. */
export const FEWEST_ROWS = 100;
const SEED = 1;
/** Small trees: what is to be learnt is a difference of two samples of one process. */
const MODEL = { rounds: 25, learningRate: 0.15, leaves: 16, bins: 32, minLeafRows: 20, seed: SEED };
/** Columns that are shuffled to see how much the area falls. */
const SHUFFLED = 12;
/** A column whose shuffling costs less than this tells nothing. */
const LEAST_IMPORTANCE = 0.005;

type Options = Exclude<NonNullable<DriftPolicy['multivariate']>, false>;

interface Fold {
  columns: Float64Array[];
  isData: Uint8Array;
  model: ReturnType<typeof fitGradientBoosting>;
}

/** Each row's part, equally many of each side in each. */
function partsOf(count: number, random: () => number): Uint8Array {
  const parts = Uint8Array.from({ length: count }, (_, row) => row % PARTS);
  for (let row = count - 1; row > 0; row--) {
    const other = Math.floor(random() * (row + 1));
    [parts[row], parts[other]] = [parts[other]!, parts[row]!];
  }
  return parts;
}

/**
 * Each judged part with a model of the parts before it. In ordinary cross-validation the areas of the folds are
 * correlated (two alarms in twenty where one is meant); here each part's labels are new to all that went before, so
 * that the areas are uncorrelated under the hypothesis, and their variances add up.
 */
function fitFolds(columns: readonly EncodedColumn[], random: () => number): Fold[] {
  const before = columns[0]!.reference.length;
  const now = columns[0]!.data.length;
  const parts = new Uint8Array(before + now);
  parts.set(partsOf(before, random));
  parts.set(partsOf(now, random), before);
  const all = columns.map(({ reference, data }) => {
    const values = new Float64Array(before + now);
    values.set(reference);
    values.set(data, before);
    return values;
  });
  const rows = Uint32Array.from(parts.keys());
  const pick = (chosen: Uint32Array) => all.map((values) => Float64Array.from(chosen, (row) => values[row]!));
  return Array.from({ length: PARTS - FIRST_JUDGED }, (_, at) => {
    const judged = FIRST_JUDGED + at;
    const training = rows.filter((row) => parts[row]! < judged);
    const held = rows.filter((row) => parts[row] === judged);
    const target = Float64Array.from(training, (row) => (row >= before ? 1 : 0));
    return {
      columns: pick(held),
      isData: Uint8Array.from(held, (row) => (row >= before ? 1 : 0)),
      model: fitGradientBoosting({ columns: pick(training), target, objective: 'binary', ...MODEL }),
    };
  });
}

function areaOf({ columns, isData, model }: Fold) {
  const scores = model.predict(columns);
  return areaBetween(
    scores.filter((_, row) => isData[row] === 0),
    scores.filter((_, row) => isData[row] === 1),
  );
}

/** By how much the mean area of the folds falls when one column is shuffled within each fold. */
function shuffledLoss(folds: readonly Fold[], column: number, area: number, random: () => number): number {
  const shuffled = folds.map((fold) => {
    const values = Float64Array.from(fold.columns[column]!);
    for (let row = values.length - 1; row > 0; row--) {
      const other = Math.floor(random() * (row + 1));
      [values[row], values[other]] = [values[other]!, values[row]!];
    }
    return areaOf({ ...fold, columns: fold.columns.with(column, values) }).area;
  });
  return area - shuffled.reduce((sum, one) => sum + one, 0) / folds.length;
}

/**
 * @param columns features of both sides, sampled; of none it is known here whether it moved by itself.
 * @param decides whether the policy makes it a reason.
 */
export function judgeMultivariate(
  columns: readonly EncodedColumn[],
  rows: DriftMultivariate['rows'],
  options: Options,
  decides: boolean,
): DriftMultivariate {
  const base = { decides, minAuc: options.min_auc, rows };
  const nothing = { auc: null, interval: null, pValue: null, columns: [] };
  if (columns.length < 2) {
    return { ...base, ...nothing, status: 'not_judged', note: 'needs two columns' };
  }
  if (Math.min(rows.reference, rows.data) < FEWEST_ROWS) {
    return { ...base, ...nothing, status: 'not_judged', note: `needs ${FEWEST_ROWS} rows of each side` };
  }
  const random = randomGenerator(SEED);
  const folds = fitFolds(columns, random);
  const { area, interval, pValue } = areaTest(folds.map(areaOf));
  const drifts = pValue <= options.alpha && area >= options.min_auc;
  const gains = columns.map((_, at) => folds.reduce((sum, { model }) => sum + model.importance[at]!, 0));
  const candidates = drifts
    ? gains
        .map((gain, at) => ({ gain, at }))
        .filter(({ gain }) => gain > 0)
        .sort((a, b) => b.gain - a.gain || a.at - b.at)
        .slice(0, SHUFFLED)
    : [];
  const telling = candidates
    .map(({ at }) => {
      const { name } = columns[at]!;
      return { name, importance: shuffledLoss(folds, at, area, random), drifts: false };
    })
    .filter(({ importance }) => importance >= LEAST_IMPORTANCE)
    .sort((a, b) => b.importance - a.importance || (a.name < b.name ? -1 : 1));
  return {
    ...base,
    auc: area,
    interval,
    pValue,
    columns: telling,
    status: drifts ? 'drifts' : 'steady',
    note: '',
  };
}
