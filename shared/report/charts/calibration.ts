/** Whether scores mean what they say: calibration of both models with the histogram of their scores below. */
import { formatNumber } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import { at, axisBottom, axisLeft, type ChartTools, figure, label, spread } from './chart.ts';
import { type BothCurves, type DrawnModel, drawnModels, SQUARE } from './model-curves.ts';

/** Share of positives among rows of a score against that score, and below it how many rows have which score. */
export function calibrationChart(tools: ChartTools, curves: BothCurves): Html {
  const drawn = drawnModels(curves).filter((model) => model.curves.calibration.some((bin) => bin.rows > 0));
  if (drawn.length === 0) return html``;
  const { left, right, top, bottom, width, height } = SQUARE;
  const x = tools.linear([0, 1], [left, right]);
  const y = tools.linear([0, 1], [196, top]);
  const highest = Math.max(...drawn.flatMap((model) => model.curves.histogram), 1);
  const rowsScale = tools.linear([0, highest], [bottom, 222]);
  const ends = drawn.map((model) => model.curves.calibration.filter((bin) => bin.rows > 0).at(-1)!);
  const places = spread(
    ends.map((end) => y(end.positives)),
    13,
  );
  const body = html`${axisLeft(y, left, right, 'share of positives', 5)}${axisBottom(x, bottom, 'score', 5)}
<path class="guide" d="M${at(x(0))} ${at(y(0))}L${at(x(1))} ${at(y(1))}"/>${drawn.map((model, index) => {
    const bins = model.curves.calibration.filter((bin) => bin.rows > 0);
    const slot = (right - left) / Math.max(model.curves.histogram.length, 1);
    const bar = slot / drawn.length;
    const bars = model.curves.histogram
      .map((rows, bin) => ({ rows, from: left + bin * slot + index * bar }))
      .filter(({ rows }) => rows > 0)
      .map(
        ({ rows, from }) => `M${at(from + 0.5)} ${bottom}V${at(rowsScale(rows))}h${at(bar - 1)}V${bottom}Z`,
      )
      .join('');
    const near = x(ends[index]!.score) > right - 70;
    return html`<path class="${model.tone} line" d="${tools.line(bins.map((bin) => [x(bin.score), y(bin.positives)]))}"/>${bins.map(
      (bin) =>
        html`<circle class="${model.tone} fill" cx="${at(x(bin.score))}" cy="${at(y(bin.positives))}" r="2.5"/>`,
    )}${label(x(ends[index]!.score) + (near ? -6 : 6), places[index]! - (near ? 12 : 0), model.name, model.tone, near ? 'end' : 'start')}<path class="${model.tone} fill" d="${bars}"/>`;
  })}<text x="${left}" y="215">rows per score, at most ${formatNumber(highest)}</text>`;
  return figure(
    tools,
    {
      width,
      height,
      title: 'Calibration',
      description:
        'Share of rows that were positive against the mean score of those rows; on the diagonal a score means what it says. Below it the number of rows of each score.',
    },
    body,
    html`${errorText(drawn)}${folded('Calibration in numbers', binTable(drawn))}`,
  );
}

function errorText(drawn: readonly DrawnModel[]): Html | undefined {
  const errors = drawn.flatMap(({ name, curves }) =>
    curves.expectedCalibrationError === null
      ? []
      : [`${name} ${formatNumber(curves.expectedCalibrationError, 4)}`],
  );
  return errors.length > 0
    ? html`<p class="soft">Expected calibration error: ${errors.join(', ')}</p>`
    : undefined;
}

function binTable(drawn: readonly DrawnModel[]): Html {
  const rows = drawn.flatMap((model) =>
    model.curves.calibration.map((bin) => [
      model.name,
      formatNumber(bin.score, 3),
      formatNumber(bin.positives, 3),
      formatNumber(bin.rows),
    ]),
  );
  return htmlTable('Calibration', ['model', 'mean score', 'share of positives', 'rows'], rows, [1, 2, 3]);
}
