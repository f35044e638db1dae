import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { better, deployFirst, writeRollout } from './fixtures/canary-scenes.ts';
import { CanaryStage, FAST_ROLLOUT } from './fixtures/canary-stage.ts';
import { registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
beforeEach(async () => {
  stage = await CanaryStage.create();
});
afterEach(() => stage.close());

describe('before any traffic', () => {
  test('a model that answers in another way is rolled back without traffic, and the record says why', async () => {
    const first = await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await writeFile(stage.file('smoke.jsonl'), '{"request": {}, "response": {"model": "good"}}\n');
    await writeRollout(stage, `${FAST_ROLLOUT}before: {smoke: {file: ${stage.file('smoke.jsonl')}}}\n`);
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
    await deployFirst(stage);
    const second = await registerVersion(stage.folder, better, { evaluation: 'pass' });
    await writeRollout(stage, `${FAST_ROLLOUT}before: {load: {rate: 5, duration: 2s}}\n`);
    const { record } = await stage.run({ model: second.uri });
    expect(record.outcome, record.reason).toBe('promoted');
    expect(record.before.at(-1)).toMatchObject({
      check: 'load',
      passed: true,
      said: expect.stringContaining('0 of 10 failed'),
    });
  });
});
