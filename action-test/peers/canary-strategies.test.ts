/** The strategies shadow and blue-green with real processes, while clients ask without pause. */
import { afterEach, describe, expect, test } from 'vitest';
import { refusal, writeRollout } from '../../actions/canary-deploy/fixtures/canary-scenes.ts';
import { CanaryStage } from '../../actions/canary-deploy/fixtures/canary-stage.ts';
import { type Behaviour, registerVersion } from '../../actions/canary-deploy/fixtures/registered-model.ts';
import { type Clients, startClients } from './canary-clients.ts';
import { HaproxyServer, hasHaproxy, requireHaproxy } from './haproxy-server.ts';

requireHaproxy();

const ANALYSIS = 'analysis: {interval: 200ms, min_requests: 20, max_extend: 20s}';
const BLUE_GREEN = `
version: 1
strategy: blue-green
watch: 600ms
${ANALYSIS}
errors: {ceiling: 0.2}
`;
const SHADOW = `
version: 1
strategy: shadow
watch: 600ms
${ANALYSIS}
errors: {absolute_margin: 0.02}
`;

const answerOf = (name: string) => JSON.stringify({ model: name });

/** A stage with a first model that serves behind one of the two routers, and clients who ask there. */
class Scene {
  readonly stage: CanaryStage;
  readonly haproxy: HaproxyServer | undefined;
  clients: Clients | undefined;

  private constructor(stage: CanaryStage, haproxy: HaproxyServer | undefined) {
    this.stage = stage;
    this.haproxy = haproxy;
  }

  static async open(kind: 'local' | 'haproxy', rollout: string): Promise<Scene> {
    const haproxy = kind === 'haproxy' ? await HaproxyServer.start() : undefined;
    const scene = new Scene(await CanaryStage.create(rollout), haproxy);
    await scene.run(await scene.registered({ name: 'first' }));
    const address = haproxy?.address ?? `http://127.0.0.1:${scene.stage.port}`;
    scene.clients = startClients(address, { count: 4, bodies: ['{}'], pauseMs: 2 });
    return scene;
  }

  async registered(behaviour: Behaviour): Promise<string> {
    return (await registerVersion(this.stage.folder, behaviour, { evaluation: 'pass' })).uri;
  }

  /** Where the model serves: the clients make the traffic. */
  given(more: Record<string, string>): Record<string, string | undefined> {
    const place = this.haproxy && { port: undefined, ...this.haproxy.inputs };
    const isRun = more.operation === undefined;
    return { ...(isRun && { traffic: undefined, 'traffic-rate': undefined }), ...place, ...more };
  }

  async run(model: string) {
    return (await this.stage.run(this.given({ model }))).record;
  }

  async operate(operation: string) {
    return (await this.stage.run(this.given({ operation }))).record;
  }

  /** All answers that clients got since this was asked last, and that there were some. */
  heard(): string[] {
    const { answers } = this.clients!;
    const texts = [...answers.keys()];
    expect(texts.length).toBeGreaterThan(0);
    answers.clear();
    return texts.toSorted();
  }

  async close(): Promise<void> {
    await this.clients?.stop();
    await this.haproxy?.close();
    await this.stage.close();
  }
}

let scene: Scene;
afterEach(() => scene.close());

describe.each([
  { kind: 'local' as const, isThere: true },
  { kind: 'haproxy' as const, isThere: hasHaproxy },
])('blue-green on the target $kind', ({ kind, isThere }) => {
  test.skipIf(!isThere)(
    'no request fails when all traffic is switched, nor on the way back; one that fails is taken back',
    async () => {
      scene = await Scene.open(kind, BLUE_GREEN);
      const { failures, answers } = scene.clients!;
      const promoted = await scene.run(await scene.registered({ name: 'second' }));
      expect(promoted.outcome).toBe('promoted');
      expect(promoted.weights.map(({ weight }) => weight)).toEqual([100]);
      expect(scene.heard()).toEqual([answerOf('first'), answerOf('second')]);

      expect((await scene.operate('rollback')).outcome).toBe('rolled-back');
      expect(failures).toEqual([]);
      answers.clear();

      const rolledBack = await scene.run(await scene.registered({ name: 'failing', failEvery: 2 }));
      expect(rolledBack.outcome).toBe('rolled-back');
      expect(rolledBack.reason).toContain('ceiling');
      // What failed for a client is an answer of the model that fails, and never the switch.
      expect(failures.length).toBeGreaterThan(0);
      expect(failures.every(({ status, text }) => status === 500 && text === answerOf('failing'))).toBe(true);
      failures.length = 0;
      answers.clear();
      const asked = scene.clients!.asked();
      await expect.poll(() => scene.clients!.asked()).toBeGreaterThan(asked + 50);
      expect(scene.heard()).toEqual([answerOf('first')]);
      expect(failures).toEqual([]);
    },
  );
});

describe('shadow', () => {
  test('clients get the answers of the champion alone, whatever the challenger does', async () => {
    scene = await Scene.open('local', SHADOW);
    const { failures } = scene.clients!;
    const failing = await scene.run(await scene.registered({ name: 'failing', failEvery: 2 }));
    expect(failing.outcome).toBe('rolled-back');
    expect(failing.looks.at(-1)!.challenger.errors).toBeGreaterThan(0);
    expect(scene.heard()).toEqual([answerOf('first')]);

    const second = await scene.registered({ name: 'second' });
    let heardBefore: string[] = [];
    const promoting = scene.run(second);
    await expect
      .poll(
        async () => {
          const progress = (await scene.stage.json('progress.json').catch(() => undefined)) as
            | { state: { looks: { challenger: { requests: number } }[] } | null }
            | undefined;
          const looks = progress?.state?.looks.filter(({ challenger }) => challenger.requests > 0) ?? [];
          // The challenger has answered copies, and nobody has seen one of its answers.
          if (looks.length > 0 && heardBefore.length === 0) heardBefore = [...scene.clients!.answers.keys()];
          return heardBefore;
        },
        { timeout: 20_000, interval: 5 },
      )
      .toEqual([answerOf('first')]);
    const promoted = await promoting;
    expect(promoted.outcome).toBe('promoted');
    expect(promoted.looks.every(({ mirrored, weight }) => mirrored && weight === 0)).toBe(true);
    expect(failures).toEqual([]);
  });

  test.skipIf(!hasHaproxy)('is refused behind HAProxy before anything is started', async () => {
    scene = await Scene.open('haproxy', BLUE_GREEN);
    const model = await scene.registered({ name: 'second' });
    await scene.clients!.stop();
    await writeRollout(scene.stage, SHADOW);
    const error = await refusal(scene.stage, scene.given({ model }));
    expect(error.message).toBe('The strategy shadow is not one of the target haproxy.');
    expect((await scene.stage.json('state.json')).challenger).toBeNull();
  });
});
