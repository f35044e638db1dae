import { describe, expect, test } from 'vitest';
import { rolloutSchema } from '../../../shared/records/rollout.ts';
import {
  type Fault,
  makeWorld,
  memoryRegistry,
  memoryTarget,
  type World,
  withFault,
} from '../fixtures/memory-target.ts';
import { parseProgress } from '../progress.ts';
import { rollBackByHand } from './by-hand.ts';
import type { OperationResult, RunRequest, Situation } from './operation.ts';
import { run } from './run.ts';

const champion = { digest: `sha256:${'a'.repeat(64)}`, uri: `oci-layout:r/churn@sha256:${'a'.repeat(64)}` };
const challenger = { digest: `sha256:${'b'.repeat(64)}`, uri: `oci-layout:r/churn@sha256:${'b'.repeat(64)}` };
const good = { errorRate: 0, latencyMs: 10 };
const bad = { errorRate: 0.1, latencyMs: 10 };
const FAULTS: Fault[] = ['killed before', 'killed after', 'fails', 'takes effect and fails'];

const rollout = rolloutSchema.parse({
  version: 1,
  steps: [
    { weight: 20, bake: '2m' },
    { weight: 50, bake: '2m' },
  ],
  analysis: { interval: '1m', max_extend: '20m' },
});

interface RunEnd {
  result?: OperationResult;
  calls: string[];
}

async function runOnce(world: World, fault?: { at: number; kind: Fault }): Promise<RunEnd> {
  const { target, registry, calls } = withFault(memoryTarget(world), memoryRegistry(world), fault);
  const situation: Situation = {
    target,
    registryOf: async () => registry,
    signal: new AbortController().signal,
    now: () => new Date('2026-01-01T00:00:00Z'),
    info: () => {},
    progress: () => {},
    runUrl: undefined,
  };
  const request: RunRequest = {
    model: challenger,
    aliased: { ...(world.alias === challenger.digest ? challenger : champion), version: '', aliases: [] },
    alias: 'champion',
    rollout,
    locate: () => ({}),
    traffic: undefined,
    overrideReason: null,
    gate: { allowed: true, reason: '' },
  };
  const result = await run(situation, request).catch(() => undefined);
  return { result, calls };
}

/** All traffic with one model, nothing left over, and the alias names the model that serves. */
function expectSettled(world: World, story: string): void {
  expect(world.weight, story).toBe(0);
  expect(world.challenger, story).toBeNull();
  expect(world.progress, story).toBeUndefined();
  expect(world.alias, story).toBe(world.champion?.digest);
}

describe.each([
  { name: 'an equal challenger', behaviour: good, ends: challenger },
  { name: 'a failing challenger', behaviour: bad, ends: champion },
])('$name, with every call going wrong in every way', ({ behaviour, ends }) => {
  const world = () => makeWorld(champion, { champion: good, challenger: behaviour });

  test('ends at one model with all traffic, at the latest after a re-run', async () => {
    const undisturbed = world();
    const { calls } = await runOnce(undisturbed);
    expectSettled(undisturbed, 'undisturbed');
    expect(undisturbed.champion).toEqual(ends);
    expect(calls.length).toBeGreaterThan(8);

    let cases = 0;
    for (const [index, call] of calls.entries()) {
      for (const kind of FAULTS) {
        const story = `call ${index + 1} (${call}) ${kind}`;
        const disturbed = world();
        const { result } = await runOnce(disturbed, { at: index + 1, kind });
        expect(disturbed.champion, story).not.toBeNull();
        // A run that says how it ended has left nothing half done; otherwise what it stored tells the next one.
        if (result) expectSettled(disturbed, `${story}, at once`);
        else if (disturbed.alias !== disturbed.champion!.digest) {
          expect(parseProgress(JSON.parse(disturbed.progress!))?.phase, story).toBe('promoting');
        }
        const again = await runOnce(disturbed);
        expect(again.result, `${story}, again`).toBeDefined();
        expectSettled(disturbed, `${story}, after a re-run`);
        expect(disturbed.champion, story).toEqual(ends);
        cases += 1;
      }
    }
    expect(cases).toBe(calls.length * 4);
  });
});

test('a re-run of another model rolls the unfinished one back and begins anew', async () => {
  const world = makeWorld(champion, { champion: good, challenger: good });
  await runOnce(world, { at: 9, kind: 'killed after' });
  expect(world.challenger).toEqual(challenger);
  expect(world.weight).toBeGreaterThan(0);
  const progress = parseProgress(JSON.parse(world.progress!))!;
  const other = { digest: `sha256:${'c'.repeat(64)}`, uri: 'oci-layout:r/churn@c' };
  world.progress = JSON.stringify({ ...progress, challenger: other });
  const { result } = await runOnce(world);
  expect(result?.outcome).toBe('promoted');
  expect(result?.events[0]).toMatchObject({
    kind: 'warning',
    reason: `the unfinished rollout of ${other.digest} was rolled back.`,
  });
  expectSettled(world, 'after both');
});

test('what a person rejects while it is rolled out is not promoted', async () => {
  const world = makeWorld(champion, { champion: good, challenger: good });
  world.standing = { approval: 'rejected', by: 'ann', reason: 'leaks' };
  const { result } = await runOnce(world);
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail' });
  expect(result?.reason).toContain('it was rejected by ann (leaks)');
  expect(world.champion).toEqual(champion);
  expectSettled(world, 'rejected');
});

test('a champion of before that people rejected does not serve again', async () => {
  const world = makeWorld(champion, { champion: good, challenger: good });
  world.previous = challenger;
  world.standing = { approval: 'rejected', by: 'ann', reason: 'leaks' };
  const { target, registry } = withFault(memoryTarget(world), memoryRegistry(world), undefined);
  const situation: Situation = {
    target,
    registryOf: async () => registry,
    signal: new AbortController().signal,
    now: () => new Date(0),
    info: () => {},
    progress: () => {},
    runUrl: undefined,
  };
  await expect(rollBackByHand(situation, 'champion')).rejects.toThrow(
    `The champion before, ${challenger.digest}, may not serve again: it was rejected by ann (leaks).`,
  );
  expect(world.challenger).toBeNull();
  expectSettled(world, 'refused');
});
