/** Tables of models whose truth is known, for the simulations of estimated performance. */
import type { DriftTable } from '../actions/drift-check/table.ts';

export interface Setting {
  /** By how much the first feature has moved, in standard deviations. */
  shift: number;
  /** Whether inputs have come to mean something else. */
  conceptDrift?: boolean;
}

export type MakeTable = (rows: number, random: () => number, setting: Setting) => DriftTable;

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A score that is not calibrated, of a truth that also hangs on a feature which the model has not. */
export const binaryTable: MakeTable = (rows, random, { shift, conceptDrift }) => {
  const labels = new Float64Array(rows);
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = normal(random) + shift;
    const signal = 1.5 * x - 0.7;
    scores[row] = logistic(0.5 * signal + 0.4);
    const truth = (conceptDrift ? 0.5 * signal - 0.3 : signal) + 0.5 * normal(random);
    labels[row] = Number(random() < logistic(truth));
  }
  return { rowCount: rows, columns: new Map(), labels, scores };
};

/** Three classes, of which the first feature parts two and the second the third. */
export const multiclassTable: MakeTable = (rows, random, { shift, conceptDrift }) => {
  const classes = ['a', 'b', 'c'];
  const labels = new Float64Array(rows);
  const predictions = new Float64Array(rows);
  const classScores = classes.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    const [x, z] = [normal(random) + shift, normal(random)];
    const signal = [1.2 * x, -1.2 * x, 1.3 * z];
    const shares = softmax(signal.map((value) => 0.6 * value));
    shares.forEach((share, index) => {
      classScores[index]![row] = share;
    });
    predictions[row] = shares.indexOf(Math.max(...shares));
    const truth = softmax(conceptDrift ? signal.map((value) => 0.4 * value) : signal);
    const drawn = random();
    labels[row] = drawn < truth[0]! ? 0 : drawn < truth[0]! + truth[1]! ? 1 : 2;
  }
  return { rowCount: rows, columns: new Map(), labels, predictions, classes, classScores };
};

function softmax(values: readonly number[]): number[] {
  const powers = values.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Numbers whose noise grows with the first feature, and a model that is a little wrong everywhere. */
export const regressionTable: MakeTable = (rows, random, { shift, conceptDrift }) => {
  const labels = new Float64Array(rows);
  const predictions = new Float64Array(rows);
  const [x, z] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    x[row] = normal(random) + shift;
    z[row] = random();
    predictions[row] = 2 * x[row]! + z[row]!;
    const noise = (conceptDrift ? 2 : 1) * (0.5 + Math.abs(x[row]!)) * normal(random);
    labels[row] = predictions[row]! + 0.5 * Math.sin(3 * x[row]!) + noise;
  }
  return {
    rowCount: rows,
    columns: new Map([
      ['x', { kind: 'numeric', values: x }],
      ['z', { kind: 'numeric', values: z }],
    ]),
    labels,
    predictions,
  };
};
