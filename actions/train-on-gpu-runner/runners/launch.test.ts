import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configurationIn, sampleRequest, settle, World } from './fixtures/world.ts';
import { type LaunchState, launchRunner } from './launch.ts';
import { machineTags, readTags, runnerLabels, runnerName, runOfLabels } from './names.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

async function launch(world: World, change: Parameters<typeof sampleRequest>[0] = {}) {
  const states: LaunchState[] = [];
  const { effects } = await world.process();
  const end = await settle(launchRunner(sampleRequest(change), effects, (state) => states.push(state)));
  return { end, states };
}
const messageOf = (end: unknown): string => String((end as { error?: unknown } | undefined)?.error);

describe('a launch', () => {
  test('asks for a machine that ends itself, is tagged from the start, and holds a masked configuration', async () => {
    const world = new World();
    const { end, states } = await launch(world);
    const { runner } = sampleRequest();
    expect(end).toHaveProperty('value.runner', runner);
    expect(world.github.named(runner)!.labels.map(({ name }) => name)).toEqual([
      ...[runner, 'gpu', 'mlops-gpu-runner', 'mlops-run-17-1', 'mlops-name-flight-delays'],
    ]);
    const [request] = world.machines.requests;
    const { id } = world.github.named(runner)!;
    const tags = {
      ...{ Name: runner, 'mlops:gpu-runner': runner, 'mlops:repository': 'octocat/flights' },
      ...{
        'mlops:name': 'flight-delays',
        'mlops:run': '17',
        'mlops:attempt': '1',
        'mlops:runner-id': String(id),
      },
      ...{ 'mlops:ends-by': '2026-03-01T16:00:00.000Z', 'mlops:job-by': '2026-03-01T10:25:00.000Z' },
    };
    expect(request).toMatchObject({ type: 'g5.xlarge', subnet: 'subnet-a', market: 'spot', tags });
    const [configuration] = [...world.github.configurations.keys()];
    expect(world.secrets).toEqual([configuration]);
    expect(configurationIn(request!.userData)).toBe(configuration);
    expect(world.said.join('\n')).not.toContain(configuration);
    expect(
      states.map(({ runnerId, machineId, finished }) => [runnerId, machineId !== null, finished]),
    ).toEqual([
      [null, false, false],
      [id, false, false],
      [id, true, false],
      [id, true, true],
    ]);
  });

  test('tries every zone of a type, then the next type, then on demand, each with a token of its own', async () => {
    const world = new World();
    const none = 'InsufficientInstanceCapacity';
    world.machines.refusals = [
      none,
      'Unsupported',
      'SpotMaxPriceTooLow',
      'MaxSpotInstanceCountExceeded',
      none,
    ];
    const { end } = await launch(world);
    const asked = world.machines.requests.map(({ type, subnet, market }) => `${type} ${subnet} ${market}`);
    expect(asked).toEqual([
      'g5.xlarge subnet-a spot',
      'g5.xlarge subnet-b spot',
      'g4dn.xlarge subnet-a spot',
      'g4dn.xlarge subnet-b spot',
      'g5.xlarge subnet-a on-demand',
      'g5.xlarge subnet-b on-demand',
    ]);
    expect(new Set(world.machines.requests.map(({ token }) => token)).size).toBe(6);
    expect(world.machines.requests.every(({ token }) => /^[0-9a-f]{64}$/.test(token))).toBe(true);
    expect(end).toHaveProperty('value.refusals.length', 5);
  });

  test('says what AWS did not have when there is nothing, and leaves no runner', async () => {
    const world = new World();
    world.machines.refusals = Array.from({ length: 8 }, () => 'VcpuLimitExceeded');
    const { end } = await launch(world);
    expect(messageOf(end)).toContain('g4dn.xlarge on demand in subnet-b: VcpuLimitExceeded');
    expect(world.github.runners).toEqual([]);
  });

  test('does not go on to another offer after any other refusal', async () => {
    const world = new World();
    world.machines.refusals = ['InvalidSubnetID.NotFound'];
    const { end } = await launch(world);
    expect(messageOf(end)).toContain('InvalidSubnetID.NotFound');
    expect(world.machines.requests.length).toBe(1);
    expect(world.github.runners).toEqual([]);
  });

  test('says so when its machine ends before the runner is online, with the end of the console', async () => {
    const world = new World();
    const { effects } = await world.process();
    const wait = async (milliseconds: number) => {
      world.pass(milliseconds);
      world.machines.all[0]!.state = 'terminated';
      world.machines.all[0]!.stateReason = 'Server.SpotInstanceTermination';
    };
    const end = await settle(launchRunner(sampleRequest(), { ...effects, wait }, () => {}));
    expect(messageOf(end)).toMatch(/ended before its runner came to GitHub: Server.SpotInstanceTermination/);
    expect(messageOf(end)).toContain('mlops-runner: waits for its job');
    expect(world.github.runners).toEqual([]);
  });

  test('replaces a runner of its name that never began, and not one that is in use', async () => {
    const world = new World();
    const { runner } = sampleRequest();
    const url = new URL('https://github.test/repos/o/r/actions/runners/generate-jitconfig');
    world.github.answer('POST', url, { name: runner, labels: ['a'], runner_group_id: 1 });
    const [first] = world.github.runners;
    expect((await launch(world)).end).toHaveProperty('value.runner', runner);
    expect(world.github.runners.map(({ id }) => id)).not.toContain(first!.id);
    world.machines.all[0]!.state = 'terminated';
    const { end } = await launch(world);
    expect(messageOf(end)).toContain('it is in use');
  });

  test('is refused where a machine of its name is there', async () => {
    const world = new World();
    await launch(world);
    const { end } = await launch(world);
    expect(messageOf(end)).toContain('has launched a machine');
    expect(world.machines.alive.length).toBe(1);
    expect(world.github.runners.length).toBe(1);
  });

  test.each([
    ['', 'No machine image is given'],
    ['ubuntu-24.04', 'ubuntu-24.04 is not the number of a machine image'],
    ['ami-00000000000000000', 'There is no machine image'],
  ])('is refused for the image "%s"', async (image, told) => {
    const world = new World();
    expect(messageOf((await launch(world, { image })).end)).toContain(told);
    expect(world.github.runners).toEqual([]);
  });
});

