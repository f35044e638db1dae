import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { decide } from '../engine/decide.ts';
import { beginRollout, enterStep, observe, type RolloutState, stepWeight } from '../engine/engine.ts';
import { makePlan } from '../engine/plan.ts';
import { rollout } from '../fixtures/played-rollout.ts';
import { named, RouterStage, send } from '../fixtures/router-stage.ts';
import { chooseArm } from './proxy.ts';
import type { Route } from './route.ts';
import { WindowCounter } from './windows.ts';

const route = (weight: number, stickyHeader: string | null): Route => ({
  champion: { port: 1, digest: 'a' },
  challenger: { port: 2, digest: 'b' },
  ...{ weight, windowMs: 60_000, stickyHeader },
});

/** A rollout of two equal arms with so many busy clients, counted as the router counts. */
function rolledOut(stickyHeader: string | null, clients: number, run: number): RolloutState {
  const plan = makePlan(
    rollout({
      steps: [
        { weight: 10, bake: '3m' },
        { weight: 50, bake: '3m' },
      ],
    }),
  );
  const random = randomGenerator(run + 1);
  let now = 0;
  const counter = new WindowCounter(() => now, [], route(10, stickyHeader));
  let state = beginRollout(plan, 0);
  for (let minute = 0; minute < 40; minute += 1) {
    const split = route(stepWeight(plan, state), stickyHeader);
    for (let client = 0; client < clients; client += 1) {
      for (let request = 0; request < 2000 / clients; request += 1) {
        const arm = chooseArm(split, stickyHeader ? `run ${run} client ${client}` : undefined, random);
        counter.assigned(arm);
        counter.ended(arm, 10, false);
      }
    }
    now += 60_000;
    counter.roll(split);
    for (const window of counter.after(state.lastSequence)) {
      state = observe(plan, state, { ...window, weight: window.weight! });
    }
    const { kind } = decide(plan, state);
    if (kind === 'step') {
      state = enterStep(state);
      counter.roll(route(stepWeight(plan, state), stickyHeader));
    } else if (kind !== 'continue' && kind !== 'extend') return state;
  }
  return state;
}

describe('the split of requests', () => {
  test('is not tested where clients stay with their model: their requests are not drawn one by one', () => {
    for (const clients of [20, 200]) {
      for (let run = 0; run < 10; run += 1) {
        expect(rolledOut('x-session', clients, run).looks.at(-1)!.logE.split).toBeNull();
      }
    }
  });

  test('is tested where each request is drawn alone', () => {
    for (let run = 0; run < 10; run += 1) {
      expect(rolledOut(null, 20, run).looks.at(-1)!.logE.split).toBeLessThan(Math.log(1000));
    }
  });
});

describe('the router', () => {
  let stage: RouterStage;
  beforeEach(async () => {
    stage = await RouterStage.create();
  });
  afterEach(() => stage.close());

  test('counts to whom requests were given in no window in which clients stay with their model', async () => {
    const { port } = await stage.upstream(named('either'));
    const arms = { champion: { port, digest: 'a' }, challenger: { port, digest: 'b' } };
    await stage.setRoute({ ...arms, weight: 50 });
    await send(stage.port);
    await stage.setRoute({ ...arms, weight: 50, stickyHeader: 'X-Session' });
    await send(stage.port, { headers: { 'x-session': 'one' } });
    await stage.setRoute({ ...arms, weight: 100, stickyHeader: 'X-Session' });
    await send(stage.port, { headers: { 'x-session': 'one' } });
    await stage.setRoute(arms);
    const seen = (await stage.windows())
      .filter(({ champion, challenger }) => champion.requests + challenger.requests > 0)
      .map(({ weight, champion, challenger }) => {
        const sum = challenger.assigned === null ? null : champion.assigned! + challenger.assigned;
        return { weight, assigned: sum };
      });
    expect(seen).toEqual([
      { weight: 50, assigned: 1 },
      { weight: 50, assigned: null },
      { weight: 100, assigned: 1 },
    ]);
  });

  test('begins a window when clients begin to stay with their model', async () => {
    const { port } = await stage.upstream(named('either'));
    const whole = { ...route(50, null), champion: { port, digest: 'a' }, challenger: { port, digest: 'b' } };
    await stage.control('PUT', '/route', whole);
    const before = (await stage.windows()).length;
    await stage.control('PUT', '/route', { ...whole, stickyHeader: 'X-Session' });
    expect(await stage.windows()).toHaveLength(before + 1);
  });
});
