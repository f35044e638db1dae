/** Waivers: failures that a person has accepted for a while, in writing. */
import { UserError } from '../../../shared/errors.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import type { GatePolicy, PolicyWaiver, Task } from '../../../shared/records/gate-policy.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { canonicalName } from './metric-of-rule.ts';
import type { Rule } from './rules.ts';

type Waiver = NonNullable<MetricResult['waiver']>;
type ReportedWaiver = Evaluation['waivers'][number];

export interface Waived {
  results: MetricResult[];
  waivers: ReportedWaiver[];
  /** One sentence per waiver that has lapsed. */
  notes: string[];
}

/**
 * Turns waived failures into warnings of the whole; each part keeps its own verdict.
 * @param results all of them: a waiver covers at most those that its name, slice and parameters describe.
 * @param today decides which waivers have lapsed (the last day counts, in UTC); these change nothing and are reported.
 */
export function applyWaivers(results: readonly MetricResult[], policy: GatePolicy, today: Date): Waived {
  const day = today.toISOString().slice(0, 10);
  const names = results.map(({ name }) => name);
  const waivers = policy.waivers.map((written) => ({
    waiver: recorded(written, names, policy.task),
    lapsed: written.expires < day,
    used: false,
  }));
  const judged = results.map((result) => {
    if (!needsWaiver(result)) return result;
    const holding = waivers.filter(({ waiver, lapsed }) => !lapsed && covers(waiver, result));
    // Of several the one that holds longest: the others could be deleted.
    const [longest] = holding.sort((a, b) => (a.waiver.expires < b.waiver.expires ? 1 : -1));
    if (!longest) return result;
    longest.used = true;
    return { ...result, waiver: longest.waiver };
  });
  return {
    results: judged,
    waivers: waivers.map(({ waiver, lapsed, used }) => ({
      ...waiver,
      status: lapsed ? 'expired' : used ? 'used' : 'unused',
    })),
    notes: waivers.filter(({ lapsed }) => lapsed).map(({ waiver }) => lapsedSentence(waiver)),
  };
}

/** `recall, origin = ORD`: what a waiver covers. Plain text. */
function describeWaiver(waiver: Pick<Waiver, 'name' | 'slice' | 'parameters'>): string {
  const conditions = Object.entries({ ...waiver.parameters, ...waiver.slice });
  return [waiver.name, ...conditions.map(([key, value]) => `${key} = ${value}`)].join(', ');
}

const lapsedSentence = (waiver: Waiver): string =>
  `The waiver of ${describeWaiver(waiver)} by ${waiver.owner} lapsed after ${waiver.expires} and changes nothing any more.`;

/** @param names of what is judged: a name that stands there is meant as it is, any other by its canonical form. */
function recorded(written: PolicyWaiver, names: readonly string[], task: Task): Waiver {
  const name = names.includes(written.name) ? written.name : canonicalName(written.name, task);
  const [, cutoff] = name === written.name ? [] : (/@(\d+)$/.exec(written.name) ?? []);
  const parameters = cutoff === undefined ? written.parameters : { ...written.parameters, k: cutoff };
  const texts = (values: Record<string, unknown> | undefined): Record<string, string> | null =>
    values ? Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])) : null;
  return {
    name,
    slice: texts(written.slice),
    parameters: texts(parameters),
    owner: written.owner,
    reason: written.reason,
    expires: written.expires,
  };
}

/** Whether a part would be worse than a warning: what passes or only warns needs no waiver. */
function needsWaiver(result: MetricResult): boolean {
  if (result.limits.length === 0) return false;
  if (result.verdict === 'not_judged') return result.slice === null && result.word !== 'no baseline';
  return result.verdict === 'fail' || result.verdict === 'missing' || result.verdict === 'inconclusive';
}

function covers(waiver: Waiver, result: MetricResult): boolean {
  if (waiver.name !== result.name) return false;
  const { slice } = waiver;
  if ((slice === null) !== (result.slice === null)) return false;
  const sameSlice =
    slice === null ||
    (Object.keys(slice).length === Object.keys(result.slice!).length && within(slice, result.slice!));
  return sameSlice && within(waiver.parameters ?? {}, result.parameters ?? {});
}

const within = (wanted: Record<string, string>, given: Record<string, string>): boolean =>
  Object.entries(wanted).every(([key, value]) => given[key] === value);

/** What a policy judges under one name: on all rows, or on slices by these features. */
type Waivable = Pick<Rule, 'name' | 'featureKeys' | 'parameters'>;

/**
 * @param rules of the policy's metrics, slices and fairness.
 * @throws UserError at the first waiver that matches nothing of its policy, or more than it says.
 */
export function checkWaivers(
  { value: policy, locate }: PositionedDocument<GatePolicy>,
  rules: readonly Rule[],
): void {
  const known = [...rules, ...otherLimits(policy)];
  const names = [...new Set(known.map(({ name }) => name))];
  for (const [index, written] of policy.waivers.entries()) {
    const waiver = recorded(written, names, policy.task);
    const fail = (key: keyof PolicyWaiver, what: string, fix: string): never => {
      throw new UserError(what, { where: locate(['waivers', index, key]), fix });
    };
    const named = known.filter(({ name }) => name === waiver.name);
    if (named.length === 0) {
      const guess = nearest(written.name, names);
      fail(
        'name',
        `The waiver of ${JSON.stringify(written.name)} matches nothing that the policy judges.`,
        guess ? `Did you mean ${guess}?` : `The policy judges ${names.join(', ') || 'nothing'}.`,
      );
    }
    const wanted = waiver.slice ? Object.keys(waiver.slice).sort().join() : undefined;
    const placed = named.filter(
      ({ featureKeys }) => (featureKeys && [...featureKeys].sort().join()) === wanted,
    );
    if (placed.length === 0) {
      const places = named.map(({ featureKeys }) =>
        featureKeys ? `per ${featureKeys.join(' and ')}` : 'on all rows',
      );
      fail(
        waiver.slice ? 'slice' : 'name',
        `The waiver of ${describeWaiver(waiver)} matches nothing: the policy judges ${waiver.name} ${[...new Set(places)].join(', ')}.`,
        waiver.slice
          ? 'Write the features of the slice as in feature_keys.'
          : 'Name the slice that it is for, as slice: {feature: value}.',
      );
    }
    const matching = placed.filter(({ parameters }) => within(waiver.parameters ?? {}, parameters ?? {}));
    const choices = placed.map(({ parameters }) => JSON.stringify(parameters)).join(', ');
    if (matching.length === 0) {
      fail(
        'parameters',
        `The waiver of ${describeWaiver(waiver)} matches nothing with these parameters.`,
        `The policy judges it with ${choices}.`,
      );
    }
    if (new Set(matching.map(({ parameters }) => JSON.stringify(parameters))).size > 1) {
      fail(
        'name',
        `The waiver of ${describeWaiver(waiver)} would cover ${matching.length} rules of the policy.`,
        `Say which one by parameters: one of ${choices}.`,
      );
    }
  }
}

/** The named limits of the other blocks. */
function otherLimits(policy: GatePolicy): Waivable[] {
  const { latency, resources, explainability, churn } = policy;
  const names = [latency, resources, explainability, churn].flatMap((block) =>
    Object.entries(block ?? {}).flatMap(([name, value]) =>
      value !== undefined && name !== 'severity' && name !== 'load' ? [name] : [],
    ),
  );
  return [...names, 'training_overlap'].map((name) => ({ name, featureKeys: undefined, parameters: null }));
}
