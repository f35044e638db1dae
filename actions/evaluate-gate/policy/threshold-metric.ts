/** By which metric a threshold is suggested. */
import { UserError } from '../../../shared/errors.ts';
import { findMetric, METRICS, type MetricDefinition } from '../../../shared/metrics/catalogue.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { nearest } from '../../../shared/records/nearest.ts';

const DEFAULT = 'f1';

/**
 * The metric whose best value over all thresholds is looked for; undefined where a task has no threshold.
 * @throws UserError for names that are no metric of labels, and where there is nothing to suggest.
 */
export function thresholdMetric(
  policy: GatePolicy,
  locate: PositionedDocument<GatePolicy>['locate'] | undefined,
): MetricDefinition | undefined {
  const asked = policy.threshold_suggestion;
  if (policy.task !== 'binary') {
    if (asked === undefined) return undefined;
    throw new UserError(`A threshold divides two classes, and the policy's task is ${policy.task}.`, {
      where: locate?.(['threshold_suggestion']),
      fix: 'Leave threshold_suggestion out.',
    });
  }
  const name = asked?.maximize ?? DEFAULT;
  const found = findMetric(name, 'binary');
  if (found?.definition.needs === 'labels') return found.definition;
  const known = METRICS.filter(({ task, needs }) => task === 'binary' && needs === 'labels').map(
    (one) => one.name,
  );
  const guess = found ? undefined : nearest(name, known);
  throw new UserError(
    found
      ? `The metric ${name} is of scores, and no threshold changes it.`
      : `There is no metric called ${JSON.stringify(name)}.`,
    {
      where: locate?.(['threshold_suggestion', 'maximize']),
      fix: guess ? `Did you mean ${guess}?` : `One of: ${known.join(', ')}.`,
    },
  );
}
