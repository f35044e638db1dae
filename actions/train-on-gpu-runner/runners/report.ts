import type { GpuRunner, RunnerMachine } from '../../../shared/records/gpu-runner.ts';
import {
  blocks,
  bold,
  code,
  formatDuration,
  type Inline,
  type Markdown,
  md,
  table,
} from '../../../shared/report/markdown.ts';
import type { ReportSection } from '../../../shared/report/section.ts';
import { marketWords } from './record.ts';

const MOST_ROWS = 50;

/** How an operation on runners reads: what came of it, then each machine with the reason. */
export function reportRunner(record: GpuRunner): ReportSection {
  const { operation, runner, machines, ghosts, refusals, launchSeconds } = record;
  const time = launchSeconds === null ? '' : formatDuration(launchSeconds);
  const details: ReportSection['details'] = [];
  if (refusals.length > 0)
    details.push({ title: `What AWS did not have · ${refusals.length}`, body: refusalTable(record) });
  if (ghosts.length > 0)
    details.push({ title: `Runners without a machine · ${ghosts.length}`, body: ghostTable(record) });
  return {
    action: 'train-on-gpu-runner',
    name: record.name,
    verdict: record.verdict,
    cell: operation === 'launch' ? `runner in ${time}` : cellOf(record),
    heading: operation === 'launch' ? `a runner is online after ${time}` : headingOf(record),
    summary: blocks(
      bold(record.reason),
      runner ? md`Jobs reach it with ${code(`runs-on: ${runner.label}`)}.` : '',
      machines.length > 0 ? machineTable(machines) : '',
    ),
    details,
    footer: [`operation ${operation}`, md`repository ${code(record.repository)}`],
  };
}

function cellOf({ counts, githubProblem }: GpuRunner): string {
  return githubProblem ? 'not asked' : `${counts.ended} ended`;
}

function headingOf({ operation, counts, githubProblem, machines }: GpuRunner): string {
  if (githubProblem) return 'nothing was ended, since GitHub could not be asked';
  if (counts.failed > 0) return `${counts.failed} of ${machines.length} machines could not be ended`;
  if (counts.ended === 0 && counts.left === 0)
    return operation === 'stop' ? 'no machine of this run is left' : 'no machine was left behind';
  return `machines: ${counts.ended} ended, ${counts.left} left`;
}

function machineTable(machines: readonly RunnerMachine[]): Markdown {
  const rows = machines
    .slice(0, MOST_ROWS)
    .map((machine): Inline[] => [
      code(machine.id),
      `${machine.type}, ${marketWords(machine.market)}, ${machine.zone}`,
      machine.launchedAt,
      machine.endsBy ?? 'not known',
      machine.busy === null ? 'not known' : machine.busy ? 'yes' : 'no',
      machine.state === 'failed' ? '⚠️ not ended' : machine.state,
      machine.why,
    ]);
  const rest = machines.length - MOST_ROWS;
  const shown = table(['machine', 'what', 'launched', 'ends by', 'busy', 'state', 'why'], rows);
  return rest > 0 ? blocks(shown, `and ${rest} more`) : shown;
}

function refusalTable({ refusals }: GpuRunner): Markdown {
  const rows = refusals.map((one) => [
    one.type,
    marketWords(one.market),
    one.subnet ?? 'default network',
    one.code,
  ]);
  return table(['type', 'market', 'subnet', 'AWS said'], rows);
}

function ghostTable({ ghosts }: GpuRunner): Markdown {
  const rows = ghosts
    .slice(0, MOST_ROWS)
    .map((one): Inline[] => [code(one.name), one.removed ? 'removed' : '⚠️ left', one.why]);
  return table(['runner', 'state', 'why'], rows);
}
