import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../shared/errors.ts';
import { groupIsAlive, sendSignal } from '../../shared/programs/process-group.ts';
import { deploymentSchema } from '../../shared/records/deployment.ts';
import { writeRecordText } from '../../shared/records/text.ts';
import { CanaryStage, FAST_ROLLOUT } from './fixtures/canary-stage.ts';
import { openTestRegistry, registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
beforeEach(async () => {
  stage = await CanaryStage.create();
});
afterEach(() => stage.close());

const good = { name: 'good' };
const better = { name: 'better' };
const failing = { name: 'failing', failEvery: 8 };

async function deployFirst() {
  const first = await registerVersion(stage.folder, good, { evaluation: 'pass' });
  const { record } = await stage.run({ model: first.uri });
  expect(record.reason).toContain('First deployment');
  return first;
}

async function aliasNow(): Promise<string | undefined> {
  return (await (await openTestRegistry(stage.folder)).aliases()).champion;
}

async function refusal(given: Record<string, string | undefined>): Promise<UserError> {
  const error = await stage.run(given).catch((caught: unknown) => caught);
  if (error instanceof UserError) return error;
  throw new Error('was not refused');
}

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
    expect(result.outputs).toEqual({ outcome: 'promoted' });
    expect(await aliasNow()).toBe(first.digest);
    expect(await stage.ask()).toMatchObject({ status: 200, model: 'good' });
    const before = await stage.processes();
    const again = await stage.run({ model: first.uri });
    expect(again.record).toMatchObject({ verdict: 'pass', outcome: 'promoted' });
    expect(again.record.reason).toContain('serves already');
    expect(await stage.processes()).toEqual(before);
  });

  test('promotes an equal challenger, moves the alias and ends the old champion; no client request fails', async () => {
    const first = await deployFirst();
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
    expect(await aliasNow()).toBe(second.digest);
    expect(groupIsAlive(championGroup!)).toBe(false);
    for (let index = 0; index < 20; index += 1) expect((await stage.ask()).model).toBe('better');
  });

  test('rolls back a challenger that fails, and the champion serves on', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, failing, { evaluation: 'pass' });
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.reason).toContain('fails more often than the champion');
    expect(await aliasNow()).toBe(first.digest);
    expect(await stage.ask()).toMatchObject({ model: 'good', arm: 'champion' });
    expect((await stage.json('state.json')).challenger).toBeNull();
    expect((await stage.processes()).length).toBe(2);
  });

  test('rolls back a challenger that dies on the way; clients notice nothing', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const running = stage.run({ model: second.uri, rollout: await slowRollout() });
    await waitForLooks(3);
    const { challenger } = (await stage.json('state.json')) as { challenger: { group: number } };
    sendSignal(challenger.group, 'SIGKILL');
    const { record } = await running;
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.traffic?.failed).toBe(0);
    expect(record.looks.at(-1)!.challenger.errors).toBeGreaterThan(0);
  });

  test('gives no traffic to a challenger that does not start or fails the check', async () => {
    const first = await deployFirst();
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
    await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const hold = FAST_ROLLOUT.replace('max_extend: 20s', 'max_extend: 200ms, on_inconclusive: hold').replace(
      'absolute_margin: 0.02',
      'absolute_margin: 0.0001',
    );
    await writeRollout(hold);
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({ verdict: 'inconclusive', outcome: 'held' });
    for (let index = 0; index < 10; index += 1) expect((await stage.ask()).arm).toBe('champion');
    const promoted = await stage.run({ operation: 'promote' });
    expect(promoted.record).toMatchObject({ verdict: 'pass', outcome: 'promoted', serving: second.digest });
    expect(await aliasNow()).toBe(second.digest);
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
    await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const controller = new AbortController();
    const running = stage.run({ model: second.uri, rollout: await slowRollout() }, controller.signal);
    await waitForLooks(2);
    controller.abort(new Error('cancelled'));
    const { record } = await running;
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back' });
    expect(record.reason).toContain('cancelled');
    expect(record.looks.length).toBeGreaterThan(1);
    expect((await stage.ask()).arm).toBe('champion');
    expect((await stage.processes()).length).toBe(2);
  });

  test('when the alias was moved meanwhile, the champion keeps the traffic', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const other = await registerVersion(stage.folder, { name: 'other' }, { evaluation: 'pass' });
    const running = stage.run({ model: second.uri });
    await waitForLooks(1);
    await (await openTestRegistry(stage.folder)).moveAlias('champion', { to: other.digest });
    const { record } = await running;
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.reason).toContain('alias champion could not be moved');
    expect((await stage.ask()).model).toBe('good');
    expect((await refusal({ model: second.uri })).message).toContain('but');
    const followed = await stage.run({ model: other.uri });
    expect(followed.record).toMatchObject({ verdict: 'pass', outcome: 'promoted', serving: other.digest });
    expect((await stage.ask()).model).toBe('other');
  });

  test('mistakes are named before anything starts', async () => {
    expect((await refusal({ model: 'a/folder' })).where.key).toBe('model');
    expect((await refusal({ model: 'oci-layout:r/another@champion' })).message).toContain(
      'of the name another',
    );
    expect((await refusal({ model: 'oci-layout:r/another@champion', alias: 'latest' })).message).toContain(
      'reserved',
    );
    const first = await registerVersion(stage.folder, good, { evaluation: 'pass' });
    const nowhere = first.uri.replace(/@.*/, '@nowhere');
    expect((await refusal({ model: nowhere })).message).toContain('There is no version');
    expect((await refusal({ model: first.uri, traffic: stage.file('rollout.yaml') })).where.line).toBe(2);
    const silent = await registerVersion(
      stage.folder,
      { name: 'silent' },
      { evaluation: 'pass', serveCommand: null },
    );
    const { record } = await stage.run({ model: silent.uri });
    expect(record.reason).toContain('packages no serve-command');
    expect(record.serving).toBeNull();
    expect((await refusal({ operation: 'stop', model: first.uri })).message).toContain(
      'has no meaning with operation: stop',
    );
  });
});

