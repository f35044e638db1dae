/** Machines that jobs get for themselves, on the page: launched, ended, or found by the one that looks for orphans. */
import type { GpuRunner, RunnerMachine } from '../../records/gpu-runner.ts';
import type { ChartTools } from '../charts/chart.ts';
import { machineLives } from '../charts/machine-lives.ts';
import { formatDuration, formatNumber } from '../numbers.ts';
import { type Html, html, htmlTable } from './html.ts';
import { dateText } from './parts.ts';

const MOST_ROWS = 50;

export function runnerBody(tools: ChartTools, record: GpuRunner): Html {
  const { operation, runner, machines, ghosts, counts, githubProblem, launchSeconds } = record;
  const facts: [string, string | Html][] = [
    ['operation', operation],
    ['repository', record.repository],
    ...(runner
      ? ([
          ['jobs reach it with', html`<code>runs-on: ${runner.label}</code>`],
          ['labels', runner.labels.join(', ')],
        ] as [string, string | Html][])
      : []),
    ...(launchSeconds === null ? [] : [['online after', formatDuration(launchSeconds)] as [string, string]]),
    ...(operation === 'launch'
      ? []
      : [
          [
            'machines',
            `${formatNumber(counts.ended)} ended, ${formatNumber(counts.left)} left, ${formatNumber(counts.failed)} could not be ended`,
          ] as [string, string],
        ]),
    ...(githubProblem ? [['GitHub could not be asked', githubProblem] as [string, string]] : []),
  ];
  const lives = machineLives(tools, record);
  return html`${htmlTable('Runner', ['what', 'value'], facts)}${asked(record)}${lives && html`<div class="charts">${lives}</div>`}${
    machines.length > 0 ? machineTable(machines) : undefined
  }${ghosts.length > 0 ? ghostTable(ghosts) : undefined}`;
}

const marketWords = (market: RunnerMachine['market']): string => (market === 'spot' ? 'spot' : 'on demand');

/** What was asked of AWS, in order, up to the machine that it had. */
function asked({ operation, refusals, machines }: GpuRunner): Html | undefined {
  if (refusals.length === 0) return undefined;
  const rows = refusals.map(({ type, market, subnet, code }, index) => [
    formatNumber(index + 1),
    type,
    marketWords(market),
    subnet ?? 'default network',
    html`refused: <code>${code}</code>`,
  ]);
  const [got] = operation === 'launch' ? machines : [];
  if (got) {
    const place = formatNumber(refusals.length + 1);
    rows.push([place, got.type, marketWords(got.market), got.zone, html`<strong>launched</strong>`]);
  }
  return htmlTable(
    'What AWS was asked for, in this order',
    ['no.', 'type', 'market', 'where', 'answer'],
    rows,
  );
}

function machineTable(machines: readonly RunnerMachine[]): Html {
  const rows = machines
    .slice(0, MOST_ROWS)
    .map((machine) => [
      html`<code class="nowrap">${machine.id}</code>`,
      machine.state === 'failed' ? html`<strong>not ended</strong>` : machine.state,
      html`<span class="roomy">${machine.why}</span>`,
      html`${machine.type}, ${marketWords(machine.market)}, <span class="nowrap">${machine.zone}</span>`,
      html`<span class="nowrap">${dateText(machine.launchedAt)}</span>`,
      machine.endsBy === null ? 'not known' : html`<span class="nowrap">${dateText(machine.endsBy)}</span>`,
      machine.busy === null ? 'not known' : machine.busy ? 'yes' : 'no',
      html`<span class="nowrap">${machine.runner}</span>`,
      `${machine.run}, attempt ${machine.attempt}`,
    ]);
  const header = ['machine', 'state', 'why', 'what', 'launched', 'ends itself by', 'busy', 'runner', 'run'];
  const rest = machines.length - MOST_ROWS;
  return html`${htmlTable('Machines', header, rows)}${rest > 0 ? html`<p class="soft">And ${formatNumber(rest)} more machines.</p>` : undefined}`;
}

function ghostTable(ghosts: GpuRunner['ghosts']): Html {
  const rows = ghosts
    .slice(0, MOST_ROWS)
    .map(({ name, removed, why }) => [name, removed ? 'removed' : html`<strong>left</strong>`, why]);
  const rest = ghosts.length - MOST_ROWS;
  return html`${htmlTable('Runners at GitHub without a machine', ['runner', 'state', 'why'], rows)}${rest > 0 ? html`<p class="soft">And ${formatNumber(rest)} more runners.</p>` : undefined}`;
}
