/** The tables of the gate on the page. */
import type {
  Calibrate,
  Evaluation,
  FairnessGroup,
  MetricResult,
  WeakSlice,
} from '../../records/evaluation.ts';
import { significant } from '../charts/chart.ts';
import { ARROWS, type HeatCell, heatTable } from '../evaluation/heat.ts';
import {
  clustersText,
  dayText,
  describePart,
  describeSlice,
  metricDecimals,
  unitOf,
} from '../evaluation/names.ts';
import { relativeChangeOf } from '../evaluation/relative-change.ts';
import { changeText, powerText, type RankedAttribution, WAIVER_WORDS } from '../evaluation/sentences.ts';
import { limitText } from '../limit-text.ts';
import { formatInterval, formatNumber, formatShare, formatSigned, verdictWord } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { verdictMark } from './parts.ts';

/** Every number of every metric; columns that would be empty are left out. */
export function metricTable(caption: string, metrics: readonly MetricResult[]): Html {
  const explained = metrics.some((metric) => whyText(metric) !== '');
  const compared = metrics.some((metric) => metric.champion !== null);
  const rows = metrics.map((metric) => {
    const decimals = metricDecimals(metric);
    const interval = metric.interval ?? null;
    const relative = relativeChangeOf(metric);
    return [
      html`${describePart(metric)}\u00a0${ARROWS[metric.direction]}`,
      verdictCell(metric),
      ...(compared ? [formatNumber(metric.champion, decimals)] : []),
      formatNumber(metric.challenger, decimals),
      ...(compared
        ? [
            html`${formatSigned(metric.difference, decimals) || '–'}${relative && html`<br>${formatSigned(relative.change, relative.decimals)}\u00a0%`}`,
            html`${interval ? formatInterval(interval[0], interval[1], decimals) : '–'}${relative?.interval && html`<br>${formatInterval(...relative.interval, relative.decimals)}\u00a0%`}`,
          ]
        : [ownInterval(metric, decimals)]),
      metric.limits.map(
        (limit, index) =>
          html`${index > 0 ? html`<br>` : undefined}<span class="nowrap">${limitText(metric, limit)}</span>`,
      ),
      ...(explained ? [whyText(metric)] : []),
    ];
  });
  const header = [
    'metric',
    'verdict',
    ...(compared ? ['champion', 'challenger', 'difference', 'interval'] : ['challenger', 'interval']),
    'limit',
    ...(explained ? ['why'] : []),
  ];
  return htmlTable(caption, header, rows, compared ? [2, 3, 4, 5] : [2, 3]);
}

/** Next to the name, so that a phone shows it without scrolling. */
function verdictCell(metric: MetricResult): Html {
  const word = metric.word === verdictWord(metric.verdict) ? '' : metric.word;
  return html`${verdictMark(metric.verdict)} <span class="nowrap">${word}${metric.waiver ? ', waived' : ''}</span>`;
}

function ownInterval({ challengerInterval: own }: MetricResult, decimals: number): string {
  return own ? `[${formatNumber(own[0], decimals)}, ${formatNumber(own[1], decimals)}]` : '–';
}

function whyText(metric: MetricResult): string {
  const further = metric.limits.find(
    (limit) => limit.verdict === 'inconclusive' && limit.furtherRows !== null,
  )?.furtherRows;
  if (metric.why !== '') return metric.why;
  if (metric.verdict !== 'inconclusive' || further == null) return '';
  return `about ${formatNumber(Number(further.toPrecision(2)))} more ${unitOf(metric)} would decide`;
}

