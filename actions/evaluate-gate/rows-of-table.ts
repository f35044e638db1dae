/** From the joined table to what metrics are computed on: labels as 1 and 0, numbers, weights, clusters. */
import { type Column, readColumns } from '../../shared/data/columns.ts';
import type { Engine } from '../../shared/data/engine.ts';
import { UserError } from '../../shared/errors.ts';
import { numberClusters, type Rows, tabulate } from '../../shared/metrics/rows.ts';
import type { GatePolicy } from '../../shared/records/gate-policy.ts';
import { JOINED, type Joined } from './prediction-tables.ts';

export interface JudgedRows {
  champion: Rows | undefined;
  challenger: Rows;
  /** Of each feature the value per row. */
  features: Record<string, (string | null)[]>;
  notes: string[];
}

const DEFAULT_THRESHOLD = 0.5;

/** Reads `judged_rows`. @throws UserError for empty or unknown labels and for negative weights. */
export async function readRows(
  engine: Engine,
  joined: Joined,
  policy: GatePolicy,
  hasChampion: boolean,
): Promise<JudgedRows> {
  const { has } = joined;
  const names = [
    'y_true',
    has.pred && 'pred',
    has.score && 'score',
    has.championPred && 'champion_pred',
    has.championScore && 'champion_score',
    has.weight && 'weight',
    has.cluster && 'cluster',
    ...Object.values(joined.features),
  ].filter((name) => typeof name === 'string');
  const columns = await readColumns(engine, JOINED, names);
  requireFilled(columns.y_true!, 'y_true');
  const binary = policy.task === 'binary';
  const labels = binary ? labelReader(columns.y_true!, policy) : undefined;
  const truth = labels ? labels(columns.y_true!, 'y_true') : requireNumbers(columns.y_true!, 'y_true');
  const shared = {
    truth,
    weight: has.weight ? readWeights(columns.weight!) : undefined,
    clusters: has.cluster ? readClusters(columns.cluster!) : undefined,
  };
  const notes: string[] = [];
  const rowsOf = (pred: Column | undefined, score: Column | undefined, whose: string): Rows => {
    const scores = score && requireNumbers(score, `${whose} y_score`);
    if (!labels) return { ...shared, predicted: pred && requireNumbers(pred, `${whose} y_pred`) };
    const predicted = pred ? labels(pred, `${whose} y_pred`) : labelsFromScores(scores, policy);
    if (!pred && predicted) {
      notes.push(
        `${whose} labels are y_score ≥ ${policy.threshold ?? DEFAULT_THRESHOLD}, since there is no y_pred`,
      );
    }
    return { ...shared, predicted, score: scores };
  };
  const challenger = rowsOf(columns.pred, columns.score, "the challenger's");
  const champion = hasChampion
    ? rowsOf(columns.champion_pred, columns.champion_score, "the champion's")
    : undefined;
  const features = Object.fromEntries(
    Object.entries(joined.features).map(([feature, name]) => {
      const { values } = columns[name]!;
      return [feature, values instanceof Float64Array ? Array.from(values, String) : values];
    }),
  );
  return { champion, challenger, features, notes };
}

function requireFilled(column: Column, role: string): void {
  const empty = column.nulls.reduce((sum, isNull) => sum + isNull, 0);
  if (empty === 0) return;
  throw new UserError(`The column of ${role} is empty in ${empty} of ${column.nulls.length} rows.`, {
    where: { key: `columns.${role}` },
    fix: 'Judge only rows whose truth is known.',
  });
}

function requireNumbers(column: Column, role: string): Float64Array {
  if (column.kind !== 'text') return column.values;
  // A column without any value has no type of its own in a file of text.
  if (column.nulls.every((isNull) => isNull === 1)) return tabulate(column.values.length, () => Number.NaN);
  const example = column.values.find((value) => value !== null && !Number.isFinite(Number(value)));
  throw new UserError(
    `The column of ${role} holds text${example === undefined ? '' : `, such as ${JSON.stringify(example)}`}, where numbers are needed.`,
    {
      where: { key: `columns.${role.split(' ').at(-1)}` },
      fix: 'Write plain numbers, with a point before the decimals.',
    },
  );
}

