/**
 * Every call to GitHub and to EC2 fails once, loses its answer, or is the last of a process that is killed before or
 * after it: whatever comes then, no machine is left that `reap` does not find, and none is ended that is busy. The timers
 * on the machines do nothing here, so that `reap` has to do it all.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { countFaultCases } from '../../../shared/testing/fault-cases.ts';
import { FAULTS, type Fault } from '../../../shared/testing/fault-proxy.ts';
import { MINUTE, type Plan, sampleRequest, settle, World } from './fixtures/world.ts';
import { endUnfinishedLaunch, type LaunchState, launchRunner } from './launch.ts';
import { machineTags, runnerLabels } from './names.ts';
import { reapRunners } from './reap.ts';
import { stopRunner } from './stop.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Plays a scene with the fault at its first call, its second, and so on until it has no more calls. */
async function atEveryCall(
  faults: readonly (Fault | undefined)[],
  scene: (plan: Plan) => Promise<boolean>,
): Promise<number> {
  let cases = 0;
  for (const fault of faults) {
    for (let index = 0; await scene({ index, ...(fault && { fault }) }); index++) cases += 1;
  }
  return cases;
}

async function reap(world: World, plan?: Plan) {
  const process = await world.process(plan);
  const end = await settle(reapRunners(process.effects), process.killed);
  return { end, struck: process.struck() };
}

/** Everything is over: one `reap` ends what there is. */
async function expectNothingAfterReap(world: World, told: string): Promise<void> {
  world.finish();
  world.pass(20 * MINUTE);
  const { end } = await reap(world);
  expect(end, told).toHaveProperty('value.githubProblem', '');
  expect(world.machines.alive, told).toEqual([]);
  expect(
    world.github.runners.map(({ name }) => name),
    told,
  ).toEqual([]);
  expect(world.killedBusy, told).toEqual([]);
}

describe('a launch that breaks off', () => {
  test.for([
    ['no job comes', false, false],
    ['a job comes at once', true, false],
    ['no job comes, and post runs', false, true],
    ['a job comes at once, and post runs', true, true],
  ] as const)('%s', async ([, jobsComeAtOnce, withPost], context) => {
    let ended = 0;
    const scene = async (plan: Plan): Promise<boolean> => {
      const world = new World();
      world.jobsComeAtOnce = jobsComeAtOnce;
      world.github.runs.set('17', { status: 'in_progress', attempt: 1 });
      world.machines.refusals = ['InsufficientInstanceCapacity'];
      const process = await world.process(plan);
      let state: LaunchState | undefined;
      const launch = launchRunner(sampleRequest(), process.effects, (next) => {
        state = next;
      });
      const end = await settle(launch, process.killed);
      if (!process.struck()) {
        expect(end).toHaveProperty('value.runner');
        return false;
      }
      const told = JSON.stringify(plan);
      if (withPost && state) {
        await settle(endUnfinishedLaunch(state, (await world.process()).effects));
        const isUp = world.github.runners.some(({ busy }) => busy) || (end && 'value' in end);
        if (!isUp) expect(world.machines.alive, told).toEqual([]);
      }
      // A launch that failed while its process lived has ended what it made, unless the fault is in that, too.
      if (end && 'error' in end) ended += world.machines.alive.length === 0 ? 1 : 0;
      world.pass(2 * MINUTE);
      const busy = world.machines.alive.filter(() => world.github.runners.some((one) => one.busy));
      await reap(world);
      expect(world.machines.alive, told).toEqual(expect.arrayContaining(busy));
      expect(world.killedBusy, told).toEqual([]);
      await expectNothingAfterReap(world, told);
      return true;
    };
    const cases = await atEveryCall(FAULTS, scene);
    expect(cases).toBeGreaterThan(30);
    expect(ended).toBeGreaterThan(0);
    countFaultCases(context, cases);
  });

  test('a runner that never comes online is ended, whatever fails in that', async (context) => {
    const scene = async (plan: Plan): Promise<boolean> => {
      const world = new World();
      world.github.runs.set('17', { status: 'in_progress', attempt: 1 });
      const process = await world.process(plan);
      // Its machine knows a configuration that GitHub does not.
      const connect = vi.spyOn(world.github, 'connect').mockReturnValue(false);
      const request = sampleRequest({ registrationMs: MINUTE });
      const end = await settle(
        launchRunner(request, process.effects, () => {}),
        process.killed,
      );
      if (end) expect(end).toHaveProperty('error');
      if (!process.struck()) {
        expect(String((end as { error: unknown }).error)).toContain(
          'did not come to GitHub within 1 minutes',
        );
        expect(world.machines.alive).toEqual([]);
        return false;
      }
      connect.mockRestore();
      await expectNothingAfterReap(world, JSON.stringify(plan));
      return true;
    };
    countFaultCases(context, await atEveryCall(FAULTS, scene));
  });
});

