/** Metrics over the steps of a training: one picture per metric, on training and on held-out data together. */
import type { TrainingRun } from '../../records/training-run.ts';
import { plainNumber } from '../numbers.ts';
import { folded, type Html, html } from '../page/html.ts';
import { bestPoint, type Curve, type CurveGroup, curveGroups, isDrawable } from '../training/curve-groups.ts';
import {
  at,
  axisBottom,
  axisLeft,
  type ChartTools,
  domainOf,
  figure,
  label,
  type Point,
  type Scale,
  spread,
} from './chart.ts';
import { attemptMarks, brokenMarks, PLOT, thresholdLines, thresholdsOf } from './curve-marks.ts';
import { captionOf, describeGroup, MOST_POINTS, numberTable } from './curve-numbers.ts';
import { extremes } from './extremes.ts';
import { shortNumber, stepText, type ValueScale, valueScale } from './value-scale.ts';

/** The rest is named. */
const MOST_PICTURES = 12;

export function metricCurves(tools: ChartTools, record: TrainingRun): Html | undefined {
  const groups = curveGroups(record.history ?? {}, record.rules?.earlyStop);
  if (groups.length === 0) return undefined;
  const rest = groups.slice(MOST_PICTURES).map(({ title }) => title);
  return html`<h4>Metrics over the steps</h4><div class="charts">${groups.slice(0, MOST_PICTURES).map((group) => groupChart(tools, group, record))}</div>${
    rest.length > 0 ? html`<p class="soft">Not drawn: ${rest.join(', ')}.</p>` : undefined
  }`;
}

function groupChart(tools: ChartTools, group: CurveGroup, record: TrainingRun): Html {
  const { curves, judged, better, title } = group;
  const best = bestPoint(judged, better);
  const steps = domainOf(curves.flatMap((curve) => [...curve.steps]));
  const x = tools.linear(steps, [PLOT.left, PLOT.right]);
  const drawable = curves.flatMap(({ values }) => values.filter(isDrawable));
  const scale =
    drawable.length === 0
      ? undefined
      : valueScale(tools, drawable, [PLOT.bottom, PLOT.top], better !== 'higher');
  const ring =
    scale && best && isDrawable(best.value)
      ? html`<circle class="${toneOf(judged, curves)} ring" cx="${at(x(best.step))}" cy="${at(scale.y(best.value))}" r="4"/>`
      : undefined;
  const body = html`${
    scale
      ? axisLeft(scale.y, PLOT.left, PLOT.right, scale.isLog ? 'log scale' : '', scale.ticks, scale.write)
      : undefined
  }${stepAxis(x)}${attemptMarks(x, record)}${scale ? thresholdLines(thresholdsOf(curves, record), scale.y) : undefined}${scale ? curves.map((curve) => curveLine(tools, curve, curves, x, scale)) : undefined}${ring}${
    scale ? endLabels(curves, x, scale) : undefined
  }${brokenMarks(curves, x)}`;
  return figure(
    tools,
    { width: 330, height: 204, title, description: describeGroup(group, best) },
    body,
    html`<p class="soft">${captionOf(group, best)}</p>${folded('In numbers', numberTable(group))}`,
  );
}

const toneOf = (curve: Curve, curves: readonly Curve[]): string =>
  curves.length > 1 && !curve.isHeldOut ? 'plain' : 'challenger';

function stepAxis(x: Scale): Html {
  const [first = 0, last = 0] = x.domain();
  const ticks = x.ticks(4).filter((tick) => Number.isInteger(tick) || last - first < 1);
  const every = Math.ceil(ticks.length / 5);
  const shown = ticks.filter((_, index) => index % every === 0);
  return axisBottom(x, PLOT.bottom, 'step', shown, last >= 1e4 ? kiloText : stepText);
}

/** `0`, `5k`, `1.2M`: all ticks of an axis in the same way. */
const kiloText = (step: number): string =>
  step !== 0 && step < 1e5 ? `${plainNumber(step / 1000, 4)}k` : shortNumber(step);

function curveLine(
  tools: ChartTools,
  curve: Curve,
  curves: readonly Curve[],
  x: Scale,
  { y }: ValueScale,
): Html {
  const points = extremes(curve.values, MOST_POINTS).map((index): Point => {
    const value = curve.values[index]!;
    return [x(curve.steps[index]!), isDrawable(value) ? y(value) : Number.NaN];
  });
  const tone = toneOf(curve, curves);
  // A line shows no value that has no finite neighbour.
  const lonely = points.filter(
    ([, place], index) =>
      Number.isFinite(place) &&
      !Number.isFinite(points[index - 1]?.[1]) &&
      !Number.isFinite(points[index + 1]?.[1]),
  );
  return html`<path class="${tone} line${points.length > 60 ? ' thin' : ''}" d="${tools.line(points)}"/>${lonely.map(
    ([px, py]) => html`<circle class="${tone} fill" cx="${at(px)}" cy="${at(py)}" r="2.5"/>`,
  )}`;
}

/** The last number of each curve with its role, to the right of where it ends. */
function endLabels(curves: readonly Curve[], x: Scale, { y }: ValueScale): Html {
  const ends = curves.flatMap((curve) => {
    const index = curve.values.findLastIndex(isDrawable);
    return index < 0 ? [] : [{ curve, step: curve.steps[index]!, value: curve.values[index]! }];
  });
  const places = spread(
    ends.map(({ value }) => y(value)),
    13,
  );
  const excess = Math.max(0, Math.max(...places) - PLOT.bottom);
  return html`${ends.map(({ curve, step, value }, index) => {
    const place = places[index]! - excess;
    const isShort = x(step) < PLOT.right - 1;
    const text = [curve.role, shortNumber(Number(value.toPrecision(3)))].filter(Boolean).join(' ');
    // Where it broke off the label stands at the edge all the same: inside it would lie on other lines.
    const leader = isShort
      ? html`<path class="guide" d="M${at(x(step))} ${at(y(value))}L${PLOT.right} ${at(place)}"/>`
      : undefined;
    return html`${leader}${label(PLOT.right + 5, place, text, toneOf(curve, curves))}`;
  })}`;
}
