/** The page docs/drift-on-flights.md and its picture, from what drift-check said. Pure. */
import {
  at,
  axisLeft,
  type ChartTools,
  label,
  loadChartTools,
  type Point,
} from '../shared/report/charts/chart.ts';
import { type Html, html } from '../shared/report/page/html.ts';
import type { Observation } from './flights-faults.ts';

const METRIC = 'roc_auc';

const digits = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');

/** Of each week, what was estimated on the day and what was real. */
function weeksOf({ before, after }: Observation) {
  return after.chunks.flatMap((chunk, index) => {
    const estimated = before.chunks[index]!;
    return {
      part: chunk.part,
      start: chunk.start!.slice(0, 10),
      estimate: estimated.estimated[METRIC] ?? Number.NaN,
      interval: estimated.estimatedIntervals?.[METRIC],
      real: chunk.performance[METRIC] ?? Number.NaN,
    };
  });
}

/** What the overview says in words, from what the records say. */
function words({ seen, before, after }: Observation): string[] {
  const named = seen.onTheDay.map((part) => {
    if (part === 'classifier') return `the classifier (AUC ${digits(before.multivariate!.auc!)})`;
    if (part === 'correlations') return 'correlations';
    return `\`${part}\``;
  });
  const [real] = after.performance.filter(({ source }) => source === 'real');
  const { value } = real!.worst!;
  return [
    named.length > 0 ? named.join(', ') : 'nothing',
    seen.estimateFell ? 'yes' : 'no',
    seen.realFell ? `**yes**: ${digits(value)}, limit ${digits(real!.limit!)}` : `no: worst ${digits(value)}`,
    after.retrain ? '**retrain**' : after.verdict,
  ];
}

