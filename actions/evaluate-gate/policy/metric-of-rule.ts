/** Which metric a line of the policy means: its name resolved in the policy's task, its parameters settled. */
import { type ErrorLocation, UserError } from '../../../shared/errors.ts';
import {
  type Direction,
  type FoundMetric,
  findMetric,
  METRICS,
  type MetricDefinition,
  type MetricParameters,
  type MetricTask,
  metricNames,
} from '../../../shared/metrics/catalogue.ts';
import { withParameters } from '../../../shared/metrics/metric-definition.ts';
import { ofClass } from '../../../shared/metrics/one-class.ts';
import type { PolicyMetric, Task } from '../../../shared/records/gate-policy.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { directionOfKey } from '../metrics-files/metric-key.ts';

/** What of a line says which metric it is. */
export type WrittenMetric = Pick<PolicyMetric, 'name'> & Partial<Pick<PolicyMetric, (typeof KEYS)[number]>>;
const KEYS = ['direction', 'k', 'quantile', 'class'] as const;

export interface MeantMetric {
  /** The canonical name; that of a metric of the user's own as it is written. */
  name: string;
  /** What it is computed with, for people; null where it needs nothing. */
  parameters: Record<string, string> | null;
  direction: Direction;
  /** Undefined for a metric of the user's own. */
  definition: MetricDefinition | undefined;
  /** Bounds are of the negated value. */
  negated: boolean;
}

/** Where a key of the line stands. */
type Where = (key: keyof WrittenMetric) => ErrorLocation | undefined;

/**
 * @param fromMetrics numbers come from files of metrics, which may hold any metric of any name.
 * @throws UserError for unknown names with the nearest one, and for parameters that are missing or mean nothing.
 */
export function metricOfRule(
  task: Task,
  written: WrittenMetric,
  fromMetrics: boolean,
  where: Where,
): MeantMetric {
  if (task === 'scores' && !fromMetrics) return metricOfColumn(written, where);
  const lookUpIn = taskOfNames(task, written, where);
  const { found, k } = findWithCutoff(written, lookUpIn, where);
  if (!found) return ownMetric(task, written, fromMetrics, where);
  refuseOtherDirection(found, written, where);
  const { definition, negated } = found;
  const parameters: MetricParameters = { k, quantile: written.quantile };
  for (const key of ['k', 'quantile'] as const) {
    if (parameters[key] !== undefined && !definition.parameters.includes(key)) {
      throw meaningless(written.name, key, where);
    }
    if (parameters[key] === undefined && definition.required?.includes(key) && !fromMetrics) {
      throw new UserError(`The metric ${written.name} needs ${key}.`, {
        where: where('name'),
        fix:
          key === 'k'
            ? `Write ${definition.name}@10, or k: 10.`
            : 'Write quantile: 0.9, or which one is predicted.',
      });
    }
  }
  const settled = withParameters(definition, parameters);
  const ofOne = written.class === undefined ? settled : ofClass(settled, String(written.class));
  return {
    name: definition.name,
    parameters: shownParameters({ ...parameters, class: written.class }),
    direction: definition.direction,
    definition: ofOne,
    negated,
  };
}

/** The name that results of a line carry, from the name that a person wrote; of a metric of the user's own that. */
export function canonicalName(written: string, task: Task): string {
  const base = written.replace(/@\d+$/, '');
  const inTask = task === 'scores' ? undefined : task;
  const found = findMetric(written, inTask) ?? findMetric(base, inTask) ?? findMetric(base);
  return found?.definition.name ?? written;
}

function shownParameters(parameters: Record<string, unknown>): Record<string, string> | null {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return given.length === 0 ? null : Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}

/** Of one class against the rest the metrics of two classes are meant; scores may be of any task. */
function taskOfNames(task: Task, written: WrittenMetric, where: Where): MetricTask | undefined {
  if (written.class === undefined) return task === 'scores' ? undefined : task;
  if (task === 'multiclass' || task === 'multilabel' || task === 'scores') return 'binary';
  throw new UserError(
    `One class against the rest is of tasks with several, and the policy's task is ${task}.`,
    { where: where('class'), fix: 'Leave class out.' },
  );
}

/** `ndcg@10` is ndcg with a k of 10. */
function findWithCutoff(
  written: WrittenMetric,
  task: MetricTask | undefined,
  where: Where,
): { found: FoundMetric | undefined; k: number | undefined } {
  const [, base, cutoff] = /^(.+)@(\d+)$/.exec(written.name) ?? [];
  const found = base === undefined ? undefined : findMetric(base, task);
  if (!found?.definition.parameters.includes('k'))
    return { found: findMetric(written.name, task), k: written.k };
  const k = Number(cutoff);
  if (written.k !== undefined) {
    throw new UserError(`${written.name} says k already, and k is given too.`, {
      where: where('k'),
      fix: `Write ${written.name} alone.`,
    });
  }
  if (k < 1) throw new UserError(`k is at least 1 in ${written.name}.`, { where: where('name') });
  return { found, k };
}

