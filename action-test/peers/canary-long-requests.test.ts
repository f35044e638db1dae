/** Requests that take eight seconds, while the model that answers them is replaced, taken back or stopped. */
import { readFile } from 'node:fs/promises';
import { describe, expect, type TestContext, test, vi } from 'vitest';
import { CanaryStage, FAST_ROLLOUT } from '../../actions/canary-deploy/fixtures/canary-stage.ts';
import { cancelAsRunner } from '../../actions/canary-deploy/fixtures/cancel-as-runner.ts';
import { MODEL_NAME, registerVersion } from '../../actions/canary-deploy/fixtures/registered-model.ts';
import { MOMENTS, spawnUntil } from '../../actions/canary-deploy/fixtures/rollout-moments.ts';
import { digestPrefix, RecordFolder } from '../../shared/records/folder.ts';
import { HaproxyServer, hasHaproxy, requireHaproxy } from './haproxy-server.ts';

requireHaproxy();

const LONG = '{"takesMs": 8000}';
/** Nearly all requests go to the challenger until the run is cancelled. */
const TO_THE_CHALLENGER = FAST_ROLLOUT.replace('weight: 20, bake: 400ms', 'weight: 90, bake: 60s').replace(
  'weight: 50',
  'weight: 95',
);

type Version = { digest: string; uri: string };

/** A first model that serves behind one of the two routers, and a second one that does not yet. */
async function open(kind: string, { onTestFinished }: TestContext, rollout = FAST_ROLLOUT) {
  const stage = await CanaryStage.create(rollout);
  const haproxy = kind === 'haproxy' ? await HaproxyServer.start() : undefined;
  onTestFinished(async () => {
    await haproxy?.close();
    await stage.close();
  });
  const register = (name: string) => registerVersion(stage.folder, { name }, { evaluation: 'pass' });
  const [first, second] = [await register('first'), await register('second')];
  const given = ({ uri }: Version) => ({
    ...{ model: uri, 'traffic-rate': '100' },
    ...(haproxy && { port: undefined, ...haproxy.inputs }),
  });
  const operate = async (operation: string) => (await stage.run({ operation, ...haproxy?.inputs })).record;
  const address = haproxy?.address ?? `http://127.0.0.1:${stage.port}`;
  const ask = async () => {
    const response = await fetch(`${address}/invocations`, { method: 'POST', body: LONG });
    return { status: response.status, model: ((await response.json()) as { model: string }).model };
  };
  /** Sends long requests, and resolves once some of them are with a model. @returns their answers, to be waited for. */
  const begin = async (count: number, { digest }: Version, withModel: number) => {
    const answers = Promise.all(Array.from({ length: count }, ask));
    const log = stage.file(`serving/logs/${digestPrefix(digest)}.log`);
    await vi.waitFor(
      async () => {
        const begun = (await readFile(log, 'utf8')).split('a request that takes 8000 ms').length - 1;
        expect(begun).toBeGreaterThanOrEqual(withModel);
      },
      { timeout: 6_000, interval: 10 },
    );
    return { answers };
  };
  await stage.run(given(first));
  return { stage, first, second, given, operate, begin };
}

const by = (model: string) => ({ status: 200, model });

describe.concurrent.each(['local', ...(hasHaproxy ? ['haproxy'] : [])])('on the target %s', (kind) => {
  test('after a promotion the old champion answers what it was asked before', async (context) => {
    const { stage, first, second, given, begin } = await open(kind, context);
    const { answers } = await begin(2, first, 2);
    expect((await stage.run(given(second))).record.outcome).toBe('promoted');
    expect(await answers).toEqual([by('first'), by('first')]);
  });

  test('a model that is stopped answers what it was asked before', async (context) => {
    const { stage, first, operate, begin } = await open(kind, context);
    const { answers } = await begin(2, first, 2);
    expect((await operate('stop')).outcome).toBe('stopped');
    expect(await answers).toEqual([by('first'), by('first')]);
    expect(await stage.leftovers()).toEqual([]);
  });

  test('a cancelled run leaves the challenger to its answers, says so, and the next run ends it', async (context) => {
    const { stage, second, given, operate, begin } = await open(kind, context, TO_THE_CHALLENGER);
    const run = await spawnUntil(stage, given(second), MOMENTS['after the first look']!);
    const { answers } = await begin(10, second, 5);
    expect(await cancelAsRunner(run.child, run.ended), run.output()).toBe('SIGINT');
    const record = await new RecordFolder(stage.file('records'), MODEL_NAME).find(
      'Deployment',
      second.digest,
    );
    expect(record).toMatchObject({
      outcome: 'rolled-back',
      unused: [
        expect.stringMatching(/^the server of sha256:.*, which had requests to end: the next run ends it$/),
      ],
    });
    const models = (await answers).map(({ status, model }) => `${status} ${model}`);
    expect(models.filter((text) => text === '200 second').length).toBeGreaterThanOrEqual(5);
    expect(new Set([...models, '200 first'])).toEqual(new Set(['200 second', '200 first']));
    expect((await stage.json('state.json')).retired).toHaveLength(1);
    expect((await operate('reconcile')).verdict).toBe('pass');
    expect((await stage.json('state.json')).retired).toEqual([]);
    expect(await stage.processes()).toHaveLength(kind === 'local' ? 2 : 1);
  });
});
