import { describe, expect, test } from 'vitest';
import { messageOf } from '../../../shared/errors.ts';
import { countFaultCases } from '../../../shared/testing/fault-cases.ts';
import {
  abort,
  challenger,
  champion,
  goOn,
  promote,
  reconcileNow,
  SCENARIOS,
  type Scenario,
  situationOf,
} from '../fixtures/fault-scenarios.ts';
import { Disturbance, FAULT_KINDS, type Fault, PROCESS_ENDS } from '../fixtures/faults.ts';
import { makeWorld, type World } from '../fixtures/memory-target.ts';
import { parseProgress } from '../progress.ts';
import { rollBackByHand } from './by-hand.ts';
import type { OperationResult } from './operation.ts';

const LONG_MS = 100 * 3_600_000;

/** Operations that change nothing more when all is settled. */
const SETTLED: OperationResult['outcome'][] = ['promoted', 'rolled-back', 'settled'];

interface Played {
  world: World;
  disturbance: Disturbance;
  /** The operation that was disturbed, and the URL of its job. */
  at: number;
  runUrl: string;
  result: OperationResult | undefined;
}

/** Plays a scenario up to the end of the operation in which the fault strikes. */
async function play(scenario: Scenario, fault?: Fault): Promise<Played> {
  const world = scenario.world();
  const disturbance = new Disturbance(fault);
  const calm = new Disturbance(undefined);
  let result: OperationResult | undefined;
  let runUrl = '';
  let at = 0;
  for (const [index, operation] of scenario.operations.entries()) {
    const situation = situationOf(world, index < (scenario.undisturbed ?? 0) ? calm : disturbance);
    [at, runUrl] = [index, situation.runUrl!];
    result = await operation(situation, world).catch(() => undefined);
    if (disturbance.struck) break;
  }
  return { world, disturbance, at, runUrl, result };
}

/** One more job, in which nothing goes wrong. A person's mistake, such as nothing to abort, is none of ours. */
async function calmly(
  world: World,
  operation: Scenario['operations'][number],
  runUrl?: string,
): Promise<void> {
  const situation = situationOf(world, new Disturbance(undefined), runUrl);
  await operation(situation, world).catch((error: unknown) => {
    if ((error as Error).name !== 'UserError') throw error;
  });
}

const FOLLOW_UPS = {
  /** The same job once more, and those that were to come. */
  'run again': async ({ world, at, runUrl }: Played, { operations }: Scenario) => {
    for (const operation of operations.slice(at)) await calmly(world, operation, runUrl);
  },
  reconcile: async ({ world }: Played) => {
    world.time += LONG_MS;
    await calmly(world, reconcileNow);
  },
  abort: async ({ world }: Played) => calmly(world, abort),
};

/** What waits for somebody goes on when somebody comes. */
async function bringToEnd(world: World): Promise<void> {
  for (let looks = 0; looks < 60 && world.progress !== undefined; looks += 1) {
    const phase = parseProgress(JSON.parse(world.progress))?.phase;
    await calmly(world, phase === 'held' ? promote : goOn);
  }
}

function problems(world: World, mayEnd: Scenario['mayEnd']): string[] {
  const { champion: serving, challenger: other, split, progress, alias, violations } = world;
  return [
    ...violations,
    ...(split.weight === 0 && !split.mirror ? [] : ['the traffic is split']),
    ...(other ? [`${other.digest} runs and serves nobody`] : []),
    ...(progress === undefined ? [] : ['a rollout is stored']),
    ...(alias === (serving?.digest ?? null) ? [] : [`the alias names ${alias}, ${serving?.digest} serves`]),
    ...(mayEnd.some((model) => model?.digest === serving?.digest) ? [] : [`${serving?.digest} serves`]),
  ];
}

