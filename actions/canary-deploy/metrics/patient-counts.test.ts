import { expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { rolloutSchema } from '../../../shared/records/rollout.ts';
import { challenger, champion, goOn, runOf, situationOf } from '../fixtures/fault-scenarios.ts';
import { Disturbance } from '../fixtures/faults.ts';
import { makeWorld } from '../fixtures/memory-target.ts';
import type { Situation } from '../operations/operation.ts';
import type { CountsSource } from './counts-source.ts';
import { patientCounts } from './patient-counts.ts';
import { ReadFailures } from './read-failures.ts';

const MINUTE = 60_000;

test('a source that fails is asked again, and given up after failures at too many looks in a row', async () => {
  let [time, isAway] = [0, true];
  const warnings: string[] = [];
  const source: CountsSource = {
    lastSequence: () => 7,
    windows: async () => {
      if (isAway) throw new UserError('the monitoring is away.', {});
      return [];
    },
  };
  const patient = patientCounts(source, {
    ...{ failures: new ReadFailures(), intervalMs: MINUTE, now: () => new Date(time) },
    warn: (message) => warnings.push(message),
  });
  const ask = () => patient.windows(0, null);
  const lookAwayAt = async (looks: number) => {
    for (let look = 0; look < looks; look += 1) {
      // A run asks every second; all that fail within a look are one failure.
      for (let second = 0; second < 60; second += 1, time += 1_000) expect(await ask()).toEqual([]);
    }
  };
  await lookAwayAt(3);
  isAway = false;
  await ask();
  isAway = true;
  await lookAwayAt(4);
  expect(warnings).toHaveLength(7);
  expect(warnings[0]).toBe('The counts could not be read (1 of 4 times): the monitoring is away.');
  await expect(ask()).rejects.toThrow('the monitoring is away');
});

test('looks of a schedule count the failures of the jobs before, and take the challenger back', async () => {
  const world = makeWorld({ champion });
  const warnings: string[] = [];
  const situation = (): Situation => ({
    ...situationOf(world, new Disturbance(undefined)),
    monitoring: {
      access: {
        env: { PATH: process.env.PATH },
        ...{ signal: new AbortController().signal, now: () => new Date(world.time), wait: async () => {} },
      },
      warn: (message) => void warnings.push(message),
    },
  });
  const rollout = rolloutSchema.parse({
    ...{ version: 1, steps: [{ weight: 50, bake: '5m' }], metrics: { command: 'exit 3' } },
  });
  await runOf(rollout, 0)(situation(), world);
  for (let job = 0; job < 4; job += 1) {
    world.time += 10 * MINUTE;
    expect(await goOn(situation(), world)).toMatchObject({ outcome: 'rolling', verdict: 'inconclusive' });
    expect(world.challenger).toEqual(challenger);
  }
  world.time += 10 * MINUTE;
  const result = await goOn(situation(), world);
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'error', serving: champion.digest });
  expect(result?.reason).toContain('ended with 3');
  expect(warnings.map((text) => /\d of 4 times/.exec(text)?.[0])).toEqual(
    [1, 2, 3, 4].map((count) => `${count} of 4 times`),
  );
  expect(world).toMatchObject({ champion, challenger: null, progress: undefined });
});