const JIT_CONFIGURATION = new URL('https://github.test/repos/o/r/actions/runners/generate-jitconfig');

/** Machines in every state that one can be left in, of runs that go on and of one that is over. */
async function messyWorld(): Promise<World> {
  const world = new World();
  const make = (name: string, labels: string[]) =>
    world.github.answer('POST', JIT_CONFIGURATION, { name, labels, runner_group_id: 1 });
  // As `launchRunner` leaves them, without the time that it takes.
  const launch = async (run: string, change: Parameters<typeof sampleRequest>[0] = {}) => {
    world.github.runs.set(run, { status: 'in_progress', attempt: 1 });
    const request = sampleRequest({ run, runner: `mlops-flights-${run}-1-abc`, ...change });
    make(request.runner, runnerLabels(request, request.runner, []));
    const runner = world.github.named(request.runner)!;
    runner.status = 'online';
    const now = world.now().getTime();
    const times = {
      endsBy: new Date(now + request.lifetimeMs),
      ...{ onlineBy: new Date(now + 10 * MINUTE), jobBy: new Date(now + 25 * MINUTE) },
    };
    await world.machines.launch({
      ...{ token: run, type: 'g5.xlarge', subnet: undefined, market: 'spot', securityGroups: [] },
      ...{
        image: await world.machines.image(request.image),
        instanceProfile: undefined,
        volumeGiB: undefined,
      },
      ...{ userData: '', tags: machineTags({ ...request, runnerId: runner.id, ...times }) },
    });
    return runner;
  };
  world.github.takeJob(await launch('101', { lifetimeMs: 30 * MINUTE }));
  await launch('102', { lifetimeMs: 30 * MINUTE });
  await launch('103');
  world.github.runs.set('103', { status: 'completed', attempt: 1 });
  (await launch('104')).status = 'offline';
  world.machines.alive.at(-1)!.state = 'stopped';
  // Its runner goes with its machine: it is no ghost.
  (await launch('111')).status = 'offline';
  world.github.runs.set('111', { status: 'completed', attempt: 1 });
  world.github.finishJob(await launch('105'));
  world.github.takeJob(await launch('106'));
  world.github.takeJob(await launch('107'));
  world.github.named('mlops-flights-107-1-abc')!.status = 'offline';
  world.pass(36 * MINUTE);
  await launch('108');
  // A runner whose machine was never launched, one of somebody else, and what is being launched just now.
  make('mlops-flights-109-1-abc', ['mlops-gpu-runner', 'mlops-run-109-1']);
  make('office', ['self-hosted']);
  make('mlops-flights-110-1-abc', ['mlops-gpu-runner', 'mlops-run-110-1']);
  world.github.runs.set('109', { status: 'completed', attempt: 1 });
  world.github.runs.set('110', { status: 'in_progress', attempt: 1 });
  return world;
}

const runsOf = (world: World): string[] => world.machines.alive.map(({ tags }) => tags['mlops:run']!);
const LEFT = {
  machines: ['101', '106', '107', '108'],
  runners: ['101', '106', '107', '108', 'office', '110'],
};
const shortNames = (world: World): string[] =>
  world.github.runners.map(({ name }) => /-(\d+)-1-abc$/.exec(name)?.[1] ?? name);

