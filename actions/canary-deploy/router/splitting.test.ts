import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Answer, named, RouterStage, send } from '../fixtures/router-stage.ts';

let stage: RouterStage;
beforeEach(async () => {
  stage = await RouterStage.create();
});
afterEach(() => stage.close());

test('loses no request while weights change under load, and splits as told', async () => {
  const champion = await stage.upstream(named('champion'));
  const challenger = await stage.upstream(named('challenger'));
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, weight: 20 });
  const answers: Answer[] = [];
  let running = true;
  const clients = Array.from({ length: 20 }, async () => {
    while (running) answers.push(await send(stage.port));
  });
  for (const weight of [20, 50, 80, 0, 100, 30]) {
    const before = answers.length;
    await stage.setRoute({ ...arms, weight });
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(before + 200), {
      timeout: 10_000,
      interval: 5,
    });
  }
  // Promotion under load: the challenger takes over, and the old champion can go once nothing is under way.
  await stage.setRoute({ champion: arms.challenger });
  await stage.waitForInFlight(champion.port, 0);
  champion.server.closeAllConnections();
  champion.server.close();
  const before = answers.length;
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(before + 100), {
    timeout: 10_000,
    interval: 5,
  });
  running = false;
  await Promise.all(clients);
  await stage.setRoute({ champion: arms.challenger });

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  for (const window of await stage.windows()) {
    const assigned = window.challenger.assigned!;
    const all = window.champion.assigned! + assigned;
    const share = (assigned / all) * 100;
    if (all >= 200) expect(Math.abs(share - window.weight!)).toBeLessThan(15);
    expect(window.champion.errors + window.challenger.errors).toBe(0);
  }
  const counted = (await stage.totals('champion')).requests + (await stage.totals('challenger')).requests;
  expect(counted).toBe(answers.length);
});

test('answers from the other arm when one is dead, and counts the failure where it happened', async () => {
  const champion = await stage.upstream(named('champion'));
  const challenger = await stage.upstream(named('challenger'));
  challenger.server.close();
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, weight: 50 });
  const answers = await Promise.all(Array.from({ length: 200 }, () => send(stage.port)));
  await stage.setRoute(arms);
  expect(answers.every(({ status, text }) => status === 200 && text === 'champion')).toBe(true);
  const dead = await stage.totals('challenger');
  expect(dead.errors).toBe(dead.requests);
  expect(dead.requests).toBeGreaterThan(50);
  expect(await stage.totals('champion')).toMatchObject({ errors: 0, requests: 200 - dead.requests });
});

test('keeps a client with one model by the sticky header', async () => {
  const champion = await stage.upstream(named('champion'));
  const challenger = await stage.upstream(named('challenger'));
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, weight: 40, stickyHeader: 'X-Session' });
  const seen = new Map<string, Set<string>>();
  for (let index = 0; index < 300; index += 1) {
    const session = `session-${index % 60}`;
    const { text } = await send(stage.port, { headers: { 'x-session': session } });
    seen.set(session, (seen.get(session) ?? new Set()).add(text));
  }
  expect([...seen.values()].every((arms) => arms.size === 1)).toBe(true);
  const onChallenger = [...seen.values()].filter((arms) => arms.has('challenger')).length;
  expect(onChallenger).toBeGreaterThan(10);
  expect(onChallenger).toBeLessThan(40);
});

test('a route that changes nothing ends no window', async () => {
  const champion = await stage.upstream(named('champion'));
  const route = { champion: { port: champion.port, digest: 'a' }, windowMs: 60_000 };
  await stage.setRoute(route);
  const before = await stage.windows();
  await stage.setRoute(route);
  expect(await stage.windows()).toEqual(before);
});

test('windows end by time, and each has one weight', async () => {
  const champion = await stage.upstream(named('champion'));
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' }, windowMs: 50 });
  await vi.waitFor(async () => expect((await stage.windows()).length).toBeGreaterThan(4), {
    timeout: 20_000,
    interval: 20,
  });
  const all = await stage.windows();
  expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1));
  for (const [index, window] of all.slice(1).entries()) expect(window.startedAt).toBe(all[index]!.endedAt);
});

test('goes on with its route and its windows after a crash', async () => {
  const champion = await stage.upstream(named('champion'));
  const challenger = await stage.upstream(named('challenger'));
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, weight: 100 });
  expect((await send(stage.port)).text).toBe('challenger');
  await stage.setRoute({ ...arms, weight: 100 });
  const before = await stage.windows();
  const again = await stage.startAnother();
  expect((await send(again.port)).text).toBe('challenger');
  expect((await stage.windows()).slice(0, before.length)).toEqual(before);
});
