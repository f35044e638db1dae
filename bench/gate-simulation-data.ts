/**
 * Two models on rows whose true values are known: both err by a noise of which a part is shared, as the errors of two
 * models that were trained on the same data are. One generator per task.
 */
import type { MetricTask } from '../shared/metrics/metric-definition.ts';
import type { LabelColumns, Rows } from '../shared/metrics/rows.ts';
import { randomGenerator } from '../shared/stats/random.ts';

export interface Pair {
  champion: Rows;
  challenger: Rows;
}

export interface World {
  /** How much more (or less) the challenger errs than the champion; 1: the models are equal. */
  challengerNoise: number;
  /** Correlation of both models' errors. */
  shared: number;
  /** Binary: the share of positive rows. */
  positives: number;
  /** Binary: how far the scores of both labels lie apart, in logits; 2 where nothing is said, an area of 0.86. */
  separation?: number;
  /** Regression: the error of the prediction's logarithm; 0.1 where nothing is said. */
  logError?: number;
}

export class Randomness {
  readonly uniform: () => number;
  #spare: number | undefined;

  constructor(seed: number) {
    this.uniform = randomGenerator(seed);
  }

  /** Standard normal, two at a time by Box and Muller. */
  normal(): number {
    const kept = this.#spare;
    this.#spare = undefined;
    if (kept !== undefined) return kept;
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** The errors of both models at one place. */
function errors(random: Randomness, { shared, challengerNoise }: World): [number, number] {
  const common = Math.sqrt(shared) * random.normal();
  const own = Math.sqrt(1 - shared);
  return [common + own * random.normal(), (common + own * random.normal()) * challengerNoise];
}

const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));

interface TwoColumns {
  champion: Float64Array;
  challenger: Float64Array;
}

const columns = (count: number): TwoColumns => ({
  champion: new Float64Array(count),
  challenger: new Float64Array(count),
});

/** One label that either holds or not: probabilities of it, and whether they reach one half. */
function label(count: number, random: Randomness, world: World, positives: number) {
  const truth = new Float64Array(count);
  const [score, predicted] = [columns(count), columns(count)];
  const base = Math.log(positives / (1 - positives));
  for (let row = 0; row < count; row++) {
    truth[row] = random.uniform() < positives ? 1 : 0;
    const [first, second] = errors(random, world);
    const signal = base / 2 + (truth[row]! - 0.5) * (world.separation ?? 2);
    score.champion[row] = logistic(signal + 1.3 * first);
    score.challenger[row] = logistic(signal + 1.3 * second);
    predicted.champion[row] = score.champion[row]! >= 0.5 ? 1 : 0;
    predicted.challenger[row] = score.challenger[row]! >= 0.5 ? 1 : 0;
  }
  return { truth, score, predicted };
}

function binary(count: number, random: Randomness, world: World): Pair {
  const { truth, score, predicted } = label(count, random, world, world.positives);
  return {
    champion: { truth, score: score.champion, predicted: predicted.champion },
    challenger: { truth, score: score.challenger, predicted: predicted.challenger },
  };
}

/** Four classes, by the share of rows below each one's end. */
const CLASS_ENDS = [0.34, 0.62, 0.84, 1];

function multiclass(count: number, random: Randomness, world: World): Pair {
  const names = CLASS_ENDS.map((_, index) => `class ${index}`);
  const truth = new Float64Array(count);
  const predicted = columns(count);
  const scores = CLASS_ENDS.map(() => columns(count));
  for (let row = 0; row < count; row++) {
    const drawn = random.uniform();
    truth[row] = CLASS_ENDS.findIndex((end) => drawn < end);
    const logits = CLASS_ENDS.map((_, index) => {
      const signal = index === truth[row] ? 1.8 : 0;
      return errors(random, world).map((error) => Math.exp(signal + 1.2 * error));
    });
    (['champion', 'challenger'] as const).forEach((side, at) => {
      const total = logits.reduce((sum, pair) => sum + pair[at]!, 0);
      const best = logits.reduce((top, pair, index) => (pair[at]! > logits[top]![at]! ? index : top), 0);
      predicted[side][row] = best;
      logits.forEach((pair, index) => {
        scores[index]![side][row] = pair[at]! / total;
      });
    });
  }
  const side = (of: keyof TwoColumns): Rows => ({
    truth,
    classes: names,
    predicted: predicted[of],
    classScores: scores.map((pair) => pair[of]),
  });
  return { champion: side('champion'), challenger: side('challenger') };
}

