/** What an operation on runners found and did, as a record. */
import type { Machine } from '../../../shared/aws/machines.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { type RecordSource, recordHead, type Verdict } from '../../../shared/records/envelope.ts';
import type { GpuRunner, RunnerMachine } from '../../../shared/records/gpu-runner.ts';
import type { LaunchedRunner } from './launch.ts';
import { readTags } from './names.ts';
import type { Swept } from './swept.ts';

export interface RecordOrigin {
  name: string;
  repository: string;
  source: RecordSource;
  createdAt: Date;
}

/** @param seconds from the start until the runner was online. */
export function launchRecord(launched: LaunchedRunner, seconds: number, origin: RecordOrigin): GpuRunner {
  const { runner, machine, labels, refusals } = launched;
  const { type, market, zone } = machine;
  const reason = `${machine.id} (${type}, ${marketWords(market)}, ${zone}) waits for its job as ${runner}.`;
  return {
    ...headOf(runner, 'pass', reason, origin),
    operation: 'launch',
    repository: origin.repository,
    runner: { name: runner, label: runner, labels },
    machines: [
      {
        ...describe(machine),
        state: 'launched',
        busy: false,
        why: 'its runner is online and waits for its job',
      },
    ],
    ghosts: [],
    refusals: refusals.map((one) => ({
      ...{ type: one.type, subnet: one.subnet ?? null, market: one.market },
      code: one.code,
    })),
    launchSeconds: seconds,
    githubProblem: '',
    counts: { ended: 0, left: 0, failed: 0 },
  };
}

/**
 * Its verdict: error where GitHub could not be asked and there are machines, fail where one could not be ended, warn
 * where somebody should look at one.
 */
export function sweepRecord(operation: 'stop' | 'reap', swept: Swept, origin: RecordOrigin): GpuRunner {
  const { machines, ghosts, githubProblem } = swept;
  const number = (state: string) => machines.filter((one) => one.state === state).length;
  const counts = { ended: number('ended'), left: number('left'), failed: number('failed') };
  const attention = machines.some((one) => one.attention) || ghosts.some(({ removed }) => !removed);
  const verdict: Verdict =
    githubProblem !== '' ? 'error' : counts.failed > 0 ? 'fail' : attention ? 'warn' : 'pass';
  return {
    ...headOf(origin.repository, verdict, sweepReason(counts, ghosts, githubProblem), origin),
    operation,
    repository: origin.repository,
    runner: null,
    machines: machines.map(({ machine, state, busy, why }) => ({ ...describe(machine), state, busy, why })),
    ghosts,
    refusals: [],
    launchSeconds: null,
    githubProblem,
    counts,
  };
}

function sweepReason(
  counts: GpuRunner['counts'],
  ghosts: GpuRunner['ghosts'],
  githubProblem: string,
): string {
  const { ended, left, failed } = counts;
  if (githubProblem !== '') return `GitHub could not be asked, so that nothing was ended: ${githubProblem}.`;
  const removed = ghosts.filter((ghost) => ghost.removed).length;
  const parts = [
    ended > 0 ? `${machinesOf(ended)} ended` : '',
    left > 0 ? `${machinesOf(left)} left` : '',
    failed > 0 ? `${machinesOf(failed)} could not be ended` : '',
    removed > 0 ? `${removed} ${removed === 1 ? 'runner' : 'runners'} without a machine removed` : '',
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(', ')}.` : 'There was nothing to end.';
}

const machinesOf = (count: number): string => `${count} ${count === 1 ? 'machine' : 'machines'}`;

export const marketWords = (market: RunnerMachine['market']): string =>
  market === 'spot' ? 'on spot' : 'on demand';

function describe(machine: Machine): Omit<RunnerMachine, 'state' | 'busy' | 'why'> {
  const { id, type, zone, market, launchedAt } = machine;
  const { runner, run, attempt, endsBy } = readTags(machine.tags);
  return {
    ...{ id, type, zone, market, launchedAt: launchedAt.toISOString() },
    ...{ endsBy: endsBy?.toISOString() ?? null, runner, run, attempt },
  };
}

/** A machine is no file: the subject is the digest of what it is called, or of the repository that was looked after. */
function headOf(called: string, verdict: Verdict, reason: string, origin: RecordOrigin) {
  const { name, source, createdAt } = origin;
  return recordHead('GpuRunner', {
    ...{ name, source, createdAt, verdict, reason },
    subject: sha256(called),
    inputs: [],
  });
}
