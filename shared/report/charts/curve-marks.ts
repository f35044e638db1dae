/** Marks on the curves of a training: where it went on, what ended it, its thresholds, and what is no number. */
import type { TrainingRun } from '../../records/training-run.ts';
import { type Html, html } from '../page/html.ts';
import { brokenStretches, type Curve } from '../training/curve-groups.ts';
import { at, label, type Scale } from './chart.ts';
import { shortNumber } from './value-scale.ts';

/** Where the curves are drawn: to the right of it stand their names. */
export const PLOT = { left: 46, right: 246, top: 36, bottom: 168 } as const;

/** Where an attempt went on from a checkpoint, and what ended the training. */
export function attemptMarks(x: Scale, { checkpoints, stoppedBy }: TrainingRun): Html {
  const [first = 0, last = 0] = x.domain();
  const { resumedStep: resumed } = checkpoints;
  const isSeen = resumed !== null && resumed !== undefined && resumed >= first && resumed <= last;
  const middle = isSeen && x(resumed) > (PLOT.left + PLOT.right) / 2;
  return html`${
    isSeen
      ? html`<path class="event" d="M${at(x(resumed))} 14V${PLOT.bottom}"/>${label(x(resumed) + (middle ? -3 : 3), 16, `resumed at ${shortNumber(resumed)}`, 'plain', middle ? 'end' : 'start')}`
      : undefined
  }${
    stoppedBy
      ? html`<path class="event" d="M${PLOT.right} 2V${PLOT.bottom}"/>${label(PLOT.right + 3, 5, `ended: ${stoppedBy.rule.replaceAll('-', ' ')}`, 'bad', 'middle')}`
      : undefined
  }`;
}

/** What is no number: a cross at the step, or a bar over the steps, above for Infinity and else below. */
export function brokenMarks(curves: readonly Curve[], x: Scale): Html {
  const stretches = curves.flatMap((curve) => brokenStretches(curve)).slice(0, 100);
  const named = new Set<string>();
  return html`${stretches.map(({ kind, from, to }) => {
    const isAbove = kind === 'Infinity' || kind.startsWith('over');
    const y = isAbove ? PLOT.top + 2 : PLOT.bottom - 7;
    const [start, end] = [x(from), x(to)];
    const shape =
      end - start > 8 ? `M${at(start)} ${y}H${at(end)}` : `M${at(start - 3)} ${y - 3}l6 6m0 -6l-6 6`;
    const isFirst = !named.has(kind);
    named.add(kind);
    const toLeft = start > (PLOT.left + PLOT.right) / 2;
    return html`<path class="bad stroke" fill="none" stroke-width="2.5" d="${shape}"/>${
      isFirst
        ? label(
            start + (toLeft ? -7 : 7),
            y - (end - start > 8 ? 9 : 0),
            kind,
            'bad',
            toLeft ? 'end' : 'start',
          )
        : undefined
    }`;
  })}`;
}

export interface Threshold {
  name: string;
  value: number;
  kind: 'goal' | 'limit';
}

/** Of the rule that ends a training early, where it follows one of these curves. */
export function thresholdsOf(curves: readonly Curve[], { rules }: TrainingRun): Threshold[] {
  const early = rules?.earlyStop;
  if (!early || !curves.some(({ name }) => name === early.monitor)) return [];
  const { stopping_threshold: goal, divergence_threshold: limit } = early;
  return [
    ...(goal === undefined ? [] : [{ name: 'stops at', value: goal, kind: 'goal' as const }]),
    ...(limit === undefined ? [] : [{ name: 'diverges from', value: limit, kind: 'limit' as const }]),
  ];
}

/** Those that lie on the scale; one far away would make a line of the curve. */
export function thresholdLines(thresholds: readonly Threshold[], y: Scale): Html[] {
  const [low = 0, high = 1] = y.domain();
  return thresholds
    .filter(({ value }) => value >= low && value <= high)
    .map(
      ({ name, value, kind }) =>
        html`<path class="${kind}" d="M${PLOT.left} ${at(y(value))}H${PLOT.right}"/><text class="${kind}-name" x="${PLOT.left + 4}" y="${at(y(value) - 4)}">${name} ${shortNumber(value)}</text>`,
    );
}