type LabelReader = (column: Column, role: string) => Float64Array;

/** How labels are read: 0/1, −1/1 and false/true by themselves, any others by the policy's `positive_label`. */
function labelReader(truth: Column, policy: GatePolicy): LabelReader {
  const positive = policy.positive_label;
  const textOf = (column: Column, row: number): string => {
    const value = column.values[row];
    if (column.kind === 'boolean') return value === 1 ? 'true' : 'false';
    return String(value);
  };
  if (positive === undefined) return plainLabels;
  const known = new Set<string>();
  for (let row = 0; row < truth.values.length; row++) known.add(textOf(truth, row));
  if (!known.has(String(positive)) && known.size > 1) {
    throw new UserError(
      `No true label is ${JSON.stringify(positive)}; there are ${[...known].slice(0, 5).join(', ')}.`,
      {
        where: { key: 'positive_label' },
        fix: 'Write positive_label exactly as in the data.',
      },
    );
  }
  if (known.size > 2) {
    throw new UserError(
      `A binary task has two labels, and y_true has ${known.size}: ${[...known].slice(0, 5).join(', ')}.`,
      {
        where: { key: 'columns.y_true' },
      },
    );
  }
  return (column, role) =>
    tabulate(column.values.length, (row) => {
      if (column.nulls[row] === 1) return Number.NaN;
      const text = textOf(column, row);
      if (text === String(positive)) return 1;
      // A prediction of a label that never occurs as truth is a slip in the labels, unless truth has one label only.
      if (role !== 'y_true' && known.size === 2 && !known.has(text))
        throw unknownLabel(role, text, [...known]);
      return 0;
    });
}

const PLAIN = new Map([
  ['1', 1],
  ['true', 1],
  ['0', 0],
  ['-1', 0],
  ['false', 0],
]);

function plainLabels(column: Column, role: string): Float64Array {
  const labels = new Float64Array(column.values.length);
  for (let row = 0; row < labels.length; row++) {
    const value = column.values[row];
    const label = column.nulls[row] === 1 ? Number.NaN : PLAIN.get(String(value).toLowerCase());
    if (label === undefined) throw unknownLabel(role, String(value), ['0', '1', 'false', 'true']);
    labels[row] = label;
  }
  return labels;
}

function unknownLabel(role: string, label: string, known: string[]): UserError {
  return new UserError(
    `The column of ${role} holds ${JSON.stringify(label)}, and the labels are ${known.join(', ')}.`,
    {
      where: { key: `columns.${role.split(' ').at(-1)}` },
      fix: 'Name the positive label in the policy (positive_label: …); scores belong into y_score, not y_pred.',
    },
  );
}

/** Labels by the threshold; undefined where there is no score, or none that a threshold of ½ makes sense for. */
function labelsFromScores(scores: Float64Array | undefined, policy: GatePolicy): Float64Array | undefined {
  if (!scores) return undefined;
  const isProbability = scores.every((score) => Number.isNaN(score) || (score >= 0 && score <= 1));
  if (policy.threshold === undefined && !isProbability) return undefined;
  const threshold = policy.threshold ?? DEFAULT_THRESHOLD;
  return scores.map((score) => (Number.isNaN(score) ? Number.NaN : score >= threshold ? 1 : 0));
}

function readWeights(column: Column): Float64Array {
  const weights = requireNumbers(column, 'sample_weight');
  const bad = weights.reduce((sum, weight) => sum + (weight >= 0 && Number.isFinite(weight) ? 0 : 1), 0);
  if (bad === 0) return weights;
  throw new UserError(`The column of sample_weight is empty, negative or infinite in ${bad} rows.`, {
    where: { key: 'columns.sample_weight' },
    fix: 'Give every row a weight of 0 or more.',
  });
}

function readClusters(column: Column): Rows['clusters'] {
  requireFilled(column, 'cluster');
  return numberClusters(column.values instanceof Float64Array ? Array.from(column.values) : column.values);
}
