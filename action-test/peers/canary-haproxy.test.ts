/** canary-deploy behind a real HAProxy: rollouts, their undoing and their accidents, while clients ask without pause. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeRollout } from '../../actions/canary-deploy/fixtures/canary-scenes.ts';
import { CanaryStage } from '../../actions/canary-deploy/fixtures/canary-stage.ts';
import {
  type Behaviour,
  openTestRegistry,
  registerVersion,
} from '../../actions/canary-deploy/fixtures/registered-model.ts';
import { type Clients, startClients } from './canary-clients.ts';
import { HaproxyServer, hasHaproxy, requireHaproxy } from './haproxy-server.ts';

requireHaproxy();

const ROLLOUT = `
version: 1
steps: [{weight: 20, bake: 400ms}, {weight: 50, bake: 400ms}]
analysis: {interval: 200ms, min_requests: 20, max_extend: 20s}
errors: {ceiling: 0.3, floor: 0.001, absolute_margin: 0.02}
`;

const BLUE_GREEN = `
version: 1
strategy: blue-green
watch: 30s
analysis: {interval: 200ms, min_requests: 20, max_extend: 20s}
errors: {ceiling: 0.2}
`;

describe.skipIf(!hasHaproxy)('behind HAProxy', () => {
  let stage: CanaryStage;
  let haproxy: HaproxyServer;
  let clients: Clients | undefined;

  beforeEach(async () => {
    [stage, haproxy] = [await CanaryStage.create(ROLLOUT), await HaproxyServer.start()];
  });
  afterEach(async () => {
    await clients?.stop();
    clients = undefined;
    await haproxy.close();
    await stage.close();
  });

  const given = (more: Record<string, string | undefined> = {}) => ({
    port: undefined,
    traffic: undefined,
    'traffic-rate': undefined,
    ...haproxy.inputs,
    ...more,
  });
  const registered = (behaviour: Behaviour) =>
    registerVersion(stage.folder, behaviour, { evaluation: 'pass' });
  const run = (model: string) => stage.run(given({ model }));
  const operate = (operation: string) => stage.run({ operation, ...haproxy.inputs });
  const ask = (asksAgain = false) => {
    clients = startClients(haproxy.address, { count: 4, bodies: ['{}'], pauseMs: 2, asksAgain });
    return clients;
  };
  const served = async (): Promise<string> => {
    const response = await fetch(`${haproxy.address}/invocations`, { method: 'POST', body: '{}' });
    return response.status === 200
      ? ((await response.json()) as { model: string }).model
      : `${response.status}`;
  };
  const champion = async () => (await (await openTestRegistry(stage.folder)).resolve('champion'))?.digest;

  test('a first model, an equal one, a failing one, the way back by hand, and the end', async () => {
    const [first, second, failing] = [
      await registered({ name: 'first' }),
      await registered({ name: 'second' }),
      await registered({ name: 'failing', failEvery: 2 }),
    ];
    expect(await served()).toBe('503');
    expect((await run(first.uri)).record.outcome).toBe('promoted');
    expect(await served()).toBe('first');
    expect(Object.keys(await haproxy.weights())).toHaveLength(1);

    const { failures } = ask();
    const promoted = (await run(second.uri)).record;
    expect(promoted.outcome).toBe('promoted');
    expect(promoted.endpoint).toBe(haproxy.address);
    expect(await served()).toBe('second');
    expect(await champion()).toBe(second.digest);
    // What HAProxy counted is what it was told to split.
    const looks = promoted.looks.filter(({ weight }) => weight === 20);
    const sum = (arm: 'champion' | 'challenger') => looks.reduce((all, look) => all + look[arm].requests, 0);
    expect(sum('challenger') / (sum('champion') + sum('challenger'))).toBeCloseTo(0.2, 1);
    expect(failures).toEqual([]);

    const rolledBack = (await run(failing.uri)).record;
    expect(rolledBack.outcome).toBe('rolled-back');
    expect(rolledBack.looks.at(-1)!.challenger.errors).toBeGreaterThan(0);
    expect(await served()).toBe('second');
    expect(new Set(failures.map(({ status }) => status))).toEqual(new Set([500]));
    failures.length = 0;

    expect((await operate('rollback')).record.verdict).toBe('pass');
    expect(await served()).toBe('first');
    expect(await champion()).toBe(first.digest);
    expect(failures).toEqual([]);
    await clients!.stop();
    await operate('stop');
    expect(await served()).toBe('503');
    expect(await haproxy.weights()).toEqual({});
    expect(await stage.leftovers()).toEqual([]);
  });

  test('a challenger that HAProxy cannot reach is an error of it, though another server answers', async () => {
    const [first, second] = [await registered({ name: 'first' }), await registered({ name: 'second' })];
    await run(first.uri);
    const { failures } = ask();
    const rollout = run(second.uri);
    await vi.waitFor(async () => expect(Object.keys(await haproxy.weights())).toHaveLength(2), 15_000);
    const { challenger } = (await stage.json('state.json')) as { challenger: { group: number } };
    process.kill(-challenger.group, 'SIGKILL');
    const { record } = await rollout;
    expect(record.outcome).toBe('rolled-back');
    expect(record.reason).toContain('fails more often');
    expect(await served()).toBe('first');
    // Those that were on their way when it died are lost, all later ones are not.
    expect(failures.length).toBeLessThanOrEqual(4);
  });

  test('with health checks, a challenger that dies while it has all traffic is taken back', async () => {
    await haproxy.close();
    haproxy = await HaproxyServer.start('check inter 100ms fall 1 rise 1');
    const [first, second] = [await registered({ name: 'first' }), await registered({ name: 'second' })];
    await run(first.uri);
    const { failures } = ask();
    await writeRollout(stage, BLUE_GREEN);
    const rollout = run(second.uri);
    await vi.waitFor(async () => {
      const progress = (await stage.json('progress.json')) as { state: { looks: unknown[] } | null };
      expect(progress.state?.looks.length).toBeGreaterThan(2);
    }, 30_000);
    const { challenger } = (await stage.json('state.json')) as { challenger: { group: number } };
    process.kill(-challenger.group, 'SIGKILL');
    const { record } = await rollout;
    expect(record.outcome).toBe('rolled-back');
    expect(record.reason).toContain('no requests at 5 looks in a row');
    expect(failures.map(({ status }) => status)).toContain(503);
    expect(await served()).toBe('first');
    expect(await champion()).toBe(first.digest);
  });

  test('a run that is killed is taken up by the next one, and nobody notices', async () => {
    const [first, second] = [await registered({ name: 'first' }), await registered({ name: 'second' })];
    await run(first.uri);
    const { failures } = ask();
    const { child, ended } = stage.spawn(given({ model: second.uri }));
    await vi.waitFor(async () => {
      const progress = (await stage.json('progress.json')) as { state: { looks: unknown[] } | null };
      expect(progress.state?.looks.length).toBeGreaterThan(0);
    }, 15_000);
    child.kill('SIGKILL');
    await ended;
    const { record } = await run(second.uri);
    expect(record.outcome).toBe('promoted');
    expect(record.events.map(({ kind }) => kind)).toContain('resume');
    expect(await served()).toBe('second');
    expect(failures).toEqual([]);
  });

  test('operation: abort gives everything back', async () => {
    const [first, second] = [await registered({ name: 'first' }), await registered({ name: 'second' })];
    await run(first.uri);
    const { failures } = ask();
    const { child, ended } = stage.spawn(given({ model: second.uri }));
    await vi.waitFor(async () => expect(Object.keys(await haproxy.weights())).toHaveLength(2), 15_000);
    child.kill('SIGKILL');
    await ended;
    expect((await operate('abort')).record.outcome).toBe('rolled-back');
    expect(await served()).toBe('first');
    expect(Object.keys(await haproxy.weights())).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  test('a reload that keeps the state loses no request, and a restart is caught up with', async () => {
    const [first, second] = [await registered({ name: 'first' }), await registered({ name: 'second' })];
    await run(first.uri);
    // The process that goes closes the connections that clients have kept.
    const { failures } = ask(true);
    const rollout = run(second.uri);
    await vi.waitFor(async () => expect(Object.keys(await haproxy.weights())).toHaveLength(2), 15_000);
    await haproxy.reload();
    expect(failures).toEqual([]);
    await haproxy.restart();
    // Until the rollout looks again there are two servers that lead nowhere.
    await vi.waitFor(async () => expect(Object.keys(await haproxy.weights())).toHaveLength(2), 15_000);
    failures.length = 0;
    expect((await rollout).record.outcome).toBe('promoted');
    expect(await served()).toBe('second');
    expect(failures.filter(({ status }) => status !== 0)).toEqual([]);
  });
});
