/** Which number of a run is that of a rule. */
import { UserError } from '../../../shared/errors.ts';
import { editDistance } from '../../../shared/records/nearest.ts';
import type { Rule } from '../policy/rules.ts';
import { endsWithPath, isPath, isTrainingKey, meantBy, plainName, readingsOf } from './metric-key.ts';
import type { MetricNumber } from './metrics-format.ts';
import type { MetricsRun } from './read-side.ts';

export interface ChosenNumber {
  run: MetricsRun;
  key: string;
  /** In the rule's own sign. */
  number: MetricNumber;
}

/** How the labels of a report are called where a binary task's positive class is not named. */
const POSITIVE = ['1', '1.0', 'True', 'true'];

const NEAREST_SHOWN = 3;

/**
 * The rule's number: under the rule's very name, under another name of the metric, and last behind prefixes, paths
 * and filters. Numbers of the training rows count only under their very key.
 * @param positiveLabel of a binary task. @returns undefined when the run has none.
 * @throws UserError when several keys could be meant, or files of the run contradict each other.
 */
export function chooseNumber(
  rule: Rule,
  run: MetricsRun,
  positiveLabel: string | undefined,
): ChosenNumber | undefined {
  const wanted = namesOf(rule);
  const asked = rule.parameters?.class;
  const classes = new Set([...run.numbers.values()].flatMap(({ ofClass }) => ofClass ?? []));
  const positive =
    positiveLabel ?? (classes.size === 2 ? POSITIVE.find((label) => classes.has(label)) : undefined);
  const matches: ((key: string, number: MetricNumber) => Match | undefined)[] = [
    // A key that the policy writes itself is taken of whatever class it is.
    (key, { ofClass }) =>
      wanted.includes(key) && (asked === undefined || asked === ofClass) ? { negated: false } : undefined,
    ...[0, 1, 2].map(
      (level) => (key: string, number: MetricNumber) =>
        number.ofClass === (asked ?? (number.ofClass === undefined ? undefined : positive))
          ? matchAt(level, key, number, rule, wanted)
          : undefined,
    ),
  ];
  for (const match of matches) {
    const found = [...run.numbers].flatMap(([key, number]) => {
      const matched = match(key, number);
      return matched ? [{ key, number, negated: matched.negated }] : [];
    });
    // Keras calls the metric of the training rows by the name that a policy wants for the others.
    const held = found.filter(({ number }) => !number.ofTraining);
    if (held.length > 0) return settle(rule, run, held);
  }
  return undefined;
}

interface Match {
  negated: boolean;
}

/** The rule's name; with `k` the ways in which it is written out, since a number without it may be of another. */
function namesOf(rule: Rule): string[] {
  const k = rule.parameters?.k;
  if (k === undefined) return [rule.name];
  return [`${rule.name}@${k}`, `${rule.name}_at_${k}`, rule.name.replace('_k_', `_${k}_`)].filter(
    (name) => name !== rule.name,
  );
}

function matchAt(
  level: number,
  key: string,
  number: MetricNumber,
  rule: Rule,
  wanted: readonly string[],
): Match | undefined {
  if (number.metric !== undefined)
    return level === 0 && number.metric === rule.name ? { negated: false } : undefined;
  // `auc` in a policy means what it means in a file, where the file has no key of that very name.
  const own = rule.definition?.name ?? meantBy(rule.name)?.name;
  for (const reading of readingsOf(key)[level] ?? []) {
    const meant = rule.parameters?.k === undefined && own !== undefined ? meantBy(reading) : undefined;
    if (meant !== undefined && meant.name === own) return { negated: meant.negated };
    if (wanted.includes(reading)) return { negated: false };
    if (level === 2 && wanted.some((name) => !isPath(name) && reading === plainName(name)))
      return { negated: false };
  }
  // A task, a split or a filter that the policy writes is part of what it means.
  return level === 2 && wanted.some((name) => isPath(name) && endsWithPath(key, name))
    ? { negated: false }
    : undefined;
}

function settle(
  rule: Rule,
  run: MetricsRun,
  found: readonly { key: string; number: MetricNumber; negated: boolean }[],
): ChosenNumber {
  const [first] = found;
  if (found.length > 1) {
    throw new UserError(
      `${run.from} has several numbers that could be ${rule.name}: ${found.map(({ key }) => key).join(', ')}.`,
      {
        where: { file: run.from },
        fix: 'Write the key that is meant as the name in the policy.',
      },
    );
  }
  const { key, number, negated } = first!;
  if (number.conflict !== undefined) {
    throw new UserError(`${key} ${number.conflict} ${run.from}.`, {
      where: { file: run.from },
      fix: 'Name the file that counts instead of the folder; files of several trainings are named one by one.',
    });
  }
  if (number.direction !== undefined && number.direction !== rule.direction) {
    throw new UserError(
      `${run.from} says that ${key} is better ${number.direction}, and the policy says ${rule.direction}.`,
      { where: { file: run.from }, fix: 'Correct the direction in the policy.' },
    );
  }
  // Scores of single cases have no neg_ form, so that of a negated value nothing but its error is kept.
  const { cases, ...rest } = number;
  return { run, key, number: negated ? { ...rest, value: -number.value } : number };
}

/** Whether a key may be reported where no policy names one: it is of no training rows and nothing contradicts it. */
export const isReportable = (key: string, number: MetricNumber): boolean =>
  !number.ofTraining && number.conflict === undefined && number.ofClass === undefined && !isTrainingKey(key);

/** `m.json has no roc_auc; nearest are auc_pr, roc`. */
export function whyMissing(rule: Rule, runs: readonly MetricsRun[]): string {
  const keys = [...new Set(runs.flatMap((run) => [...run.numbers.keys()]))];
  const wanted = plainName(rule.name);
  const near = keys
    .map((key) => ({ key, distance: distanceOf(wanted, plainName(key)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEAREST_SHOWN)
    .map(({ key }) => key);
  const from = runs.length === 1 ? `${runs[0]!.from} has` : `the ${runs.length} runs have`;
  const what = rule.parameters
    ? `${rule.name} (${Object.entries(rule.parameters)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')})`
    : rule.name;
  return `${from} no ${what}; nearest: ${near.join(', ')}`;
}

/** A name that holds the other is nearer than one that shares its letters by chance. */
const distanceOf = (wanted: string, key: string): number =>
  key.includes(wanted) || wanted.includes(key) ? 0.5 : editDistance(wanted, key);
