/** Machines that jobs got for themselves, for tests of the page. */
import type { GpuRunner } from '../records/gpu-runner.ts';
import { digest, head } from './sample-head.ts';

/** A machine that was launched after two refusals. @param hostile stands wherever a name may. */
export function sampleLaunch(hostile = 'subnet-0aaa'): GpuRunner {
  const runner = 'flight-delays-17-1-train';
  return {
    ...head(
      'GpuRunner',
      digest('7'),
      'pass',
      `i-0123 (g5.xlarge, on demand, eu-central-1b) waits for its job as ${runner}.`,
      2,
    ),
    operation: 'launch',
    repository: 'octocat/flights',
    runner: { name: runner, label: runner, labels: [runner, 'gpu', hostile] },
    machines: [
      {
        id: 'i-0123456789abcdef0',
        type: 'g5.xlarge',
        zone: 'eu-central-1b',
        market: 'on-demand',
        launchedAt: '2026-11-24T10:00:30Z',
        endsBy: '2026-11-24T16:00:30Z',
        ...{ runner, run: '17', attempt: 1, state: 'launched', busy: false },
        why: 'its runner is online and waits for its job',
      },
    ],
    ghosts: [],
    refusals: [
      { type: 'g5.xlarge', subnet: hostile, market: 'spot', code: 'InsufficientInstanceCapacity' },
      { type: 'g5.xlarge', subnet: 'subnet-0bbb', market: 'spot', code: 'MaxSpotInstanceCountExceeded' },
    ],
    launchSeconds: 94,
    githubProblem: '',
    counts: { ended: 0, left: 0, failed: 0 },
  };
}

/** What the one that looks for orphans found. @param hostile stands wherever a name may. */
export function sampleReap(hostile = 'flight-delays-16-1-train'): GpuRunner {
  const machine = (id: string, change: Partial<GpuRunner['machines'][number]>) => ({
    id,
    type: 'g5.xlarge',
    zone: 'eu-central-1a',
    market: 'spot' as const,
    launchedAt: '2026-11-24T03:10:00Z',
    endsBy: '2026-11-24T09:10:00Z',
    ...{ runner: hostile, run: '16', attempt: 1, state: 'ended' as const, busy: null },
    why: 'its time was over',
    ...change,
  });
  return {
    ...head(
      'GpuRunner',
      digest('8'),
      'warn',
      '1 machine ended, 1 machine left, 1 machine could not be ended.',
      40,
    ),
    operation: 'reap',
    repository: 'octocat/flights',
    runner: null,
    machines: [
      machine('i-0aaa', {}),
      machine('i-0bbb', {
        launchedAt: '2026-11-24T08:40:00Z',
        endsBy: '2026-11-24T14:40:00Z',
        busy: true,
        state: 'left',
        why: 'its runner is running a job',
      }),
      machine('i-0ccc', { endsBy: null, state: 'failed', why: 'AWS said UnauthorizedOperation' }),
    ],
    ghosts: [
      { name: hostile, removed: true, why: 'it is offline and has no machine' },
      { name: 'flight-delays-12-1-train', removed: false, why: 'GitHub said 403' },
    ],
    refusals: [],
    launchSeconds: null,
    githubProblem: '',
    counts: { ended: 1, left: 1, failed: 1 },
  };
}
