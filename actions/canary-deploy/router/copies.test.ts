import { afterEach, beforeEach, expect, test } from 'vitest';
import { named, RouterStage, send } from '../fixtures/router-stage.ts';
import { MOST_COPIES } from './mirror.ts';

let stage: RouterStage;
beforeEach(async () => {
  stage = await RouterStage.create(60_000);
});
afterEach(() => stage.close());

test('copies requests to the challenger, whose answers nobody sees and whose faults are its own', async () => {
  const champion = await stage.upstream((_, outgoing, body) => outgoing.end(`champion ${body}`));
  const copies: { body: string; marked: unknown }[] = [];
  const challenger = await stage.upstream((incoming, outgoing, body) => {
    copies.push({ body, marked: incoming.headers['x-mlops-mirrored'] });
    const { n } = JSON.parse(body) as { n: number };
    if (n % 3 === 0) outgoing.writeHead(500).end('broken');
    else if (n % 3 === 1) outgoing.destroy();
    else outgoing.end('fine');
  });
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, mirror: true });
  for (let index = 0; index < 12; index += 1) {
    const answer = await send(stage.port, { body: `{"n":${index}}` });
    expect(answer).toMatchObject({ status: 200, text: `champion {"n":${index}}` });
    expect(answer.headers['x-mlops-arm']).toBe('champion');
  }
  await send(stage.port, { method: 'GET', path: '/ping' });
  await stage.waitForInFlight(challenger.port, 0);
  await stage.setRoute(arms);
  // One whose kept connection broke was sent once more.
  expect([...new Set(copies.map(({ body }) => body))].toSorted()).toEqual(
    Array.from({ length: 12 }, (_, index) => `{"n":${index}}`).toSorted(),
  );
  expect(copies.every(({ marked }) => marked === 'true')).toBe(true);
  expect(await stage.totals('champion')).toEqual({ assigned: 12, requests: 12, errors: 0 });
  expect(await stage.totals('challenger')).toEqual({ assigned: 12, requests: 12, errors: 8 });
  const mirrored = (await stage.windows()).filter((window) => window.challenger.requests > 0);
  expect(mirrored.every((window) => window.mirrored === true && window.weight === 0)).toBe(true);
  expect(
    (
      await stage.control('PUT', '/route', {
        ...arms,
        windowMs: 60_000,
        stickyHeader: null,
        weight: 10,
        mirror: true,
      })
    ).status,
  ).toBe(400);
});

test('copies no more than it can bear, and a challenger that hangs holds up nobody', async () => {
  const champion = await stage.upstream(named('champion'));
  const challenger = await stage.upstream(() => {});
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, mirror: true });
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(stage.port)));
  expect(answers.every(({ text }) => text === 'champion')).toBe(true);
  expect(await stage.inFlight(challenger.port)).toBe(MOST_COPIES);
  challenger.server.closeAllConnections();
  await stage.waitForInFlight(challenger.port, 0);
  await stage.setRoute(arms);
  // Both arms count the requests that were copied, and no others.
  expect(await stage.totals('champion')).toMatchObject({ requests: MOST_COPIES, errors: 0 });
  expect(await stage.totals('challenger')).toMatchObject({ requests: MOST_COPIES, errors: MOST_COPIES });
});
