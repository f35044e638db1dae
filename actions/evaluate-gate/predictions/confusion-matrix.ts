/** Who is taken for whom: rows by true and predicted label, of both models. */
import type { Rows } from '../../../shared/metrics/rows.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';

/** A larger matrix cannot be read by anybody. */
const MOST_LABELS = 30;

/** Says where a matrix is left out because of its size. */
export const confusionNotes = (challenger: Rows, labels: readonly string[]): string[] =>
  challenger.labels || labels.length <= MOST_LABELS
    ? []
    : [`The confusion matrix of ${labels.length} classes is left out; at most ${MOST_LABELS} are shown.`];

/** Null where the task has no classes, or too many, or not every row has a predicted label. */
export function confusionOf(
  champion: Rows | undefined,
  challenger: Rows,
  labels: readonly string[],
): Evaluation['confusion'] {
  if (labels.length < 2 || labels.length > MOST_LABELS || challenger.labels) return null;
  const ofChallenger = matrix(challenger, labels.length);
  if (!ofChallenger) return null;
  return {
    labels: [...labels],
    champion: (champion && matrix(champion, labels.length)) ?? null,
    challenger: ofChallenger,
  };
}

/** Weights of the rows by true and predicted label. */
function matrix({ truth, predicted, weight }: Rows, size: number): number[][] | undefined {
  if (!predicted) return undefined;
  const cells = new Float64Array(size * size);
  for (let row = 0; row < truth.length; row++) {
    const given = predicted[row]!;
    if (Number.isNaN(given)) return undefined;
    cells[truth[row]! * size + given]! += weight ? weight[row]! : 1;
  }
  return Array.from({ length: size }, (_, own) =>
    // Sums of weights without the tail of rounding.
    Array.from(cells.subarray(own * size, (own + 1) * size), (value) => Number(value.toPrecision(12))),
  );
}