function refuseOtherDirection(
  { definition, negated }: FoundMetric,
  written: WrittenMetric,
  where: Where,
): void {
  const known = negated ? 'higher' : definition.direction;
  if (written.direction === undefined || written.direction === known) return;
  throw new UserError(`The metric ${written.name} is better ${known}, not ${written.direction}.`, {
    where: where('direction'),
    fix: 'Leave direction out for metrics that are known.',
  });
}

/** Of task scores every metric is a column of the predictions, whose mean is judged. */
function metricOfColumn(written: WrittenMetric, where: Where): MeantMetric {
  const found = findMetric(written.name);
  if (found) refuseOtherDirection(found, written, where);
  const direction = written.direction ?? (found?.negated ? 'higher' : found?.definition.direction);
  if (direction === undefined) {
    throw new UserError(`Nothing says which way of ${written.name} is better.`, {
      where: where('name'),
      fix: 'Add direction: higher or direction: lower.',
    });
  }
  refuseParameters(written, where);
  return { name: written.name, parameters: null, direction, definition: undefined, negated: false };
}

function refuseParameters(written: WrittenMetric, where: Where): void {
  for (const key of ['k', 'quantile', 'class'] as const) {
    if (written[key] !== undefined) throw meaningless(written.name, key, where);
  }
}

const meaningless = (name: string, key: 'k' | 'quantile' | 'class', where: Where): UserError =>
  new UserError(`The metric ${name} takes no ${key}.`, { where: where(key), fix: `Leave ${key} out.` });

/** A file's own key may be another tool's spelling of a known metric, such as eval_accuracy. */
function ownMetric(task: Task, written: WrittenMetric, fromMetrics: boolean, where: Where): MeantMetric {
  const direction = written.direction ?? directionOfKey(written.name);
  const ofOther = findMetric(written.name) !== undefined;
  // A name that is known elsewhere is a slip, unless its direction says that it is meant.
  if (!fromMetrics || direction === undefined || (ofOther && written.direction === undefined)) {
    throw unknownMetric(task, written, fromMetrics, where('name'));
  }
  refuseParameters(written, where);
  return { name: written.name, parameters: null, direction, definition: undefined, negated: false };
}

function unknownMetric(
  task: Task,
  { name, class: ofOne }: WrittenMetric,
  fromMetrics: boolean,
  where: ErrorLocation | undefined,
): UserError {
  const other = findMetric(name.replace(/@\d+$/, ''));
  const lookedUpIn = ofOne === undefined ? task : 'binary';
  const own = fromMetrics ? ' For a metric of your own, add direction: higher or direction: lower.' : '';
  if (other && task !== 'scores') {
    const what =
      ofOne === undefined
        ? `is one of ${other.definition.task}, and the policy's task is ${task}`
        : 'is of all classes at once, and class asks for one of two classes';
    return new UserError(`The metric ${name} ${what}.`, {
      where,
      fix: `${fixOfOther(task, other.definition, ofOne !== undefined)}${own}`,
    });
  }
  const known = task === 'scores' ? metricNames() : metricNames(lookedUpIn as MetricTask);
  const guess = nearest(name.replace(/@\d+$/, ''), known);
  return new UserError(`There is no metric called ${JSON.stringify(name)}.`, {
    where,
    fix: `${guess ? `Did you mean ${guess}?` : listOf(lookedUpIn)}${own}`,
  });
}

/** What to write instead of a metric of another task. */
function fixOfOther(task: Task, { name, task: ofTask }: MetricDefinition, asksForClass: boolean): string {
  if (asksForClass || ofTask !== 'binary') return listOf(asksForClass ? 'binary' : task);
  if (task !== 'multiclass' && task !== 'multilabel') return listOf(task);
  const averages = metricNames(task).filter((one) => one.startsWith(`${name}_`));
  const ofAll = averages.length > 0 ? `, or of all ${averages.join(', ')}` : '';
  return `Of one class write {name: ${name}, class: …}${ofAll}.`;
}

const listOf = (task: Task): string => {
  const names = METRICS.filter((metric) => task === 'scores' || metric.task === task).map(({ name }) => name);
  return `Metrics${task === 'scores' ? '' : ` of ${task}`}: ${[...new Set(names)].join(', ')}.`;
};
