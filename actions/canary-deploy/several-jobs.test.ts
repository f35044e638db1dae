import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deploymentSchema } from '../../shared/records/deployment.ts';
import { writeRecordText } from '../../shared/records/text.ts';
import { aliasNow, better, deployFirst, refusal, writeRollout } from './fixtures/canary-scenes.ts';
import { CanaryStage, FAST_ROLLOUT } from './fixtures/canary-stage.ts';
import { registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
beforeEach(async () => {
  stage = await CanaryStage.create();
});
afterEach(() => stage.close());

describe('a rollout in several jobs', () => {
  const paused = FAST_ROLLOUT.replace('bake: 400ms}', 'bake: 400ms, pause: true}');

  test('waits after a step that a person must let it go on from; a schedule only looks', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await writeRollout(stage, paused);
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({ verdict: 'inconclusive', outcome: 'paused', serving: first.digest });
    expect(deploymentSchema.safeParse(record).error).toBeUndefined();
    expect((await stage.run({ model: second.uri })).record.reason).toContain('waits for operation: continue');
    expect((await stage.run({ operation: 'reconcile' })).record.reason).toContain('was left alone');
    stage.env.GITHUB_EVENT_NAME = 'schedule';
    expect((await stage.run({ operation: 'continue' })).record.outcome).toBe('paused');
    expect(((await stage.json('route.json')) as { weight: number }).weight).toBe(20);
    delete stage.env.GITHUB_EVENT_NAME;
    const approved = await stage.run({ operation: 'continue' });
    expect(approved.record).toMatchObject({ verdict: 'inconclusive', outcome: 'rolling' });
    expect(approved.record.events.map(({ kind }) => kind)).toContain('continue');
    expect(((await stage.json('route.json')) as { weight: number }).weight).toBe(50);
    const aborted = await stage.run({ operation: 'abort' });
    expect(aborted.record).toMatchObject({ verdict: 'pass', outcome: 'rolled-back', serving: first.digest });
    expect((await stage.run({ operation: 'continue' })).record).toMatchObject({
      verdict: 'pass',
      outcome: 'settled',
    });
  });

  test('ends at max-wait and is promoted by looks of a schedule', async () => {
    await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const { record } = await stage.run({ model: second.uri, 'max-wait': '1ms' });
    expect(record).toMatchObject({ verdict: 'inconclusive', outcome: 'rolling' });
    expect((await stage.run({ operation: 'reconcile', 'stale-after': '1ms' })).record.reason).toContain(
      'operation: continue goes on with it',
    );
    await vi.waitFor(
      async () => {
        for (let index = 0; index < 100; index += 1) await stage.ask();
        expect((await stage.run({ operation: 'continue' })).record.outcome).toBe('promoted');
      },
      { timeout: 25_000, interval: 50 },
    );
    expect(await aliasNow(stage)).toBe(second.digest);
    expect((await stage.ask()).model).toBe('better');
  });

  test('where nothing serves after the job, max-wait rolls back and a pause is refused', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    Object.assign(stage.env, { GITHUB_ACTIONS: 'true', RUNNER_ENVIRONMENT: 'github-hosted' });
    const { record } = await stage.run({ model: second.uri, 'max-wait': '1ms' });
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.reason).toContain('max-wait is over, and on this runner nothing serves');
    await writeRollout(stage, paused);
    expect((await refusal(stage, { model: second.uri })).message).toContain('ends with the job');
  });

  test('a replay finds the record as it was computed, and names what was changed in it', async () => {
    await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const { record: recorded } = await stage.run({ model: second.uri });
    const { record } = await stage.run({ operation: 'replay', 'serving-dir': undefined });
    expect(record).toMatchObject({ verdict: 'pass', outcome: 'replayed', operation: 'replay' });
    expect(record.reason).toContain('every e-value and every decision is as recorded');
    expect(deploymentSchema.safeParse(record).error).toBeUndefined();
    const look = recorded.looks[2]!;
    look.challenger.errors += 1;
    look.challenger.requests += 1;
    const path = stage.file('changed.json');
    await writeFile(path, writeRecordText(recorded));
    const changed = await stage.run({ operation: 'replay', record: path, 'serving-dir': undefined });
    expect(changed.record.verdict).toBe('fail');
    expect(changed.record.reason).toContain(`look ${look.sequence}: the log e-value`);
  });
});