/** What must hold as soon as an operation is over, however it ended. */
function problemsAtOnce({ world, result }: Played): string[] {
  const { champion: serving, challenger: other, progress, alias, violations } = world;
  const phase = progress === undefined ? undefined : parseProgress(JSON.parse(progress))?.phase;
  const isDone = result !== undefined && SETTLED.includes(result.outcome);
  return [
    ...violations,
    // Between the two moves the stored intention tells the next run what to do.
    ...(alias === (serving?.digest ?? null) || phase === 'promoting' ? [] : ['alias and traffic differ']),
    ...(other && progress === undefined ? ['a challenger runs of which nothing is stored'] : []),
    ...(isDone && other ? [`it says ${result.outcome}, and a challenger runs`] : []),
    ...(isDone && result.serving !== (serving?.digest ?? null) ? ['it says that another one serves'] : []),
  ];
}

describe('every call goes wrong in every way, and the next job settles it', () => {
  let cases = 0;
  const began = performance.now();

  test.each(SCENARIOS)('$name', async (scenario) => {
    const { world, disturbance } = await play(scenario);
    expect(problems(world, [scenario.ends])).toEqual([]);
    const { calls } = disturbance;
    expect(calls.length).toBeGreaterThan(2);
    const wrong: string[] = [];
    for (const [index, call] of calls.entries()) {
      for (const kind of FAULT_KINDS) {
        for (const process of PROCESS_ENDS) {
          for (const [followUp, follow] of Object.entries(FOLLOW_UPS)) {
            const played = await play(scenario, { at: index + 1, kind, process });
            const atOnce = problemsAtOnce(played);
            await follow(played, scenario);
            await bringToEnd(played.world);
            const left = [
              ...atOnce.map((what) => `at once: ${what}`),
              ...problems(played.world, scenario.mayEnd),
            ];
            const story = `call ${index + 1} (${call}) ${kind}, ${process}, then ${followUp}`;
            if (left.length > 0) wrong.push(`${story}: ${left.join('; ')}`);
            cases += 1;
          }
        }
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
  });

  test('in thousands of cases', (context) => {
    const seconds = (performance.now() - began) / 1000;
    console.log(`${cases} cases of faults in ${seconds.toFixed(1)} s`);
    countFaultCases(context, cases);
    expect(cases).toBeGreaterThan(5_000);
  });
});

async function once(world: World, scenario: Scenario): Promise<OperationResult | undefined> {
  return scenario.operations[0]!(situationOf(world, new Disturbance(undefined)), world);
}
const [promoting] = SCENARIOS as [Scenario, ...Scenario[]];

test('a re-run of another model rolls the unfinished one back and begins anew', async () => {
  const { world } = await play(promoting, { at: 9, kind: 'fails', process: 'killed after' });
  expect(world.challenger).toEqual(challenger);
  expect(world.split.weight).toBeGreaterThan(0);
  const progress = parseProgress(JSON.parse(world.progress!))!;
  const other = { digest: `sha256:${'d'.repeat(64)}`, uri: 'oci-layout:r/churn@d' };
  world.progress = JSON.stringify({ ...progress, challenger: other });
  world.time += LONG_MS;
  const result = await once(world, promoting);
  expect(result?.outcome).toBe('promoted');
  expect(result?.events[0]).toMatchObject({
    kind: 'warning',
    reason: `the unfinished rollout of ${other.digest} was rolled back.`,
  });
  expect(problems(world, [challenger])).toEqual([]);
});

test('what a person rejects while it is rolled out is not promoted', async () => {
  const world = makeWorld({ champion, standing: { approval: 'rejected', by: 'ann', reason: 'leaks' } });
  const result = await once(world, promoting);
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail' });
  expect(result?.reason).toContain('it was rejected by ann (leaks)');
  expect(problems(world, [champion])).toEqual([]);
});

test('a champion of before that people rejected does not serve again', async () => {
  const world = makeWorld({ champion, previous: challenger });
  world.standing = { approval: 'rejected', by: 'ann', reason: 'leaks' };
  const situation = situationOf(world, new Disturbance(undefined));
  const refusal = await rollBackByHand(situation, 'champion').catch(messageOf);
  expect(refusal).toBe(
    `The champion before, ${challenger.digest}, may not serve again: it was rejected by ann (leaks)`,
  );
  expect(problems(world, [champion])).toEqual([]);
});
