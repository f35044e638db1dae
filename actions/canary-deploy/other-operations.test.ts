import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aliasNow, better, deployFirst, good, refusal } from './fixtures/canary-scenes.ts';
import { CanaryStage } from './fixtures/canary-stage.ts';
import { registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
beforeEach(async () => {
  stage = await CanaryStage.create();
});
afterEach(() => stage.close());

describe('the other operations', () => {
  test('rollback goes back to the champion before, and the alias with it', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await stage.run({ model: second.uri });
    const { record } = await stage.run({ operation: 'rollback' });
    expect(record).toMatchObject({ verdict: 'pass', outcome: 'rolled-back', serving: first.digest });
    expect(await aliasNow(stage)).toBe(first.digest);
    expect((await stage.ask()).model).toBe('good');
  });

  test('stop ends every process, and a later run begins from the registry', async () => {
    const first = await deployFirst(stage);
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
    expect((await refusal(stage, { operation: 'stop' })).message).toContain('nothing ever did');
    await deployFirst(stage);
    expect((await refusal(stage, { operation: 'promote' })).message).toContain('no rollout under way');
    expect((await refusal(stage, { operation: 'abort' })).message).toContain('no rollout under way');
    expect((await refusal(stage, { operation: 'rollback' })).message).toContain('no earlier champion');
    expect(
      (await refusal(stage, { model: (await registerVersion(stage.folder, good)).uri, port: '1' })).message,
    ).toContain('listens on port');
  });
});
