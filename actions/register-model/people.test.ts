import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';

/** What people said of a version, and what a record may claim of an alias. */

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

const reject = (digest: string) =>
  stage.act({ operation: 'approve', model: `${NAME}@${digest}`, approval: 'rejected', reason: 'leaks' });
const rollback = () => stage.act({ operation: 'rollback', model: `${NAME}@champion` });

test('a rollback passes over what people rejected, and says so', async () => {
  const a = await stage.register('a', { aliases: 'champion' });
  const b = await stage.register('b', { aliases: 'champion' });
  const c = await stage.register('c', { aliases: 'champion' });
  await reject(b);
  const { record } = await rollback();
  expect(record.reason).toBe(`Moved champion back from ${c}. Passed over, since people rejected it: ${b}.`);
  expect(record.aliasMoves).toEqual([{ alias: 'champion', from: c, to: a }]);
  expect((await stage.registry.resolve('champion'))?.digest).toBe(a);
});

test('a rollback to nothing but rejected versions is refused with their names', async () => {
  const a = await stage.register('a', { aliases: 'champion' });
  const b = await stage.register('b', { aliases: 'champion' });
  await reject(a);
  await expect(rollback()).rejects.toThrow(`People rejected every version that the alias champion`);
  await expect(rollback()).rejects.toThrow(a);
  expect((await stage.registry.resolve('champion'))?.digest).toBe(b);
});

test.each(['pending', 'rejected'])('a first registration as %s takes no alias', async (approval) => {
  const { path, digest } = await stage.makeModel('m1');
  await stage.evaluate(digest, 'pass');
  await expect(stage.act({ model: path, approval, aliases: 'champion' })).rejects.toThrow(
    `The alias champion cannot move to a version with approval: ${approval}.`,
  );
  expect(await stage.registry.resolve(digest)).toBeUndefined();
});

test('verify, prune and rollback show how the store says that a version stands', async () => {
  const keys = await stage.writeKeys('ours');
  const a = await stage.register('a', { aliases: 'champion', 'signing-key': keys.privateKey });
  // As in the store's own pages: no record of this action tells of it.
  await stage.registry.setStanding(a, { approval: 'pending', stage: 'shadow' });
  const shown = { approval: 'pending', stage: 'shadow' };
  const verify = { operation: 'verify', model: `${NAME}@${a}`, 'verification-key': keys.publicKey };
  expect((await stage.act(verify)).record).toMatchObject(shown);
  expect((await stage.act({ operation: 'prune', keep: '3' })).record).toMatchObject(shown);
  await stage.register('b', { aliases: 'champion' });
  expect((await rollback()).record).toMatchObject(shown);
});

test.each(['promote', 'rollback', 'copy'])(
  'the record that %s keeps in the registry claims no move that did not happen',
  async (operation) => {
    const a = await stage.register('a', operation === 'rollback' ? { aliases: 'champion' } : {});
    if (operation === 'rollback') await stage.register('b', { aliases: 'champion' });
    const other = `oci-layout:${join(stage.folder, 'other')}`;
    const inputs: Record<string, Record<string, string>> = {
      promote: { operation, model: `${NAME}@${a}`, aliases: 'champion' },
      rollback: { operation, model: `${NAME}@champion` },
      copy: { operation, from: `${stage.registryText}/${NAME}@${a}`, to: other, aliases: 'champion' },
    };
    const given = inputs[operation]!;
    const claimed = async () =>
      (
        await readAttachedRecord(
          operation === 'copy' ? await stage.open(other) : stage.registry,
          a,
          'ModelVersion',
        )
      )?.operation;
    const move = vi
      .spyOn(Object.getPrototypeOf(stage.registry), 'moveAlias')
      .mockRejectedValueOnce(new Error('another job was faster'));
    await expect(stage.act(given)).rejects.toThrow('another job was faster');
    move.mockRestore();
    expect(await claimed()).toBe('register');
    await stage.act(given);
    expect(await claimed()).toBe(operation);
  },
);

test('a promotion that ended before its record is mended by running it again', async () => {
  const a = await stage.register('a');
  const promote = {
    operation: 'promote',
    model: `${NAME}@${a}`,
    aliases: 'champion',
    reason: 'asked by ops',
  };
  const attach = vi
    .spyOn(Object.getPrototypeOf(stage.registry), 'attach')
    .mockImplementation(async (...words: unknown[]) => {
      if (words[1] === 'ModelVersion') throw new Error('killed');
    });
  await expect(stage.act(promote)).rejects.toThrow('killed');
  attach.mockRestore();
  expect((await stage.registry.resolve('champion'))?.digest).toBe(a);
  expect((await stage.act(promote)).record.reason).toBe(
    'Is champion already: its Evaluation passed. Reason given: asked by ops',
  );
  expect((await readAttachedRecord(stage.registry, a, 'ModelVersion'))?.operation).toBe('promote');
});

test('a reason to let a version through is kept where nobody had judged it', async () => {
  const { path } = await stage.makeModel('m1');
  const { record } = await stage.act({ model: path, 'override-reason': 'first of its kind' });
  expect(record).toMatchObject({ gate: 'ungated', overrideReason: 'first of its kind' });
});
