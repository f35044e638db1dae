import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

describe('what one store could not keep is refused before anything is stored', () => {
  test.each([
    ['override-reason', 'x'.repeat(2001), '2001 characters'],
    ['stage', 'with space', 'cannot be a stage'],
    ['stage', 'x'.repeat(64), 'cannot be a stage'],
    ['aliases', 'latest', 'reserved'],
    ['registry', 'ftp://x', 'none of the known schemes'],
    ['registry', `oci-layout:x/${NAME}@champion`, 'a registry is wanted'],
  ])('%s', async (key, value, problem) => {
    const { path, digest } = await stage.makeModel('m1');
    const refused = stage.act({ model: path, [key]: value });
    await expect(refused).rejects.toThrow(problem);
    await expect(refused).rejects.toMatchObject({ where: { key }, fix: expect.stringMatching(/./) });
    expect(await stage.registry.resolve(digest)).toBeUndefined();
  });
});

describe('a copy', () => {
  test.each([
    ['to', 'is where the version lies already', 'the same folder', (store: string) => `${store}/../store/`],
    ['to', 'a registry is wanted', 'a version', (store: string) => `${store}2/${NAME}@champion`],
  ])('to %s is refused: %s (%s)', async (key, problem, _what, place) => {
    const digest = await stage.register('m1');
    const [store] = (await stage.registry.resolve(digest))!.uri.split(`/${NAME}@`);
    const copy = stage.act({ operation: 'copy', from: `${store}/${NAME}@${digest}`, to: place(store!) });
    await expect(copy).rejects.toThrow(problem);
    await expect(copy).rejects.toMatchObject({ where: { key } });
  });
});