describe('the other operations', () => {
  test('rollback goes back to the champion before, and the alias with it', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await stage.run({ model: second.uri });
    const { record } = await stage.run({ operation: 'rollback' });
    expect(record).toMatchObject({ verdict: 'pass', outcome: 'rolled-back', serving: first.digest });
    expect(await aliasNow()).toBe(first.digest);
    expect((await stage.ask()).model).toBe('good');
  });

  test('stop ends every process, and a later run begins from the registry', async () => {
    const first = await deployFirst();
    const { record } = await stage.run({ operation: 'stop' });
    expect(record).toMatchObject({ verdict: 'pass', outcome: 'stopped', serving: null, endpoint: null });
    expect(record.subject.digest).toBe(first.digest);
    expect(await stage.leftovers()).toEqual([]);
    await expect(stage.ask()).rejects.toThrow();
    expect((await stage.run({ operation: 'stop' })).record.reason).toBe('Nothing was serving.');
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    const later = await stage.run({ model: second.uri });
    expect(later.record).toMatchObject({ outcome: 'promoted', serving: second.digest });
    expect(later.record.champion?.digest).toBe(first.digest);
    await stage.run({ operation: 'stop' });
    expect(await stage.leftovers()).toEqual([]);
  });

  test('say so when there is nothing to do', async () => {
    expect((await refusal({ operation: 'stop' })).message).toContain('nothing ever did');
    await deployFirst();
    expect((await refusal({ operation: 'promote' })).message).toContain('no rollout under way');
    expect((await refusal({ operation: 'abort' })).message).toContain('no rollout under way');
    expect((await refusal({ operation: 'rollback' })).message).toContain('no earlier champion');
    expect(
      (await refusal({ model: (await registerVersion(stage.folder, good)).uri, port: '1' })).message,
    ).toContain('listens on port');
  });
});

describe('a rollout in several jobs', () => {
  const paused = FAST_ROLLOUT.replace('bake: 400ms}', 'bake: 400ms, pause: true}');

  test('waits after a step that a person must let it go on from; a schedule only looks', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await writeRollout(paused);
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
    await deployFirst();
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
    expect(await aliasNow()).toBe(second.digest);
    expect((await stage.ask()).model).toBe('better');
  });

  test('where nothing serves after the job, max-wait rolls back and a pause is refused', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    Object.assign(stage.env, { GITHUB_ACTIONS: 'true', RUNNER_ENVIRONMENT: 'github-hosted' });
    const { record } = await stage.run({ model: second.uri, 'max-wait': '1ms' });
    expect(record).toMatchObject({ verdict: 'fail', outcome: 'rolled-back', serving: first.digest });
    expect(record.reason).toContain('max-wait is over, and on this runner nothing serves');
    await writeRollout(paused);
    expect((await refusal({ model: second.uri })).message).toContain('ends with the job');
  });

  test('a replay finds the record as it was computed, and names what was changed in it', async () => {
    await deployFirst();
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

describe('before any traffic', () => {
  test('a model that answers in another way is rolled back without traffic, and the record says why', async () => {
    const first = await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await writeFile(stage.file('smoke.jsonl'), '{"request": {}, "response": {"model": "good"}}\n');
    await writeRollout(`${FAST_ROLLOUT}before: {smoke: {file: ${stage.file('smoke.jsonl')}}}\n`);
    const { record } = await stage.run({ model: second.uri });
    expect(record).toMatchObject({
      verdict: 'fail',
      outcome: 'rolled-back',
      serving: first.digest,
      looks: [],
    });
    expect(record.before).toEqual([
      { check: 'ready', passed: true, said: 'it says so and answered 2 requests' },
      { check: 'same_schema', passed: true, said: 'both arms answer 2 requests in the same shape' },
      {
        ...{ check: 'smoke', passed: false },
        said: `${stage.file('smoke.jsonl')}:1: $.model is "better" in place of "good"`,
      },
    ]);
    expect(record.events.map(({ kind }) => kind)).toEqual(['check', 'check', 'check', 'rollback']);
    expect((await stage.ask()).model).toBe('good');
  });

  test('one that bears the load is rolled out', async () => {
    await deployFirst();
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await writeRollout(`${FAST_ROLLOUT}before: {load: {rate: 50, duration: 200ms}}\n`);
    const { record } = await stage.run({ model: second.uri });
    expect(record.outcome).toBe('promoted');
    expect(record.before.at(-1)).toMatchObject({
      check: 'load',
      passed: true,
      said: expect.stringContaining('0 of 10 failed'),
    });
  });
});

async function writeRollout(text: string): Promise<void> {
  await writeFile(stage.file('rollout.yaml'), text);
}

/** A rollout that stays in its first step for as long as a test needs. */
async function slowRollout(): Promise<string> {
  await writeRollout(FAST_ROLLOUT.replace('bake: 400ms', 'bake: 60s'));
  return stage.file('rollout.yaml');
}

async function waitForLooks(count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const progress = (await stage.json('progress.json')) as { state: { looks: unknown[] } };
      expect(progress.state.looks.length).toBeGreaterThanOrEqual(count);
    },
    { timeout: 20_000, interval: 20 },
  );
}
