/** How long answers take: every share of the requests against the time within which it was answered. */
import type { Evaluation, Load } from '../../records/evaluation.ts';
import { formatShare, plainNumber } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from '../page/html.ts';
import { at, axisLeft, type ChartTools, figure, label, type Scale, significant, spread } from './chart.ts';

const LEFT = 38;
const RIGHT = 250;
const BOTTOM = 214;
const TICKS = [0, 0.9, 0.99, 0.999];

/** The slow tail is what matters, so each further nine takes the same width. */
const nines = (share: number): number => -Math.log10(1 - Math.min(share, 0.9999));

export function latencyChart(tools: ChartTools, load: Load, metrics: Evaluation['metrics']): Html {
  const models = [
    ...(load.champion ? [{ name: 'champion', side: load.champion }] : []),
    { name: 'challenger', side: load.challenger },
  ].filter(({ side }) => side.quantiles.length > 1);
  if (models.length === 0) return html``;
  const shares = models.flatMap(({ side }) => side.quantiles.map(([share]) => share));
  const highest = Math.max(...models.flatMap(({ side }) => side.quantiles.map(([, time]) => time)), 1e-6);
  // A limit far above all times would flatten them.
  const limits = limitsOf(metrics).filter(({ time }) => time < 2.5 * highest);
  const x = tools.linear([0, nines(Math.max(...shares, 0.9))], [LEFT, RIGHT]);
  const y = tools.linear([0, Math.max(highest, ...limits.map(({ time }) => time)) * 1.1], [BOTTOM, 20]);
  const places = spread(
    models.map(({ side }) => y(side.quantiles.at(-1)![1])),
    13,
  );
  const body = html`${axisLeft(y, LEFT, RIGHT, 'answered within, ms', 5)}${shareAxis(x)}${limits.map(
    ({ share, time }) => {
      const name = `p${plainNumber(share * 100)} ≤ ${plainNumber(time)} ms`;
      return html`<path class="limit" d="M${at(x(nines(share)) - 16)} ${at(y(time))}h32"/><text class="limit-name" x="${at(x(nines(share)))}" y="${at(y(time) + 14)}" text-anchor="middle">${name}</text>`;
    },
  )}${models.map(
    ({ name, side }, index) =>
      html`<path class="${name} line" d="${tools.line(side.quantiles.map(([share, time]) => [x(nines(share)), y(time)]))}"/>${label(RIGHT + 6, places[index]!, name, name)}`,
  )}`;
  const rows = [...new Set(shares)]
    .sort((a, b) => a - b)
    .map((share) => [
      `${plainNumber(share * 100)} %`,
      ...models.map(({ side }) => significant(side.quantiles.find(([of]) => of === share)?.[1])),
    ]);
  return figure(
    tools,
    {
      width: 330,
      height: 250,
      title: 'How long answers take',
      description:
        'Time in milliseconds within which each share of the requests was answered, for both models; the slow tail is drawn wide. A lower line is faster.',
    },
    body,
    folded(
      'Answer times in numbers',
      htmlTable(
        'Answered within, ms',
        ['share of requests', ...models.map(({ name }) => name)],
        rows,
        [0, 1, 2],
      ),
    ),
  );
}

function shareAxis(x: Scale): Html {
  const ticks = TICKS.filter((share) => nines(share) <= x.domain()[1]! + 0.01);
  return html`<path class="axis" d="M${LEFT} ${BOTTOM}H${RIGHT}"/>${ticks.map((share) => {
    const place = at(x(nines(share)));
    return html`<path class="axis" d="M${place} ${BOTTOM}v4"/><text x="${place}" y="${BOTTOM + 15}" text-anchor="middle">${formatShare(share, share === 0.999 ? 1 : 0)}</text>`;
  })}<text x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 29}" text-anchor="middle">share of requests</text>`;
}

/** `p95_ms` with an upper bound is a place in this chart. */
function limitsOf(metrics: Evaluation['metrics']): { share: number; time: number }[] {
  return metrics.flatMap((metric) => {
    const percentile = metric.block === 'latency' ? /^p(\d+)_ms$/.exec(metric.name)?.[1] : undefined;
    return metric.limits.flatMap((limit) =>
      percentile !== undefined && limit.kind === 'upper_bound'
        ? [{ share: Number(percentile) / 100, time: limit.limit }]
        : [],
    );
  });
}