function multilabel(count: number, random: Randomness, world: World): Pair {
  const made = [0.45, 0.4, 0.35, 0.3].map((share) => label(count, random, world, share));
  const truth = new Float64Array(count);
  for (const one of made) for (let row = 0; row < count; row++) truth[row]! += one.truth[row]!;
  const side = (of: keyof TwoColumns): Rows => ({
    truth,
    labels: made.map(
      (one, index): LabelColumns => ({
        name: `label ${index}`,
        truth: one.truth,
        predicted: one.predicted[of],
        score: one.score[of],
      }),
    ),
  });
  return { champion: side('champion'), challenger: side('challenger') };
}

/** Positive amounts, skewed, so that every metric of numbers has a value. */
function regression(count: number, random: Randomness, world: World): Pair {
  const truth = new Float64Array(count);
  const predicted = columns(count);
  for (let row = 0; row < count; row++) {
    truth[row] = 10 * Math.exp(0.2 * random.normal());
    const [first, second] = errors(random, world);
    const scale = world.logError ?? 0.1;
    predicted.champion[row] = truth[row]! * Math.exp(scale * first);
    predicted.challenger[row] = truth[row]! * Math.exp(scale * second);
  }
  return {
    champion: { truth, predicted: predicted.champion },
    challenger: { truth, predicted: predicted.challenger },
  };
}

function forecasting(count: number, random: Randomness, world: World): Pair {
  const { champion, challenger } = regression(count, random, world);
  const of = Int32Array.from({ length: count }, () => Math.floor(5 * random.uniform()));
  const naiveError = Float64Array.from(of, (series) => 2 + series);
  const more = { naiveError, groups: { of, count: 5 } };
  return { champion: { ...champion, ...more }, challenger: { ...challenger, ...more } };
}

const ROWS_PER_QUERY = 6;

/** @param queries not rows: a query is one observation. */
function ranking(queries: number, random: Randomness, world: World): Pair {
  const count = queries * ROWS_PER_QUERY;
  const truth = new Float64Array(count);
  const score = columns(count);
  const of = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    of[row] = Math.floor(row / ROWS_PER_QUERY);
    const drawn = random.uniform();
    truth[row] = drawn < 0.7 ? 0 : drawn < 0.9 ? 1 : 2;
    const [first, second] = errors(random, world);
    score.champion[row] = truth[row]! + first;
    score.challenger[row] = truth[row]! + second;
  }
  const groups = { of, count: queries };
  return {
    champion: { truth, groups, score: score.champion },
    challenger: { truth, groups, score: score.challenger },
  };
}

/** Grades between 0 and 1 of two systems on the same tasks. */
function scores(count: number, random: Randomness, world: World): Pair {
  const predicted = columns(count);
  const truth = new Float64Array(count).fill(1);
  for (let row = 0; row < count; row++) {
    const [first, second] = errors(random, world);
    predicted.champion[row] = logistic(0.5 + first);
    predicted.challenger[row] = logistic(0.5 + second);
  }
  return {
    champion: { truth, predicted: predicted.champion },
    challenger: { truth, predicted: predicted.challenger },
  };
}

export const GENERATORS: Record<MetricTask, (count: number, random: Randomness, world: World) => Pair> = {
  binary,
  multiclass,
  multilabel,
  regression,
  forecasting,
  ranking,
  scores,
};
