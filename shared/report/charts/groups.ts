/** Groups of people, features and metrics side by side: what each model gives them. */
import type { Calibrate, FairnessGroup, WeakSlice } from '../../records/evaluation.ts';
import { describePart, describeSlice } from '../evaluation/names.ts';
import type { RankedAttribution } from '../evaluation/sentences.ts';
import { formatNumber, formatShare, formatSigned } from '../numbers.ts';
import { type Html, html } from '../page/html.ts';
import { at, axisBottom, type ChartTools, domainOf, significant } from './chart.ts';
import { bar, bothNames, bothNumbers, guide, PLOT, rowChart, WIDE_PLOT, whisker } from './rows.ts';

const MOST_ROWS = 16;

/** One metric of fairness: a dot per model and group. */
export function fairnessChart(tools: ChartTools, groups: readonly FairnessGroup[]): Html {
  const drawn = groups.filter((group) => group.challenger !== null).slice(0, MOST_ROWS);
  const [first] = drawn;
  if (!first) return html``;
  const values = drawn.flatMap((group) => [group.challenger!, group.champion ?? group.challenger!]);
  const [low, high] = domainOf(values);
  const x = tools.linear([low, high], [WIDE_PLOT.left + 4, WIDE_PLOT.right - 4]).nice(4);
  const withChampion = drawn.some((group) => group.champion !== null);
  return rowChart(tools, {
    title: `${first.metric} per group`,
    description: `${first.metric} of ${drawn.length} groups, for each model. The nearer the dots of one colour, the more alike the groups are treated.`,
    numbersHead: withChampion ? bothNames : html`<tspan class="challenger">challenger</tspan>`,
    rows: drawn.map((group) => ({
      name: `${describeSlice(group.group)} (${formatNumber(group.rows)} rows)`,
      draw: (y) => {
        const own = x(group.challenger!);
        const before = group.champion === null ? undefined : x(group.champion);
        return html`${before === undefined ? undefined : html`<path class="guide" d="M${at(before)} ${at(y)}H${at(own)}"/><circle class="champion fill" cx="${at(before)}" cy="${at(y)}" r="4"/>`}<circle class="challenger fill" cx="${at(own)}" cy="${at(y)}" r="4"/>`;
      },
      numbers: bothNumbers(
        withChampion ? formatNumber(group.champion, 3) : undefined,
        formatNumber(group.challenger, 3),
      ),
    })),
    foot: (top) => axisBottom(x, top, first.metric, 4),
    footHeight: 34,
  });
}

/** By how much the challenger errs more inside a slice than elsewhere. */
export function weakSliceChart(tools: ChartTools, loss: string, found: readonly WeakSlice[]): Html {
  const drawn = found.slice(0, MOST_ROWS);
  const [low, high] = domainOf(
    drawn.flatMap((slice) => slice.interval),
    [0],
  );
  const x = tools.linear([low, high], [PLOT.left, PLOT.right]);
  return rowChart(tools, {
    title: `Slices with more ${loss} than elsewhere`,
    description: `Difference of the challenger's mean loss inside and outside of ${drawn.length} slices, with intervals; the weakest first.`,
    head: (bottom) => guide(x(0), bottom, 'as elsewhere', 'start'),
    rows: drawn.map((slice) => ({
      name: describeSlice(slice.features),
      draw: (y) =>
        whisker('challenger', x(slice.interval[0]), x(slice.inside - slice.outside), x(slice.interval[1]), y),
      numbers: `${formatSigned(slice.inside - slice.outside, 3)} [${slice.interval.map((end) => formatSigned(end, 3)).join(', ')}]`,
    })),
  });
}

/** What each model reasons from, as paired bars. */
export function attributionChart(tools: ChartTools, ranked: readonly RankedAttribution[]): Html {
  const drawn = ranked.slice(0, MOST_ROWS);
  if (drawn.length === 0) return html``;
  const largest = Math.max(
    ...drawn.flatMap((entry) => [entry.champion ?? 0, entry.challenger ?? 0].map(Math.abs)),
    Number.MIN_VALUE,
  );
  const x = tools.linear([0, largest], [WIDE_PLOT.left, WIDE_PLOT.right]);
  const withChampion = drawn.some((entry) => entry.champion !== null);
  return rowChart(tools, {
    title: 'What the models reason from',
    description: `Mean absolute attribution of ${drawn.length} features for each model, the challenger's largest first.`,
    numbersHead: withChampion ? bothNames : html`<tspan class="challenger">challenger</tspan>`,
    rows: drawn.map((entry) => ({
      name: entry.feature,
      draw: (y) =>
        html`${entry.champion === null ? undefined : bar('champion', WIDE_PLOT.left, x(Math.abs(entry.champion)), y - 7.5)}${entry.challenger === null ? undefined : bar('challenger', WIDE_PLOT.left, x(Math.abs(entry.challenger)), y + 0.5)}`,
      numbers: bothNumbers(
        withChampion ? significant(entry.champion) : undefined,
        significant(entry.challenger),
      ),
    })),
  });
}

/** How often an equal model is refused: by the policy, and by comparing two numbers. */
export function calibrateChart(tools: ChartTools, calibrate: Calibrate): Html {
  const rows = [
    { ...calibrate, name: 'the whole policy', parameters: null, slice: null, fail: calibrate.shares.fail },
    ...calibrate.metrics.slice(0, MOST_ROWS),
  ];
  const x = tools.linear([0, 1], [WIDE_PLOT.left + 4, WIDE_PLOT.right - 8]);
  return rowChart(tools, {
    title: 'How often an equal model is refused',
    description: `Share of ${formatNumber(calibrate.draws)} draws in which the policy fails, and in which a plain comparison of the numbers would.`,
    numbersHead: html`<tspan class="challenger">this policy</tspan>, <tspan class="plain">plain comparison</tspan>`,
    rows: rows.map((metric) => ({
      name: describePart(metric),
      draw: (y) =>
        html`${bar('challenger', x(0), x(metric.fail), y - 7.5)}${bar('plain', x(0), x(metric.plainComparisonFails), y + 0.5)}`,
      numbers: html`<tspan class="challenger">${formatShare(metric.fail)}</tspan>, <tspan class="plain">${formatShare(metric.plainComparisonFails)}</tspan>`,
    })),
    foot: (top) => axisBottom(x, top, 'share of the draws', 3, (share) => formatShare(share, 0)),
    footHeight: 34,
  });
}
