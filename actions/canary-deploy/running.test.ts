import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { groupIsAlive, sendSignal } from '../../shared/programs/process-group.ts';
import { deploymentSchema } from '../../shared/records/deployment.ts';
import {
  aliasNow,
  better,
  deployFirst,
  good,
  refusal,
  slowRollout,
  waitForLooks,
  writeRollout,
} from './fixtures/canary-scenes.ts';
import { CanaryStage, FAST_ROLLOUT } from './fixtures/canary-stage.ts';
import { openTestRegistry, registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
beforeEach(async () => {
  stage = await CanaryStage.create();
});
afterEach(() => stage.close());

const failing = { name: 'failing', failEvery: 8 };

describe('operation run', () => {
  test('deploys a first model at once, and does nothing the second time', async () => {
    const first = await registerVersion(stage.folder, good, { evaluation: 'pass' });
    const { record, result } = await stage.run({ model: first.uri });
    expect(record).toMatchObject({
      verdict: 'pass',
      outcome: 'promoted',
      champion: null,
      serving: first.digest,
    });
    expect(record.alias).toEqual({ name: 'champion', moved: true });
    expect(result.outputs).toEqual({ outcome: 'promoted', sarif: expect.stringMatching(/\.sarif$/) });
    expect(await aliasNow(stage)).toBe(first.digest);
    expect(await stage.ask()).toMatchObject({ status: 200, model: 'good' });
    const before = await stage.processes();
    const again = await stage.run({ model: first.uri });
    expect(again.record).toMatchObject({ verdict: 'pass', outcome: 'promoted' });
    expect(again.record.reason).toContain('serves already');
    expect(await stage.processes()).toEqual(before);
  });

  test('promotes an equal challenger, moves the alias and ends the old champion; no client request fails', async () => {
    const first = await deployFirst(stage);
    const [championGroup] = await stage.processes();
    const second = await registerVersion(stage.folder, better, { evaluation: 'warn' });
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({ verdict: 'pass', outcome: 'promoted', serving: second.digest });
    expect(record.champion?.digest).toBe(first.digest);
    expect(record.events.map(({ kind }) => kind).filter((kind) => kind !== 'extend')).toEqual([
      'check',
      'start',
      'step',
      'step',
      'promote',
    ]);
    expect(record.traffic?.sent).toBeGreaterThan(200);
    expect(record.traffic?.failed).toBe(0);
    expect(deploymentSchema.safeParse(record).error).toBeUndefined();
    expect(await aliasNow(stage)).toBe(second.digest);
    expect(groupIsAlive(championGroup!)).toBe(false);
    for (let index = 0; index < 20; index += 1) expect((await stage.ask()).model).toBe('better');
  });

  test('rolls back a challenger that fails, and the champion serves on', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, failing, { evaluation: 'pass' });
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.reason).toContain('fails more often than the champion');
    expect(await aliasNow(stage)).toBe(first.digest);
    expect(await stage.ask()).toMatchObject({ model: 'good', arm: 'champion' });
    expect((await stage.json('state.json')).challenger).toBeNull();
    expect((await stage.processes()).length).toBe(2);
  });

  test('rolls back a challenger that dies on the way; clients notice nothing', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const running = stage.run({ model: second.uri, rollout: await slowRollout(stage) });
    await waitForLooks(stage, 3);
    const { challenger } = (await stage.json('state.json')) as { challenger: { group: number } };
    sendSignal(challenger.group, 'SIGKILL');
    const { record } = await running;
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.traffic?.failed).toBe(0);
    expect(record.looks.at(-1)!.challenger.errors).toBeGreaterThan(0);
  });

  test('gives no traffic to a challenger that does not start or fails the check', async () => {
    const first = await deployFirst(stage);
    const broken = await registerVersion(
      stage.folder,
      { name: 'broken', exitsAtStart: true },
      { evaluation: 'pass' },
    );
    const { record } = await stage.run({ model: broken.uri });
    expect(record).toMatchObject({
      verdict: 'fail',
      outcome: 'rolled-back',
      serving: first.digest,
      looks: [],
    });
    const wrong = await registerVersion(
      stage.folder,
      { name: 'wrong', failEvery: 1 },
      { evaluation: 'pass' },
    );
    const second = await stage.run({ model: wrong.uri });
    expect(second.record.reason).toContain('status 500 in the check before any traffic');
    expect((await stage.json('state.json')).challenger).toBeNull();
    expect((await stage.ask()).model).toBe('good');
  });

  test('holds what it cannot decide; a person promotes it', async () => {
    await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const hold = FAST_ROLLOUT.replace('max_extend: 20s', 'max_extend: 200ms, on_inconclusive: hold').replace(
      'absolute_margin: 0.02',
      'absolute_margin: 0.0001',
    );
    await writeRollout(stage, hold);
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({ verdict: 'inconclusive', outcome: 'held' });
    for (let index = 0; index < 10; index += 1) expect((await stage.ask()).arm).toBe('champion');
    const promoted = await stage.run({ operation: 'promote' });
    expect(promoted.record).toMatchObject({ verdict: 'pass', outcome: 'promoted', serving: second.digest });
    expect(await aliasNow(stage)).toBe(second.digest);
    expect((await stage.ask()).model).toBe('better');
  });

  test('refuses a model without a passing Evaluation, unless a person says why not', async () => {
    const ungated = await registerVersion(stage.folder, good);
    const { record } = await stage.run({ model: ungated.uri });
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'refused', serving: null });
    expect(record.reason).toContain('it has no Evaluation');
    const failed = await registerVersion(stage.folder, better, { evaluation: 'fail' });
    expect((await stage.run({ model: failed.uri })).record.outcome).toBe('refused');
    const overridden = await stage.run({ model: failed.uri, 'override-reason': 'the labels were wrong' });
    expect(overridden.record).toMatchObject({ outcome: 'promoted', overrideReason: 'the labels were wrong' });
  });

  test('a cancelled run gives all traffic back to the champion and says so', async () => {
    await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const controller = new AbortController();
    const running = stage.run({ model: second.uri, rollout: await slowRollout(stage) }, controller.signal);
    await waitForLooks(stage, 2);
    controller.abort(new Error('cancelled'));
    const { record } = await running;
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back' });
    expect(record.reason).toContain('cancelled');
    expect(record.looks.length).toBeGreaterThan(1);
    expect((await stage.ask()).arm).toBe('champion');
    expect((await stage.processes()).length).toBe(2);
  });

  test('when the alias was moved meanwhile, the champion keeps the traffic', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const other = await registerVersion(stage.folder, { name: 'other' }, { evaluation: 'pass' });
    const running = stage.run({ model: second.uri });
    await waitForLooks(stage, 1);
    await (await openTestRegistry(stage.folder)).moveAlias('champion', { to: other.digest });
    const { record } = await running;
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.reason).toContain('alias champion could not be moved');
    expect((await stage.ask()).model).toBe('good');
    expect((await refusal(stage, { model: second.uri })).message).toContain('but');
    const followed = await stage.run({ model: other.uri });
    expect(followed.record).toMatchObject({ verdict: 'pass', outcome: 'promoted', serving: other.digest });
    expect((await stage.ask()).model).toBe('other');
  });

  test('mistakes are named before anything starts', async () => {
    expect((await refusal(stage, { model: 'a/folder' })).where.key).toBe('model');
    expect((await refusal(stage, { model: 'oci-layout:r/another@champion' })).message).toContain(
      'of the name another',
    );
    expect(
      (await refusal(stage, { model: 'oci-layout:r/another@champion', alias: 'latest' })).message,
    ).toContain('reserved');
    const first = await registerVersion(stage.folder, good, { evaluation: 'pass' });
    const nowhere = first.uri.replace(/@.*/, '@nowhere');
    expect((await refusal(stage, { model: nowhere })).message).toContain('There is no version');
    expect((await refusal(stage, { model: first.uri, traffic: stage.file('rollout.yaml') })).where.line).toBe(
      2,
    );
    const silent = await registerVersion(
      stage.folder,
      { name: 'silent' },
      { evaluation: 'pass', serveCommand: null },
    );
    const { record } = await stage.run({ model: silent.uri });
    expect(record.reason).toContain('packages no serve-command');
    expect(record.serving).toBeNull();
    expect((await refusal(stage, { operation: 'stop', model: first.uri })).message).toContain(
      'has no meaning with operation: stop',
    );
  });
});
