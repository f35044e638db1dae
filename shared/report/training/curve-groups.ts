/** Which curves of a training stand in one picture: a metric on the training data beside the same on held-out data. */
import { directionOfName } from '../../metrics/named-direction.ts';
import type { EarlyStopRules } from '../../records/stop-rules.ts';
import type { MetricHistory } from '../../records/training-run.ts';

export interface Curve {
  /** As the training writes it. */
  name: string;
  /** What tells it from the other curve of its picture; empty where it is alone. */
  role: string;
  isHeldOut: boolean;
  steps: readonly number[];
  values: readonly number[];
}

export interface CurveGroup {
  title: string;
  /** One, or that of the training data and that of held-out data. */
  curves: readonly [Curve, ...Curve[]];
  /** Of which the best step counts: what is followed, or else that of held-out data. */
  judged: Curve;
  better: 'higher' | 'lower' | undefined;
}

const TRAINING = 'train|training';
const HELD_OUT = 'val|valid|validation|eval|evaluation|dev|test';
const FIRST = new RegExp(`^(${TRAINING}|${HELD_OUT})[_/.\\- ](.+)$`, 'i');
const LAST = new RegExp(`^(.+)[_/.\\- ](${TRAINING}|${HELD_OUT})$`, 'i');

type Followed = Pick<EarlyStopRules, 'monitor' | 'mode'>;

interface NamedCurve extends Curve {
  base: string;
}

/**
 * What is followed first, then losses, then what should rise, then all others; within each in the order of the record.
 * @param followed by the rule that ends the training early.
 */
export function curveGroups(history: MetricHistory, followed?: Followed | null): CurveGroup[] {
  const curves = Object.entries(history)
    .filter(([, { steps }]) => steps.length > 0)
    .map(([name, { steps, values }]): NamedCurve => {
      const [, first, afterFirst] = FIRST.exec(name) ?? [];
      const [, beforeLast, last] = LAST.exec(name) ?? [];
      const role = first ?? last ?? '';
      const isHeldOut = new RegExp(`^(${HELD_OUT})$`, 'i').test(role);
      const base = (afterFirst ?? (last === undefined ? name : beforeLast!)).toLowerCase();
      return { name, base, role, isHeldOut, steps, values: values.map(Number) };
    });
  const taken = new Set<NamedCurve>();
  const groups = curves.flatMap((curve): CurveGroup[] => {
    if (taken.has(curve)) return [];
    const partner = curves.find(
      (other) => !taken.has(other) && other.base === curve.base && other.isHeldOut !== curve.isHeldOut,
    );
    taken.add(curve);
    const isFollowed = [curve, partner].some((one) => one && one.name === followed?.monitor);
    const byRule = followed?.mode === 'min' ? 'lower' : 'higher';
    const better = isFollowed ? byRule : (directionOfName(curve.base) ?? directionOfName(curve.name));
    if (!partner) {
      const alone = { ...curve, role: '' };
      return [{ title: curve.name, curves: [alone], judged: alone, better }];
    }
    taken.add(partner);
    const [first, heldOut] = curve.isHeldOut ? [partner, curve] : [curve, partner];
    const training = { ...first, role: first.role || 'train' };
    const judged = training.name === followed?.monitor ? training : heldOut;
    return [{ title: `${training.name} and ${heldOut.name}`, curves: [training, heldOut], judged, better }];
  });
  const rank = ({ better, judged }: CurveGroup) =>
    judged.name === followed?.monitor ? 0 : better === 'lower' ? 1 : better === 'higher' ? 2 : 3;
  return groups.toSorted((a, b) => rank(a) - rank(b));
}

/** The step of the best finite value, the first of equal ones; undefined where no direction is known, or no value. */
export function bestPoint(
  { steps, values }: Curve,
  better: CurveGroup['better'],
): { step: number; value: number } | undefined {
  if (better === undefined) return undefined;
  let best = -1;
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    if (best < 0 || (better === 'lower' ? value < values[best]! : value > values[best]!)) best = index;
  }
  return best < 0 ? undefined : { step: steps[best]!, value: values[best]! };
}

export interface BrokenStretch {
  kind: string;
  from: number;
  to: number;
  values: number;
  /** Whether nothing came after it. */
  isLast: boolean;
}

/** Beyond this no scale can be drawn. */
const LARGEST = 1e300;

export const isDrawable = (value: number): boolean => Math.abs(value) <= LARGEST;

/** Neighbouring values that are no number that could be drawn, with what they are. */
export function brokenStretches({ steps, values }: Curve): BrokenStretch[] {
  const stretches: BrokenStretch[] = [];
  let open: BrokenStretch | undefined;
  for (const [index, value] of values.entries()) {
    const step = steps[index]!;
    const kind = isDrawable(value) ? undefined : brokenKind(value);
    if (kind === undefined) {
      open = undefined;
    } else if (open?.kind === kind) {
      open.to = step;
      open.values += 1;
      open.isLast = index === values.length - 1;
    } else {
      open = { kind, from: step, to: step, values: 1, isLast: index === values.length - 1 };
      stretches.push(open);
    }
  }
  return stretches;
}

function brokenKind(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '−Infinity';
  return value > 0 ? 'over 1e300' : 'below −1e300';
}
