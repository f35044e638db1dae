/** Challengers that die behind HAProxy in the middle of a rollout: whole runs, in which time passes as fast as they run. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Rollout } from '../../../../shared/records/rollout.ts';
import { NOTHING_BEFORE } from '../../before/checks.ts';
import { calm } from '../../fixtures/haproxy-faults.ts';
import { HaproxyWorld, model } from '../../fixtures/haproxy-world.ts';
import { rollout } from '../../fixtures/played-rollout.ts';
import { reconcile } from '../../operations/reconcile.ts';
import { run } from '../../operations/run.ts';
import type { DeployedModel } from '../target.ts';

vi.mock('node:net', async (original) => {
  const { connect } = await import('../../fixtures/haproxy-outside.ts');
  return { ...(await original<typeof import('node:net')>()), connect };
});
vi.mock('../../../../shared/programs/free-port.ts', async () => {
  const { findFreePort } = await import('../../fixtures/haproxy-outside.ts');
  return { findFreePort };
});
vi.mock('../../../../shared/programs/process-group.ts', async (original) => {
  const { processIdentity, groupStillLives, endGroup } = await import('../../fixtures/haproxy-outside.ts');
  return { ...(await original<object>()), processIdentity, groupStillLives, endGroup };
});
vi.mock('../http-door.ts', async (original) => {
  const { openHttpDoor } = await import('../../fixtures/haproxy-outside.ts');
  return { ...(await original<object>()), openHttpDoor };
});

const [champion, challenger] = [model('a'), model('b')];
const analysis = { interval: '1m', max_extend: '10m', on_inconclusive: 'promote' };
const canary = (weight: number) => rollout({ steps: [{ weight, bake: '5m' }], analysis });
const alone = (strategy: string, ceiling: number) =>
  rollout({ strategy, watch: '8m', errors: { ceiling }, analysis });

let world: HaproxyWorld;

beforeEach(async () => {
  world = new HaproxyWorld();
  await rollOut(champion, canary(50));
});
afterEach(() => world.close());

const rollOut = (wanted: DeployedModel, rules: Rollout) =>
  run(world.situation(world.open()), {
    ...{ model: wanted, rollout: rules, alias: 'champion', locate: () => ({}), traffic: undefined },
    ...{ aliased: undefined, overrideReason: null, before: NOTHING_BEFORE, maxWaitMs: 86_400_000 },
    gate: { allowed: true, reason: '' },
  });

function end(wanted: DeployedModel): void {
  for (const [group, { digest }] of world.servers) if (digest === wanted.digest) world.servers.delete(group);
}

/** Of the challenger, once it has had traffic for so many minutes. */
function dieAfter(minutes: number, die = () => end(challenger)): void {
  const pass = world.pass.bind(world);
  let passed = 0;
  world.pass = (milliseconds) => {
    pass(milliseconds);
    if (
      milliseconds >= 60_000 &&
      [...world.servers.values()].some(({ digest }) => digest === challenger.digest)
    ) {
      passed += 1;
      if (passed === minutes) die();
    }
  };
}

const withHealthChecks = () => {
  world.haproxy.isUp = (port) => world.portIsServed(port);
};

function expectChampion(): void {
  expect(world.haproxy.serving().map((port) => world.digestAt(port))).toEqual([champion.digest]);
  expect(world.rest.alias).toBe(champion.digest);
}

test.each([
  ...[1, 4, 7].flatMap((minutes) =>
    [0.02, 0.2].map((ceiling) => ({ strategy: 'blue-green', minutes, ceiling })),
  ),
  { strategy: 'all-at-once', minutes: 4, ceiling: 0.02 },
])(
  '$strategy with health checks and a ceiling of $ceiling, dead after $minutes minutes: the champion is back five looks later',
  async ({ strategy, minutes, ceiling }) => {
    withHealthChecks();
    dieAfter(minutes);
    const result = await rollOut(challenger, alone(strategy, ceiling));
    expect(result.outcome).toBe('rolled-back');
    expect(result.reason).toContain('no requests at 5 looks in a row');
    expect(result.state!.looks).toHaveLength(minutes + 5);
    expectChampion();
  },
);

test.each([0.02, 0.2])(
  'that never answered anyone: what users got are errors, over a ceiling of %d',
  async (ceiling) => {
    world.haproxy.isUp = (port) => world.digestAt(port) !== challenger.digest;
    const result = await rollOut(challenger, alone('blue-green', ceiling));
    expect(result.outcome).toBe('rolled-back');
    expect(result.reason).toContain('more often than the ceiling');
    expect(result.state!.looks.length).toBeLessThan(8);
    expect(result.state!.looks[0]!.challenger).toMatchObject({ assigned: 400, requests: 400, errors: 400 });
    expectChampion();
  },
);

test('with all traffic, where another backend answers users meanwhile', async () => {
  withHealthChecks();
  dieAfter(3, () => {
    end(challenger);
    Object.defineProperty(world.haproxy, 'unserved', { get: () => 0, set: () => undefined });
  });
  const result = await rollOut(challenger, alone('blue-green', 0.02));
  expect(result.outcome).toBe('rolled-back');
  expect(result.reason).toContain('no requests at 5 looks in a row');
  expectChampion();
});

test.each([1, 3, 4, 5])('beside a champion that gets its part: dead after %i minutes', async (minutes) => {
  withHealthChecks();
  dieAfter(minutes);
  expect((await rollOut(challenger, canary(10))).outcome).toBe('rolled-back');
  expectChampion();
});

test('a champion that is down is no fault of the challenger', async () => {
  withHealthChecks();
  dieAfter(2, () => end(champion));
  const result = await rollOut(challenger, canary(50));
  expect(result.state!.looks.reduce((sum, look) => sum + look.challenger.errors, 0)).toBe(0);
  expect(result.reason).not.toContain('more often');
});

test('whose process has ended since the last look is not promoted', async () => {
  dieAfter(8);
  const result = await rollOut(challenger, alone('blue-green', 0.02));
  expect(result).toMatchObject({ outcome: 'rolled-back', aliasMoved: false });
  expect(result.reason).toContain('no longer runs');
  expectChampion();
});

test('whose server is down since the last look is not promoted, though its process lives', async () => {
  let isUp = true;
  world.haproxy.isUp = (port) => isUp || world.digestAt(port) !== challenger.digest;
  dieAfter(8, () => {
    isUp = false;
  });
  expect((await rollOut(challenger, alone('blue-green', 0.02))).outcome).toBe('rolled-back');
  expectChampion();
});

test('that dies with the run after the alias has moved: the alias goes back', async () => {
  let calls = 0;
  world.fate = (call) => {
    if (call !== 'moveAlias') return 'does';
    calls += 1;
    world.die();
    return 'does';
  };
  await world.untilDeath(rollOut(challenger, canary(50)));
  expect([calls, world.rest.alias]).toEqual([1, challenger.digest]);
  calm(world);
  end(challenger);
  world.pass(7_200_000);
  await reconcile(world.situation(world.open()), challenger);
  expectChampion();
});
