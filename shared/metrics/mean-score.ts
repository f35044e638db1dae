/** Scores per row that the user's own evaluation gave (a grade, a pass or a miss): judged by their mean. */

import { counted } from './counted.ts';
import { type Direction, type MetricDefinition, SHARE } from './metric-definition.ts';
import { countNotFinite, meanOfLoss, noValue, type Rows, tabulate } from './rows.ts';

/** The scores as rows. */
export const scoreRows = (scores: Float64Array, shared: Pick<Rows, 'weight' | 'clusters'> = {}): Rows => ({
  ...shared,
  truth: tabulate(scores.length, () => 1),
  predicted: scores,
});

/** @param isRate every score is 1 (a hit) or 0, so that the interval is that of a rate. */
export function meanScore(name: string, direction: Direction, isRate: boolean): MetricDefinition {
  return {
    name,
    aliases: [],
    task: 'scores',
    direction,
    needs: 'numbers',
    intervalMethod: isRate ? 'score interval' : 'paired mean',
    ...(isRate && { rate: { hit: 'correct' }, ...SHARE }),
    formulaSource: 'mean of the given scores',
    parameters: [],
    compute(rows) {
      const bad = countNotFinite(rows.predicted!);
      return bad > 0
        ? noValue(`the score is empty in ${counted(bad, 'row')}`)
        : meanOfLoss(rows, (row) => rows.predicted![row]!);
    },
  };
}
