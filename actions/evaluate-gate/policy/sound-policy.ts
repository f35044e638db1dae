/** What of a policy means nothing, or can never be kept or broken: errors at their place, not limits without effect. */
import { type ErrorLocation, UserError } from '../../../shared/errors.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { GatePolicy, PolicyLimits, PolicyMetric, Task } from '../../../shared/records/gate-policy.ts';
import type { MeantMetric } from './metric-of-rule.ts';

type Locate = PositionedDocument<GatePolicy>['locate'] | undefined;
type Path = (string | number)[];

/** @throws UserError for options of another task, and limits that contradict each other. */
export function requireSoundPolicy(policy: GatePolicy, locate: Locate): void {
  requireOptionsOfTask(policy, locate);
  for (const [path, limits] of limitsOf(policy)) requireKeepable(limits, path, locate);
}

function requireOptionsOfTask(policy: GatePolicy, locate: Locate): void {
  const options: [path: Path, given: boolean, of: Task[], what: string][] = [
    [['threshold'], policy.threshold !== undefined, ['binary'], 'divides two classes'],
    [['positive_label'], policy.positive_label !== undefined, ['binary'], 'is one of two classes'],
    [['seasonal_period'], policy.seasonal_period !== 1, ['forecasting'], 'is of forecasts'],
    [
      ['columns', 'group'],
      policy.columns.group !== undefined,
      ['ranking', 'forecasting'],
      'names the query of a ranking or the series of a forecast',
    ],
  ];
  for (const [path, given, of, what] of options) {
    if (!given || of.includes(policy.task)) continue;
    throw new UserError(`${path.join('.')} ${what}, and the policy's task is ${policy.task}.`, {
      where: locate?.(path),
      fix: `Leave ${path.at(-1)} out.`,
    });
  }
}

/** Every line that holds limits, with its place. */
function limitsOf(policy: GatePolicy): [Path, PolicyLimits][] {
  const lists = (['metrics', 'slices', 'fairness'] as const).flatMap((block) =>
    policy[block].map((line, index): [Path, PolicyLimits] => [[block, index], line]),
  );
  const blocks = (['latency', 'resources', 'explainability', 'churn', 'leakage'] as const).flatMap((block) =>
    Object.entries(policy[block] ?? {})
      .filter(([name, limits]) => name !== 'load' && typeof limits === 'object')
      .map(([name, limits]): [Path, PolicyLimits] => [[block, name], limits as PolicyLimits]),
  );
  return [...lists, ...blocks];
}

function requireKeepable(limits: PolicyLimits, path: Path, locate: Locate): void {
  for (const [least, most] of [
    ['lower_bound', 'upper_bound'],
    ['min_absolute_change', 'max_absolute_change'],
  ] as const) {
    const [low, high] = [limits[least], limits[most]];
    if (low === undefined || high === undefined || low <= high) continue;
    throw new UserError(`No number is at least ${low} (${least}) and at most ${high} (${most}).`, {
      where: locate?.([...path, most]),
      fix: 'Correct one of the two.',
    });
  }
}

/**
 * Bounds that the metric cannot reach would always be kept, or never: percentages for shares, a sign that is lost.
 * Of the catalogue all that is better lower is 0 or more, and all that is better higher 1 or less.
 * @throws UserError with the bound's place.
 */
export function requireInReach(
  written: Pick<PolicyMetric, 'name'> & PolicyLimits,
  { definition, negated }: MeantMetric,
  where: (key: keyof PolicyMetric) => ErrorLocation | undefined,
): void {
  if (!definition) return;
  const isLoss = definition.direction === 'lower';
  const low = isLoss ? 0 : (definition.range?.low ?? Number.NEGATIVE_INFINITY);
  const high = isLoss ? (definition.range?.high ?? Number.POSITIVE_INFINITY) : 1;
  const [least, most] = negated ? [0 - high, 0 - low] : [low, high];
  for (const kind of ['lower_bound', 'upper_bound'] as const) {
    const bound = written[kind];
    if (bound === undefined || (bound >= least && bound <= most)) continue;
    const reach = bound > most ? `above ${most}` : `below ${least}`;
    throw new UserError(`${written.name} is never ${reach}, and its ${kind} is ${bound}.`, {
      where: where(kind),
      fix: 'Write a bound that it can keep and break: shares as 0.8 and not 80, values of a neg_ name as negative.',
    });
  }
}
