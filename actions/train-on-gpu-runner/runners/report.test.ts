import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gpuRunnerSchema } from '../../../shared/records/gpu-runner.ts';
import { renderSection } from '../../../shared/report/section.ts';
import { sampleRequest, settle, World } from './fixtures/world.ts';
import { launchRunner } from './launch.ts';
import { launchRecord, sweepRecord } from './record.ts';
import { reportRunner } from './report.ts';
import { stopRunner } from './stop.ts';
import type { SweptMachine } from './swept.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const origin = (world: World) => ({
  ...{ name: 'flight-delays', repository: 'octocat/flights', createdAt: world.now() },
  source: { repository: null, commit: null, runUrl: null },
});

async function launched() {
  const world = new World();
  world.machines.refusals = ['InsufficientInstanceCapacity'];
  const end = await settle(launchRunner(sampleRequest(), (await world.process()).effects, () => {}));
  if (!end || !('value' in end)) throw new Error('it was launched');
  return { world, value: end.value };
}

test('a launch says where its job reaches it, until when it lives, and what AWS did not have', async () => {
  const { world, value } = await launched();
  const record = gpuRunnerSchema.parse(launchRecord(value, 75, origin(world)));
  expect(record.verdict).toBe('pass');
  const text = renderSection(reportRunner(record));
  expect(text).toContain(`\`runs-on: ${value.runner}\``);
  expect(text).toContain('a runner is online after 1 min 15 s');
  expect(text).toContain('| `i-00000000000000001` | g5.xlarge, on spot, eu-central-1a |');
  expect(text).toContain('2026-03-01T16:00:00.000Z');
  expect(text).toContain('| g5.xlarge | on spot | subnet-a | InsufficientInstanceCapacity |');
});

test('a stop says what it ended, and warns of what it left', async () => {
  const { world } = await launched();
  world.giveJobs();
  const stop = async () => {
    const { effects } = await world.process();
    const end = await settle(stopRunner({ run: '17', name: 'flight-delays' }, effects));
    if (!end || !('value' in end)) throw new Error('it could not be stopped');
    return gpuRunnerSchema.parse(sweepRecord('stop', end.value, origin(world)));
  };
  const busy = await stop();
  expect(busy).toMatchObject({
    verdict: 'warn',
    counts: { ended: 0, left: 1, failed: 0 },
    reason: '1 machine left.',
  });
  expect(renderSection(reportRunner(busy))).toContain('| yes | left | its runner is running a job |');
  world.finish();
  const ended = await stop();
  expect(ended).toMatchObject({ verdict: 'pass', reason: '1 machine ended.' });
  expect(renderSection(reportRunner(ended))).toContain('machines: 1 ended, 0 left');
  expect((await stop()).reason).toBe('There was nothing to end.');
});

test('what could not be done is not passed over, and text of others is shown as text', async () => {
  const { world } = await launched();
  const [machine] = world.machines.all;
  const left: SweptMachine = { machine: machine!, state: 'left', busy: null, why: 'nobody answers' };
  const unasked = { machines: [left], ghosts: [], githubProblem: '**HTTP 503**' };
  const error = gpuRunnerSchema.parse(sweepRecord('reap', unasked, origin(world)));
  expect(error.verdict).toBe('error');
  const text = renderSection(reportRunner(error));
  expect(text).toContain('nothing was ended, since GitHub could not be asked');
  expect(text).toContain('\\*\\*HTTP 503\\*\\*');
  const failed = { machines: [{ ...left, state: 'failed' as const }], ghosts: [], githubProblem: '' };
  expect(sweepRecord('reap', failed, origin(world)).verdict).toBe('fail');
  const ghost = { name: 'a', removed: false, why: 'GitHub says that it is running a job' };
  expect(
    sweepRecord('reap', { machines: [], ghosts: [ghost], githubProblem: '' }, origin(world)).verdict,
  ).toBe('warn');
});
