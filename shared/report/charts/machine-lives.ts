/** How long machines have lived when they were looked at, and until when they live at the most. */
import type { GpuRunner, RunnerMachine } from '../../records/gpu-runner.ts';
import { formatDuration } from '../numbers.ts';
import { type Html, html } from '../page/html.ts';
import { at, axisBottom, type ChartTools } from './chart.ts';
import { bar, rowChart, WIDE_PLOT } from './rows.ts';
import { timeTicks } from './time-ticks.ts';

/** The table below has all of them. */
const MOST_ROWS = 16;

const TONES = { launched: 'challenger', ended: 'plain', left: 'challenger', failed: 'bad' } as const;

export function machineLives(tools: ChartTools, record: GpuRunner): Html | undefined {
  const now = Date.parse(record.createdAt);
  const since = (instant: string) => (Date.parse(instant) - now) / 1000;
  const drawn = record.machines.slice(0, MOST_ROWS);
  // A machine that was just launched has no past to show.
  if (drawn.length === 0 || record.operation === 'launch') return undefined;
  const times = drawn.flatMap(({ launchedAt, endsBy }) => [launchedAt, endsBy ?? launchedAt].map(since));
  const first = Math.min(0, ...times);
  // A machine that was launched in the second of the look has no length.
  const last = Math.max(0, ...times, first + 60);
  const x = tools.linear([first, last], [WIDE_PLOT.left, WIDE_PLOT.right]);
  const draw = ({ launchedAt, endsBy, state }: RunnerMachine, y: number) => {
    const end = endsBy === null ? undefined : x(since(endsBy));
    const isPast = endsBy !== null && since(endsBy) < 0;
    return html`${bar(TONES[state], x(since(launchedAt)), x(0), y - 3.5)}${
      end === undefined
        ? undefined
        : html`<path class="${isPast ? 'limit' : 'guide'}" d="M${at(x(0))} ${y}H${at(end)}"/><path class="limit" d="M${at(end)} ${y - 7}v14"/>`
    }`;
  };
  return rowChart(tools, {
    title: 'How long the machines live',
    description: `${drawn.map((machine) => describe(machine, since)).join('; ')}. Red lines are the times at which they end themselves at the latest.`,
    head: (bottom) => html`<path class="axis" d="M${at(x(0))} 18V${at(bottom)}"/>`,
    rows: drawn.map((machine) => ({
      name: `${machine.id} · ${machine.type} · ${machine.state === 'failed' ? 'not ended' : machine.state}`,
      draw: (y) => draw(machine, y),
      numbers: formatDuration(Math.max(0, -since(machine.launchedAt))),
    })),
    foot: (top) => axisBottom(x, top, 'time from this look', ticksAround(first, last), tickText),
    footHeight: 34,
  });
}

const signedDuration = (seconds: number): string =>
  seconds < 0 ? `−${formatDuration(-seconds)}` : formatDuration(seconds);

const tickText = (seconds: number): string => (seconds === 0 ? 'now' : signedDuration(seconds));

/** Ticks of one step to both sides of zero. */
function ticksAround(first: number, last: number): number[] {
  const after = timeTicks(Math.max(last, -first), 3);
  const before = after.filter((tick) => tick > 0 && -tick >= first).map((tick) => -tick);
  return [...before.reverse(), ...after.filter((tick) => tick <= last)];
}

function describe(machine: RunnerMachine, since: (instant: string) => number): string {
  const end =
    machine.endsBy === null
      ? 'no end is known'
      : `ends ${signedDuration(since(machine.endsBy))} from this look`;
  return `${machine.id}: launched ${formatDuration(Math.max(0, -since(machine.launchedAt)))} before, ${end}, ${machine.state}`;
}
