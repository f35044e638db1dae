/** Confusion matrices as a reader compares them: small ones whole, large ones by their most frequent mistakes. */
import type { Confusion } from '../../records/evaluation.ts';

/** Larger matrices are not read cell by cell. */
const MOST_LABELS = 6;
const MOST_MISTAKES = 12;

export interface ConfusionCell {
  truth: string;
  predicted: string;
  isRight: boolean;
  champion: number | null;
  challenger: number;
  /** Share of the rows of this true label; null where there are none. */
  championShare: number | null;
  challengerShare: number | null;
}

export const isWhole = (confusion: Confusion): boolean => confusion.labels.length <= MOST_LABELS;

/** All cells by true label, then predicted label. */
export function confusionCells(confusion: Confusion): ConfusionCell[][] {
  const { labels, champion, challenger } = confusion;
  return labels.map((truth, row) => {
    const championSum = sum(champion?.[row] ?? []);
    const challengerSum = sum(challenger[row] ?? []);
    return labels.map((predicted, column) => {
      const before = champion ? (champion[row]?.[column] ?? 0) : null;
      const after = challenger[row]?.[column] ?? 0;
      return {
        truth,
        predicted,
        isRight: row === column,
        champion: before,
        challenger: after,
        championShare: before !== null && championSum > 0 ? before / championSum : null,
        challengerShare: challengerSum > 0 ? after / challengerSum : null,
      };
    });
  });
}

/** The mistakes that either model makes most often. */
export function commonMistakes(confusion: Confusion): ConfusionCell[] {
  return confusionCells(confusion)
    .flat()
    .filter((cell) => !cell.isRight && Math.max(cell.champion ?? 0, cell.challenger) > 0)
    .sort((a, b) => Math.max(b.champion ?? 0, b.challenger) - Math.max(a.champion ?? 0, a.challenger))
    .slice(0, MOST_MISTAKES);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