describe('names', () => {
  const job = {
    repository: 'octocat/flights.of-fancy_and-more',
    run: '123456789012',
    attempt: 12,
    name: 'flight-delays',
  };

  test('are the same for the same step of the same job, and others for any other', () => {
    const env = { GITHUB_JOB: 'machine', GITHUB_ACTION: 'launch', RUNNER_TRACKING_ID: 'github_1' };
    const name = runnerName(job, env);
    expect(name).toMatch(/^mlops-flights-of-fancy-and-123456789012-12-[0-9a-f]{12}$/);
    expect(name.length).toBeLessThanOrEqual(64);
    expect(runnerName(job, { ...env })).toBe(name);
    const others = Object.keys(env).map((key) => runnerName(job, { ...env, [key]: 'other' }));
    others.push(runnerName({ ...job, attempt: 13 }, env), runnerName({ ...job, name: 'fares' }, env));
    expect(new Set([name, ...others]).size).toBe(6);
  });

  test('tags and labels are read back as they were written', () => {
    const facts = {
      ...{ ...job, runner: 'a', runnerId: 7 },
      ...{ endsBy: new Date('2026-03-01T16:00:00Z'), jobBy: new Date('2026-03-01T10:25:00Z') },
      onlineBy: new Date('2026-03-01T10:10:00Z'),
    };
    expect(readTags(machineTags(facts))).toEqual(facts);
    expect(readTags({ 'mlops:ends-by': 'tomorrow', 'mlops:runner-id': '-1' })).toMatchObject({
      ...{ endsBy: null, onlineBy: null, jobBy: null, runnerId: null },
    });
    expect(runOfLabels(runnerLabels(job, 'a', []))).toEqual({ run: job.run, attempt: 12 });
    expect(runOfLabels(['self-hosted', 'mlops-run-1-1'])).toBeUndefined();
  });
});