describe('operation: reap', () => {
  test('ends what was left and nothing that is busy, starting or of others, with faults at every call', async (context) => {
    const scene = async (plan: Plan): Promise<boolean> => {
      const world = await messyWorld();
      const { end, struck } = await reap(world, plan);
      const told = JSON.stringify(plan);
      expect(world.killedBusy, told).toEqual([]);
      if (struck) {
        if (end && 'error' in end) expect(String(end.error), told).toContain('InternalError');
        await reap(world);
      }
      expect(runsOf(world), told).toEqual(LEFT.machines);
      expect(shortNames(world), told).toEqual(LEFT.runners);
      if (!struck)
        expect(end).toMatchObject({
          value: { ghosts: [{ name: 'mlops-flights-109-1-abc', removed: true }] },
        });
      expect(world.killedBusy, told).toEqual([]);
      return struck;
    };
    countFaultCases(context, await atEveryCall(FAULTS, scene));
  });

  test('a job that begins right before any of its calls goes on', async (context) => {
    let saved = 0;
    const scene = async ({ index }: Plan): Promise<boolean> => {
      const world = await messyWorld();
      const { struck } = await reap(world, { index, before: () => world.giveJobs() });
      expect(world.killedBusy, `call ${index}`).toEqual([]);
      saved += runsOf(world).includes('102') ? 1 : 0;
      return struck;
    };
    const cases = await atEveryCall([undefined], scene);
    // The idle machine whose time was over got its job before its runner was removed in some, after it in others.
    expect(saved).toBeGreaterThan(0);
    expect(saved).toBeLessThan(cases);
    countFaultCases(context, cases);
  });

  test('a launch that happens right before any of its calls is not undone', async (context) => {
    const scene = async ({ index }: Plan): Promise<boolean> => {
      const world = await messyWorld();
      const request = sampleRequest({ run: '120', runner: 'mlops-flights-120-1-abc' });
      world.github.runs.set('120', { status: 'in_progress', attempt: 1 });
      const other = await world.process();
      const before = () => launchRunner(request, other.effects, () => {});
      const { struck } = await reap(world, { index, before });
      expect(runsOf(world), `call ${index}`).toEqual([...LEFT.machines, ...(struck ? ['120'] : [])]);
      expect(world.github.named(request.runner) !== undefined, `call ${index}`).toBe(struck);
      return struck;
    };
    countFaultCases(context, await atEveryCall([undefined], scene));
  });

  test('ends nothing when GitHub cannot be asked, and says so', async () => {
    const world = await messyWorld();
    const before = runsOf(world);
    const fetch = vi
      .spyOn(world.github, 'fetch')
      .mockImplementation(async () => new Response('{}', { status: 503 }));
    const { end } = await reap(world);
    expect(end).toHaveProperty('value.githubProblem', expect.stringContaining('HTTP 503'));
    fetch.mockRestore();
    expect(runsOf(world)).toEqual(before);
  });
});

describe('operation: stop', () => {
  test.for([
    ['after its job', 'done'],
    ['before a job came', 'idle'],
    ['while its job runs', 'busy'],
  ] as const)('%s, with faults at every call', async ([, situation], context) => {
    const begin = async (): Promise<World> => {
      const world = new World();
      world.github.runs.set('17', { status: 'in_progress', attempt: 1 });
      const { effects } = await world.process();
      const request = sampleRequest();
      await settle(launchRunner(request, effects, () => {}));
      const other = sampleRequest({ name: 'fares', runner: 'mlops-flights-17-1-other' });
      await settle(launchRunner(other, (await world.process()).effects, () => {}));
      const runner = world.github.named(request.runner)!;
      if (situation !== 'idle') world.github.takeJob(runner);
      if (situation === 'done') world.github.finishJob(runner);
      return world;
    };
    const stop = async (world: World, plan?: Plan) => {
      const process = await world.process(plan);
      await settle(stopRunner({ run: '17', name: 'flight-delays' }, process.effects), process.killed);
      return process.struck();
    };
    const scene = async (plan: Plan): Promise<boolean> => {
      const world = await begin();
      const struck = await stop(world, plan);
      if (struck) await stop(world);
      const told = JSON.stringify(plan);
      const names = world.machines.alive.map(({ tags }) => tags['mlops:name']);
      expect(names, told).toEqual(situation === 'busy' ? ['flight-delays', 'fares'] : ['fares']);
      expect(world.killedBusy, told).toEqual([]);
      await expectNothingAfterReap(world, told);
      return struck;
    };
    countFaultCases(context, await atEveryCall(FAULTS, scene));
  });

  test('waits for a job that is just ending', async () => {
    const world = new World();
    const { effects } = await world.process();
    await settle(launchRunner(sampleRequest(), effects, () => {}));
    world.giveJobs();
    const process = await world.process({ index: 3, before: () => world.finish() });
    const end = await settle(stopRunner({ run: '17', name: 'flight-delays' }, process.effects));
    expect(end).toHaveProperty('value.machines.0.state', 'ended');
    expect(world.machines.alive).toEqual([]);
  });
});