/** Slices by metric, coloured by what the sign and the word in each cell say too. */
export function heatTableOf(record: Evaluation): Html | undefined {
  const heat = heatTable(record);
  if (!heat) return undefined;
  const rows = heat.rows.map(
    (row) =>
      html`<tr><th scope="row">${row.name}</th><td class="number">${formatNumber(row.rows)}</td>${row.cells.map(heatCell)}</tr>\n`,
  );
  const header = heat.columns.map(({ name, arrow }) => html`<th scope="col">${name}\u00a0${arrow}</th>`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Slices by metric"><table class="heat"><caption>Slices by metric, the worst first</caption>
<thead><tr><th scope="col">slice</th><th scope="col" class="number">rows</th>${header}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

const heatCell = (cell: HeatCell | undefined): Html =>
  cell ? html`<td class="${cell.level}">${cell.text}<br>${cell.word}</td>` : html`<td></td>`;

export function weakSliceTable(weak: NonNullable<Evaluation['weakSlices']>): Html {
  const rows = weak.found.map((slice: WeakSlice) => [
    describeSlice(slice.features),
    formatNumber(slice.rows),
    formatNumber(slice.inside, 3),
    formatNumber(slice.outside, 3),
    formatInterval(slice.interval[0], slice.interval[1], 3),
    probabilityText(slice.adjustedPValue),
    formatNumber(slice.champion, 3),
  ]);
  return htmlTable(
    `Weak slices: mean of ${weak.loss}`,
    ['slice', 'rows', 'inside', 'elsewhere', 'difference, interval', 'p, adjusted', 'champion inside'],
    rows,
    [1, 2, 3, 4, 5, 6],
  );
}

const probabilityText = (value: number): string => (value < 1e-4 ? '< 0.0001' : formatNumber(value, 4));

export function groupTable(groups: readonly FairnessGroup[]): Html {
  const rows = groups.map((group) => [
    group.metric,
    describeSlice(group.group),
    formatNumber(group.rows),
    formatNumber(group.champion, 3),
    formatNumber(group.challenger, 3),
    group.challenger === null ? '–' : changeText(group.champion, group.challenger, 3) || '–',
  ]);
  return htmlTable(
    'Metrics per group',
    ['metric', 'group', 'rows', 'champion', 'challenger', 'change'],
    rows,
    [2, 3, 4, 5],
  );
}

export function attributionTable(ranked: readonly RankedAttribution[]): Html {
  const rows = ranked.map((entry) => [
    entry.feature,
    significant(entry.champion),
    formatNumber(entry.championRank),
    significant(entry.challenger),
    formatNumber(entry.challengerRank),
  ]);
  return htmlTable(
    'Mean absolute attribution',
    ['feature', 'champion', 'its rank', 'challenger', 'its rank'],
    rows,
    [1, 2, 3, 4],
  );
}

export function calibrateTable(calibrate: Calibrate): Html {
  const { shares } = calibrate;
  const whole = [shares.pass + shares.warn, shares.inconclusive, shares.fail, calibrate.plainComparisonFails];
  const rows = calibrate.metrics.map((metric) => [
    describePart(metric),
    ...[metric.pass, metric.inconclusive, metric.fail, metric.plainComparisonFails].map((share) =>
      formatShare(share),
    ),
  ]);
  return htmlTable(
    `Shares of ${formatNumber(calibrate.draws)} draws, of which ${formatShare(shares.warn)} pass with a warning`,
    ['metric', 'passes', 'cannot tell', 'fails', 'plain comparison fails'],
    [
      ...rows,
      ['the whole policy', ...whole.map((share) => formatShare(share))].map(
        (cell) => html`<strong>${cell}</strong>`,
      ),
    ],
    [1, 2, 3, 4],
  );
}

export function waiverTable(waivers: Evaluation['waivers']): Html | undefined {
  if (waivers.length === 0) return undefined;
  const rows = waivers.map((waiver) => [
    describePart(waiver),
    waiver.owner,
    waiver.reason,
    dayText(waiver.expires),
    html`<strong>${waiver.status}</strong>: ${WAIVER_WORDS[waiver.status]}`,
  ]);
  return htmlTable('Waivers', ['what', 'owner', 'reason', 'last day', 'status'], rows);
}

/** A loud line and the diff, line by line. */
export function policyChange({ policy }: Evaluation): Html | undefined {
  if (!policy?.change) return undefined;
  const { diff, why } = policy.change;
  const lines = diff.split('\n').map((line) => {
    const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : undefined;
    return kind ? html`<span class="${kind}">${line}</span>\n` : html`${line}\n`;
  });
  return html`<p class="loud"><strong>This pull request ${policy.from === 'base' ? 'changes' : 'brings'} the policy that judges it</strong>: ${why}</p>${folded(
    'What changes in the policy',
    html`<pre class="scroll diff" tabindex="0">${lines}</pre>`,
  )}`;
}

/** Which policy, which methods, and what they can show with these rows. */
export function judgementNotes(record: Evaluation): string[] {
  const { policy } = record;
  const methods = new Map<string, string[]>();
  for (const result of record.metrics.filter(({ method }) => method !== ''))
    methods.set(result.method, [...(methods.get(result.method) ?? []), describePart(result)]);
  return [
    ...(policy
      ? [
          `Policy ${policy.file}, in the version of ${policy.from === 'base' ? 'the base branch' : 'this checkout'}.`,
        ]
      : []),
    ...[...methods].map(([method, names]) => `Interval of ${names.join(', ')}: ${method}`),
    ...record.metrics.flatMap((result) => powerText(result, metricDecimals(result))),
    ...(record.decideOn === 'point' ? ['The policy decides on the numbers alone.'] : []),
    ...clustersText(record),
  ];
}
