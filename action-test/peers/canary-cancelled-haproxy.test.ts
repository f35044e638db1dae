/** Cancelling a rollout behind HAProxy as the runner does it, and killing it, while clients ask without pause. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CanaryStage } from '../../actions/canary-deploy/fixtures/canary-stage.ts';
import { cancelAsRunner, killTree } from '../../actions/canary-deploy/fixtures/cancel-as-runner.ts';
import { openTestRegistry, registerVersion } from '../../actions/canary-deploy/fixtures/registered-model.ts';
import { MOMENTS, spawnUntil, storedProgress } from '../../actions/canary-deploy/fixtures/rollout-moments.ts';
import { type Clients, startClients } from './canary-clients.ts';
import { HaproxyServer, hasHaproxy, requireHaproxy } from './haproxy-server.ts';

requireHaproxy();

describe.skipIf(!hasHaproxy)('behind HAProxy', () => {
  let stage: CanaryStage;
  let haproxy: HaproxyServer;
  let clients: Clients;
  const models: Record<string, { digest: string; uri: string }> = {};

  beforeAll(async () => {
    [stage, haproxy] = [await CanaryStage.create(), await HaproxyServer.start()];
    for (const name of ['good', 'better']) {
      models[name] = await registerVersion(stage.folder, { name }, { evaluation: 'pass' });
    }
    await stage.run(given(models.good!.uri));
    clients = startClients(haproxy.address, { count: 4, bodies: ['{}'], pauseMs: 2 });
  });
  afterAll(async () => {
    await clients?.stop();
    await haproxy?.close();
    await stage?.close();
  });

  const given = (model: string) => ({
    ...{ model, port: undefined, traffic: undefined, 'traffic-rate': undefined },
    ...haproxy.inputs,
  });
  const aliased = async () => (await (await openTestRegistry(stage.folder)).aliases()).champion;

  /** The models whose answers clients get from now on. */
  async function answering(): Promise<string[]> {
    clients.answers.clear();
    const asked = clients.asked();
    await expect.poll(() => clients.asked(), { timeout: 10_000 }).toBeGreaterThan(asked + 40);
    return [...clients.answers.keys()].map((text) => (JSON.parse(text) as { model: string }).model);
  }

  async function rollOutUntil(moment: string) {
    const [serving] = await answering();
    const challenger = models[serving === 'good' ? 'better' : 'good']!;
    return { challenger, ...(await spawnUntil(stage, given(challenger.uri), MOMENTS[moment]!)) };
  }

  async function expectOneServes(story: string): Promise<void> {
    const serving = await answering();
    expect(serving, story).toHaveLength(1);
    expect(models[serving[0]!]!.digest, story).toBe(await aliased());
    expect(Object.keys(await haproxy.weights()), story).toHaveLength(1);
    expect(await storedProgress(stage), story).toBeUndefined();
    expect(await stage.processes(), story).toHaveLength(1);
    expect(clients.failures, story).toEqual([]);
  }

  test.each([
    'while the challenger starts',
    'when it gets its first traffic',
    'in the second step',
    'while it is promoted',
  ])('cancelled %s: one model has all traffic, and no request fails', async (moment) => {
    const { child, ended, output } = await rollOutUntil(moment);
    expect(await cancelAsRunner(child, ended), output()).toBe('SIGINT');
    await expectOneServes(output());
  });

  test.each(['when it gets its first traffic', 'while it is promoted'])(
    'killed %s: a re-run settles it',
    async (moment) => {
      const { challenger, child, ended, output } = await rollOutUntil(moment);
      killTree(child);
      await ended;
      await stage.run(given(challenger.uri));
      // The challenger is a child of the run and dies with it, and what HAProxy had given to it is lost.
      clients.failures.length = 0;
      await expectOneServes(output());
    },
  );
});
