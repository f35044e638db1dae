/** ROC and precision–recall curves of both models, each with the point at which the model decides. */
import type { ModelCurves } from '../../records/evaluation.ts';
import { heightAt } from '../evaluation/curve-points.ts';
import { formatNumber, formatShare } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import {
  at,
  axisBottom,
  axisLeft,
  type ChartTools,
  figure,
  label,
  type Point,
  type Scale,
  type Tone,
  thin,
} from './chart.ts';

export interface BothCurves {
  champion: ModelCurves | null;
  challenger: ModelCurves;
}

export interface DrawnModel {
  name: string;
  tone: Tone;
  curves: ModelCurves;
}

/** The square in which curves of shares are drawn. */
export const SQUARE = { left: 38, right: 312, top: 20, bottom: 264, width: 330, height: 300 } as const;

export function drawnModels(curves: BothCurves): DrawnModel[] {
  return [
    ...(curves.champion ? [{ name: 'champion', tone: 'champion' as const, curves: curves.champion }] : []),
    { name: 'challenger', tone: 'challenger', curves: curves.challenger },
  ];
}

interface ShareCurve {
  title: string;
  description: string;
  across: string;
  up: string;
  points(curves: ModelCurves): readonly Point[];
  decision(curves: ModelCurves): Point | undefined;
  /** What a model without knowledge would draw. */
  guide(models: readonly DrawnModel[], x: Scale, y: Scale): Html | undefined;
}

const ROC: ShareCurve = {
  title: 'ROC curve',
  description:
    'Share of positives found against share of negatives taken for positives. A curve nearer the upper left is better; the ring is where the model decides.',
  across: 'false-positive rate',
  up: 'true-positive rate',
  points: (curves) => curves.roc,
  decision: ({ operatingPoint: point }) =>
    point ? [point.falsePositiveRate, point.truePositiveRate] : undefined,
  guide: (_, x, y) =>
    html`<path class="guide" d="M${at(x(0))} ${at(y(0))}L${at(x(1))} ${at(y(1))}"/>${label(x(0.14), y(0.14) + 12, 'chance', 'plain')}`,
};

const PRECISION_RECALL: ShareCurve = {
  title: 'Precision–recall curve',
  description:
    'Precision against the share of positives found. A curve nearer the upper right is better; the ring is where the model decides.',
  across: 'recall',
  up: 'precision',
  points: (curves) => [...curves.precisionRecall].sort((a, b) => a[0] - b[0]),
  decision: ({ operatingPoint: point }) =>
    point && point.precision !== null ? [point.truePositiveRate, point.precision] : undefined,
  guide: (models, x, y) => {
    // All rows taken for positive: the precision is the share of positives.
    const all = models.at(-1)!.curves.precisionRecall.reduce((a, b) => (b[0] > a[0] ? b : a));
    if (all[0] < 0.99) return undefined;
    const below = all[1] > 0.12;
    return html`<path class="guide" d="M${at(x(0))} ${at(y(all[1]))}H${at(x(1))}"/>${label(x(0.02), y(all[1]) + (below ? 10 : -8), 'chance', 'plain')}`;
  },
};

export const rocChart = (tools: ChartTools, curves: BothCurves): Html => shareChart(tools, curves, ROC);

export const precisionRecallChart = (tools: ChartTools, curves: BothCurves): Html =>
  shareChart(tools, curves, PRECISION_RECALL);

function shareChart(tools: ChartTools, curves: BothCurves, kind: ShareCurve): Html {
  const drawn = drawnModels(curves).filter((model) => kind.points(model.curves).length > 1);
  if (drawn.length === 0) return html``;
  const { left, right, top, bottom, width, height } = SQUARE;
  const x = tools.linear([0, 1], [left, right]);
  const y = tools.linear([0, 1], [bottom, top]);
  const lines = drawn.map((model) => {
    const path = tools.line(kind.points(model.curves).map(([px, py]) => [x(px), y(py)]));
    return html`<path class="${model.tone} line" d="${path}"/>`;
  });
  const rings = drawn.map((model) => {
    const point = kind.decision(model.curves);
    return (
      point &&
      html`<circle class="${model.tone} ring" cx="${at(x(point[0]))}" cy="${at(y(point[1]))}" r="4.5"/>`
    );
  });
  const body = html`${axisLeft(y, left, right, kind.up, 5)}${axisBottom(x, bottom, kind.across, 5)}${kind.guide(drawn, x, y)}${lines}${rings}${curveNames(drawn, kind, x, y)}`;
  return figure(
    tools,
    { width, height, title: kind.title, description: kind.description },
    body,
    folded(`${kind.title} in numbers`, pointTables(drawn, kind)),
  );
}

/** Names with a line to their curve, below it or above it, whichever side is empty. */
function curveNames(drawn: readonly DrawnModel[], kind: ShareCurve, x: Scale, y: Scale): Html[] {
  const heights = drawn.map((model) => heightAt(kind.points(model.curves), 0.6));
  const isAbove = Math.max(...heights) < 0.55;
  return drawn.map((model, index) => {
    const place = 0.55 + 0.2 * index;
    const height = heightAt(kind.points(model.curves), place);
    const name = isAbove ? 0.93 - 0.12 * index : 0.34 - 0.12 * index;
    const [px, py] = [x(place), y(height)];
    const end = y(name) + (isAbove ? 8 : -8);
    return html`<path class="${model.tone} stroke thin" d="M${at(px)} ${at(py)}V${at(end)}"/>${label(px, y(name), model.name, model.tone, 'middle')}`;
  });
}

function pointTables(drawn: readonly DrawnModel[], kind: ShareCurve): Html {
  const decisions = drawn.flatMap((model) => {
    const point = kind.decision(model.curves);
    const threshold = model.curves.operatingPoint?.threshold ?? null;
    return point
      ? [
          [
            model.name,
            threshold === null ? 'own labels' : formatNumber(threshold, 3),
            formatShare(point[0]),
            formatShare(point[1]),
          ],
        ]
      : [];
  });
  const rows = drawn.flatMap((model) =>
    thin(kind.points(model.curves), 16).map(([px, py]) => [
      model.name,
      formatNumber(px, 3),
      formatNumber(py, 3),
    ]),
  );
  return html`${
    decisions.length > 0
      ? htmlTable('Where the models decide', ['model', 'threshold', kind.across, kind.up], decisions, [2, 3])
      : undefined
  }${htmlTable(kind.title, ['model', kind.across, kind.up], rows, [1, 2])}`;
}