function overviewTable(observed: readonly Observation[]): string {
  const rows = observed.map((one) => `| ${one.fault.title} | ${words(one).join(' | ')} |`);
  return [
    '| what happened | drift seen on the day | estimated performance fell | real performance fell, with labels | then |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function weekTable(observed: readonly Observation[]): string {
  const lines = observed.flatMap((one) =>
    weeksOf(one)
      .filter(({ part }) => part === 'data')
      .map(({ start, estimate, interval, real }, index) => {
        const held = interval && real >= interval.low && real <= interval.high;
        const range = interval ? `${digits(interval.low)} to ${digits(interval.high)}` : '–';
        return `| ${index === 0 ? one.fault.title : ''} | ${start} | ${digits(estimate)} | ${range} | ${digits(real)} | ${held ? 'yes' : '**no**'} |`;
      }),
  );
  return [
    '| what happened | week from | estimated | 95 % interval | real | real within it |',
    '|---|---|--:|--:|--:|---|',
    ...lines,
  ].join('\n');
}

/** `4 of 13`: of the weeks in which nothing was wrong. */
function outsideWithoutFault(observed: readonly Observation[]): string {
  const weeks = observed
    .filter(({ fault }) => fault.story.startsWith('Nothing is wrong'))
    .flatMap(weeksOf)
    .filter(({ part }) => part === 'data');
  const outside = weeks.filter(
    ({ real, interval }) => interval && (real < interval.low || real > interval.high),
  );
  return `${outside.length} of ${weeks.length}`;
}

export function writePage(observed: readonly Observation[]): { overview: string; text: string } {
  const overview = overviewTable(observed);
  const text = `# Drift on flights: what can be seen without labels

The model of [the example](../workflows-examples/flight-delays/README.md) says whether a flight will be late. Its
reference are eight weeks from 29 January 2001; its policy is \`drift.yaml\`. Each case below was checked twice: on the
day, when only the reference has labels and performance is estimated from the scores (CBPE), and weeks later, with all
labels. This page is written by \`npm run bench -- flights-faults\`.

${overview}

${observed.map(({ fault }) => `- **${fault.title}**: ${fault.story}`).join('\n')}

## What follows

- **Seen on the day, by its column**: the clock, the unit, and the stale feed (whose gaps lie elsewhere). A contract
  (\`validate-data\`) would have refused the first two before the model saw them.
- **Seen on the day, by no single column**: the wrong join. Each column is as it was, and a classifier tells the weeks
  apart all the same, as do the correlations: columns that went together no longer do. It is reported; a policy that
  has \`multivariate\` makes it count.
- **Its harm only with labels**: the wrong join and the demo's fault. The scores stay as sure of themselves as they
  were, so an estimate made from scores does not fall: what the inputs mean has changed, and only labels can show that.
- **Its harm not at all**: the stale feed costs about five points of area, and eight weeks of winter differ more than that
  among themselves: the limit is below. More reference weeks, or a limit of a person's own, would find it.
- **Not seen at all**: the filter. The flights that remain look like flights, and the model ranks them as well as ever.
  What is missing shows in the number of rows and, with labels, in the share of late flights: rules for \`validate-data\`.
- **Real weeks vary more than rows do.** The interval counts rows as independent, and flights of one day share their
  weather: without any fault the real value lies outside it in ${outsideWithoutFault(observed)} weeks. Limits come from
  whole weeks of the reference for that reason.

![Estimated and real area under the ROC curve week by week](drift-on-flights.svg)

## Week by week: area under the ROC curve

${weekTable(observed)}
`;
  return { overview, text };
}

const PANEL = { width: 330, height: 190, columns: 3 };
const STYLE = `svg{font:11px system-ui,sans-serif;background:#fff}text{fill:#57606a}.title{font-weight:600;font-size:12px;fill:#1f2328}
.grid{stroke:#d8dee4;fill:none}.band{fill:#54aeff;fill-opacity:.3}.estimate{stroke:#0969da;fill:none;stroke-width:1.5}
.real{fill:#1f2328}.limit{stroke:#cf222e;stroke-dasharray:4 3;fill:none}.guide{stroke:#8c959f;fill:none}`;

function panel(tools: ChartTools, one: Observation, index: number): Html {
  const weeks = weeksOf(one);
  const [real] = one.after.performance.filter(({ source }) => source === 'real');
  const x = tools.linear([0, weeks.length - 1], [36, PANEL.width - 20]);
  const y = tools.linear([0.5, 0.76], [PANEL.height - 30, 36]);
  const border = weeks.findIndex(({ part }) => part === 'data');
  const middle = (x(border) + x(border - 1)) / 2;
  const left = (index % PANEL.columns) * PANEL.width;
  const top = Math.floor(index / PANEL.columns) * PANEL.height;
  const line: Point[] = weeks.map(({ estimate }, week) => [x(week), y(estimate)]);
  const band = weeks.map(
    ({ interval }, week) =>
      [x(week), y(interval?.low ?? Number.NaN), y(interval?.high ?? Number.NaN)] as const,
  );
  const bottom = PANEL.height - 12;
  return html`<g transform="translate(${left} ${top})"><text class="title" x="8" y="18">${one.fault.title}</text>${axisLeft(y, 36, PANEL.width - 20, '', 4)}<path class="guide" d="M${at(middle)} 30V${PANEL.height - 30}"/><path class="limit" d="M36 ${at(y(real!.limit!))}H${PANEL.width - 20}"/><path class="band" d="${tools.band(band)}"/><path class="estimate" d="${tools.line(line)}"/>${weeks.map(
    (week, at_) =>
      Number.isFinite(week.real)
        ? html`<circle class="real" cx="${at(x(at_))}" cy="${at(y(week.real))}" r="3"/>`
        : undefined,
  )}${label(36, bottom, weeks[0]!.start, '')}${label(PANEL.width - 20, bottom, weeks.at(-1)!.start, '', 'end')}</g>`;
}

/** One panel for each case: the estimate with its band, the real values as dots, the limit dashed. */
export async function drawWeeks(observed: readonly Observation[]): Promise<string> {
  const tools = await loadChartTools();
  const rows = Math.ceil(observed.length / PANEL.columns);
  const width = PANEL.width * PANEL.columns;
  const height = PANEL.height * rows + 24;
  const key =
    'Area under the ROC curve. Line and band: estimated without labels, with 95 %. Dots: real. Dashed: the limit. Left of the bar: the reference.';
  const drawn = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${key}"><style>${STYLE}</style>${observed.map((one, index) => panel(tools, one, index))}<text x="8" y="${height - 8}">${key}</text></svg>\n`;
  return drawn.text;
}
