/** What stands under a curve of a training: its best step, what is no number, and its numbers in a table. */
import { type Html, htmlTable } from '../page/html.ts';
import { type bestPoint, brokenStretches, type Curve, type CurveGroup } from '../training/curve-groups.ts';
import { extremes } from './extremes.ts';
import { stepText, valueText } from './value-scale.ts';

/** Two for every pixel of the width of a curve. */
export const MOST_POINTS = 400;
const MOST_ROWS = 24;

export type Best = ReturnType<typeof bestPoint>;

export function captionOf({ curves, judged, better }: CurveGroup, best: Best): string {
  const sentences = [
    best
      ? `○ ${better === 'lower' ? 'Lowest' : 'Highest'}${curves.length > 1 ? ` ${judged.role}` : ''}: ${valueText(best.value)} at step ${stepText(best.step)}.`
      : '',
    ...curves.flatMap((curve) => brokenText(curve, curves.length > 1)),
    ...curves.map(({ values, role }) =>
      values.length <= MOST_POINTS
        ? ''
        : `Of ${stepText(values.length)} values${role ? ` of ${role}` : ''} the lowest and the highest of each stretch are drawn.`,
    ),
  ];
  return sentences.filter(Boolean).join(' ');
}

/** `NaN at 3 steps: 120, 130–140.` */
function brokenText(curve: Curve, isNamed: boolean): string[] {
  const stretches = brokenStretches(curve);
  return [...new Set(stretches.map(({ kind }) => kind))].map((kind) => {
    const ofKind = stretches.filter((stretch) => stretch.kind === kind);
    const count = ofKind.reduce((sum, { values }) => sum + values, 0);
    const places = ofKind.slice(0, 5).map(({ from, to, isLast }) => {
      if (from === to) return stepText(from);
      return isLast ? `from ${stepText(from)} to the end` : `${stepText(from)}–${stepText(to)}`;
    });
    const more = ofKind.length > 5 ? ', …' : '';
    return `${isNamed ? `${curve.role}: ` : ''}${kind} at ${count === 1 ? 'step' : `${stepText(count)} values, steps`} ${places.join(', ')}${more}.`;
  });
}

export function describeGroup(group: CurveGroup, best: Best): string {
  const { curves } = group;
  const ranges = curves.map(({ name, steps, values }) => {
    const last = values.at(-1)!;
    return `${name}: ${stepText(values.length)} values, steps ${stepText(steps[0]!)} to ${stepText(steps.at(-1)!)}, first ${valueText(values[0]!)}, last ${valueText(last)}`;
  });
  return `${ranges.join('; ')}. ${captionOf(group, best).replace('○ ', '')}`.trim();
}

export function numberTable({ title, curves }: CurveGroup): Html {
  const most = Math.max(5, Math.floor(MOST_ROWS / curves.length));
  const chosen = curves.map(({ values, steps }) => extremes(values, most).map((index) => steps[index]!));
  const steps = [...new Set(chosen.flat())].sort((a, b) => a - b);
  const columns = curves.map(
    (curve) => new Map(curve.steps.map((step, index) => [step, curve.values[index]!])),
  );
  const rows = steps.map((step) => [
    stepText(step),
    ...columns.map((column) => (column.has(step) ? valueText(column.get(step)!) : '–')),
  ]);
  const isPart = curves.some(({ values }) => values.length > most);
  return htmlTable(
    `${title}${isPart ? ', a part of the steps with the lowest and the highest' : ''}`,
    ['step', ...curves.map(({ name }) => name)],
    rows,
    [0, ...curves.map((_, index) => index + 1)],
  );
}
