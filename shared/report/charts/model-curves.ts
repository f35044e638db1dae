/** ROC and calibration of both models, with the histogram of scores below. */
import type { ModelCurves } from '../../records/evaluation.ts';
import { formatNumber } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import {
  at,
  axisBottom,
  axisLeft,
  type ChartTools,
  figure,
  label,
  spread,
  type Tone,
  thin,
} from './chart.ts';

export interface BothCurves {
  champion: ModelCurves | null;
  challenger: ModelCurves;
}

const LEFT = 38;
const RIGHT = 312;

function models(curves: BothCurves): { name: string; tone: Tone; curves: ModelCurves }[] {
  return [
    ...(curves.champion ? [{ name: 'champion', tone: 'champion' as const, curves: curves.champion }] : []),
    { name: 'challenger', tone: 'challenger', curves: curves.challenger },
  ];
}

/** True-positive rate against false-positive rate. */
export function rocChart(tools: ChartTools, curves: BothCurves): Html {
  const drawn = models(curves).filter((model) => model.curves.roc.length > 1);
  if (drawn.length === 0) return html``;
  const x = tools.linear([0, 1], [LEFT, RIGHT]);
  const y = tools.linear([0, 1], [264, 20]);
  // Named inside the curve at different heights, where lines of any two models leave room.
  const names = drawn.map((model, index) => {
    const roc = model.curves.roc;
    const target = 0.55 + 0.2 * index;
    const point = roc.find(([falsePositives]) => falsePositives >= target) ?? roc.at(-1)!;
    const [px, py] = [x(point[0]), y(point[1])];
    return html`<path class="${model.tone} stroke thin" d="M${at(px)} ${at(py)}V${at(y(0.34 - 0.12 * index) - 8)}"/>${label(px, y(0.34 - 0.12 * index), model.name, model.tone, 'middle')}`;
  });
  const body = html`${axisLeft(y, LEFT, RIGHT, 'true-positive rate', 5)}${axisBottom(x, 264, 'false-positive rate', 5)}
<path class="guide" d="M${at(x(0))} ${at(y(0))}L${at(x(1))} ${at(y(1))}"/>${label(x(0.17), y(0.17) + 12, 'chance', 'plain')}${drawn.map(
    (model) =>
      html`<path class="${model.tone} line" d="${tools.line(model.curves.roc.map(([fpr, tpr]) => [x(fpr), y(tpr)]))}"/>`,
  )}${names}`;
  const rows = drawn.flatMap((model) =>
    thin(model.curves.roc, 21).map(([fpr, tpr]) => [model.name, formatNumber(fpr, 3), formatNumber(tpr, 3)]),
  );
  return figure(
    tools,
    {
      width: 330,
      height: 300,
      title: 'ROC curve',
      description: `Share of positives found against share of negatives taken for positives, for ${drawn.map((m) => m.name).join(' and ')}. A curve nearer the upper left is better.`,
    },
    body,
    folded(
      'ROC curve in numbers',
      htmlTable('ROC curve', ['model', 'false-positive rate', 'true-positive rate'], rows, [1, 2]),
    ),
  );
}

/** Share of positives among rows of a score against that score, and below it how many rows have which score. */
export function calibrationChart(tools: ChartTools, curves: BothCurves): Html {
  const drawn = models(curves).filter((model) => model.curves.calibration.some((bin) => bin.rows > 0));
  if (drawn.length === 0) return html``;
  const x = tools.linear([0, 1], [LEFT, RIGHT]);
  const y = tools.linear([0, 1], [196, 20]);
  const highest = Math.max(...drawn.flatMap((model) => model.curves.histogram), 1);
  const rowsScale = tools.linear([0, highest], [264, 222]);
  const ends = drawn.map((model) => model.curves.calibration.filter((bin) => bin.rows > 0).at(-1)!);
  const places = spread(
    ends.map((end) => y(end.positives)),
    13,
  );
  const body = html`${axisLeft(y, LEFT, RIGHT, 'share of positives', 5)}${axisBottom(x, 264, 'score', 5)}
<path class="guide" d="M${at(x(0))} ${at(y(0))}L${at(x(1))} ${at(y(1))}"/>${drawn.map((model, index) => {
    const bins = model.curves.calibration.filter((bin) => bin.rows > 0);
    const width = (RIGHT - LEFT) / Math.max(model.curves.histogram.length, 1);
    const bar = width / drawn.length;
    const bars = model.curves.histogram
      .map((rows, bin) => ({ rows, from: LEFT + bin * width + index * bar }))
      .filter(({ rows }) => rows > 0)
      .map(({ rows, from }) => `M${at(from + 0.5)} 264V${at(rowsScale(rows))}h${at(bar - 1)}V264Z`)
      .join('');
    const near = x(ends[index]!.score) > RIGHT - 70;
    return html`<path class="${model.tone} line" d="${tools.line(bins.map((bin) => [x(bin.score), y(bin.positives)]))}"/>${bins.map(
      (bin) =>
        html`<circle class="${model.tone} fill" cx="${at(x(bin.score))}" cy="${at(y(bin.positives))}" r="2.5"/>`,
    )}${label(x(ends[index]!.score) + (near ? -6 : 6), places[index]! - (near ? 12 : 0), model.name, model.tone, near ? 'end' : 'start')}<path class="${model.tone} fill" d="${bars}"/>`;
  })}<text x="${LEFT}" y="215">rows per score, at most ${formatNumber(highest)}</text>`;
  const rows = drawn.flatMap((model) =>
    model.curves.calibration.map((bin) => [
      model.name,
      formatNumber(bin.score, 3),
      formatNumber(bin.positives, 3),
      formatNumber(bin.rows),
    ]),
  );
  return figure(
    tools,
    {
      width: 330,
      height: 300,
      title: 'Calibration',
      description:
        'Share of rows that were positive against the mean score of those rows; on the diagonal a score means what it says. Below it the number of rows of each score.',
    },
    body,
    folded(
      'Calibration in numbers',
      htmlTable('Calibration', ['model', 'mean score', 'share of positives', 'rows'], rows, [1, 2, 3]),
    ),
  );
}
